import type { ParsedMcp } from '../../config/resolve-mcp.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { Principal } from '../../exchange/principal.ts';
import type { RecordCall } from '../../exchange/recorded-call.ts';
import type { Reply } from '../../exchange/reply.ts';
import type { EndpointContext } from '../../http/endpoint.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { AccessRules } from '../catalogue/access.ts';
import { Aggregate } from '../catalogue/aggregate.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { AggregateSurface } from './aggregate-surface.ts';
import { Door } from './door.ts';
import { LegacyServer } from './legacy-server.ts';
import { LinkedTransport, type McpClientTransport } from './linked-transport.ts';
import { ModernServer } from './modern-server.ts';
import { ObservedSurface } from './observed-surface.ts';
import { Pulse } from './pulse.ts';
import { StateSeal } from './request-state.ts';
import { SingleSurface } from './single-surface.ts';
import type { Surface } from './surface.ts';
import { type CreateRanking, ToolSearch } from './tool-search.ts';

export interface GatewayOptions {
  readonly logger: Logger;
  readonly runtime: Runtime;
  /** Version of the product, told to clients. */
  readonly version: string;
  /** Bytes of a request body. */
  readonly maxBody: number;
  readonly createRanking: CreateRanking;
}

/** Who connects from inside this process. */
export interface LinkAsker {
  readonly principal?: Principal | undefined;
  /** Opens the records of the connection's requests; absent: they have none. */
  readonly recordCall?: RecordCall | undefined;
}

/** Everything behind the MCP endpoint: the servers, what each URL offers of them, and both eras that clients speak. */
export class McpGateway {
  readonly aggregate: Aggregate;
  readonly search: ToolSearch;
  readonly #options: GatewayOptions;
  readonly #upstreams: readonly Upstream[];
  readonly #whole: Surface;
  readonly #singles = new Map<string, Surface>();
  readonly #path: string;
  readonly #modern: ModernServer;
  readonly #legacy: LegacyServer;
  readonly #door: Door;
  readonly #links = new Set<LinkedTransport>();

  constructor(config: ParsedMcp, upstreams: readonly Upstream[], options: GatewayOptions) {
    const { logger, runtime, version } = options;
    this.#options = options;
    this.#upstreams = upstreams;
    this.#path = config.path;
    this.aggregate = new Aggregate(upstreams, {
      access: new AccessRules(Object.entries(config.servers), { groupless: config.groupless }),
      namespace: config.namespace,
      elapsed: runtime.elapsed,
      onCollision: (kind, name, kept, hidden) =>
        logger.error(`Two MCP servers offer a ${kind} of the same name; only the first one's is offered`, {
          name,
          kept,
          hidden,
        }),
    });
    this.search = new ToolSearch(options.createRanking);
    const observed = (surface: Surface): Surface => new ObservedSurface(surface, runtime.elapsed);
    const whole = new AggregateSurface(this.aggregate, {
      tools: config.tools,
      structuredContent: config.enableStructuredContent,
      name: config.name,
      version,
      search: this.search,
    });
    this.#whole = observed(whole);
    for (const upstream of upstreams) {
      this.#singles.set(upstream.name, observed(new SingleSurface(upstream, this.aggregate, version)));
    }
    const shared = { pulse: new Pulse(), onUnforeseen: this.reportUnforeseen };
    this.#modern = new ModernServer({ ...shared, seal: new StateSeal(runtime.now, config.stateSecret?.reveal()) });
    this.#legacy = new LegacyServer({ ...shared, elapsed: runtime.elapsed, jsonResponse: config.jsonResponse });
    this.#door = new Door({
      modern: this.#modern,
      legacy: this.#legacy,
      origins: { hosts: config.allowedHosts, origins: config.allowedOrigins },
      maxBody: options.maxBody,
      surface: (path, principal) => this.#surface(path, principal),
    });
  }

  readonly reportUnforeseen = (error: unknown): void => {
    this.#options.logger.error('An MCP request failed unexpectedly', { error });
  };

  /** Calls that run. */
  get inFlight(): number {
    return this.#modern.inFlight + this.#legacy.inFlight;
  }

  handle(exchange: Exchange, context: EndpointContext): Promise<Reply> {
    return this.#door.handle(exchange, context);
  }

  /** A connection inside this process, to all servers or to one of them. */
  link(server: string | undefined, { principal, recordCall }: LinkAsker): McpClientTransport {
    const transport: LinkedTransport = new LinkedTransport({
      surface: server === undefined ? this.#whole : this.#single(server, principal),
      principal,
      recordCall,
      onUnforeseen: this.reportUnforeseen,
      onClose: () => this.#links.delete(transport),
    });
    this.#links.add(transport);
    return transport;
  }

  async close(): Promise<void> {
    for (const link of [...this.#links]) await link.close();
    this.#modern.close();
    this.#legacy.close();
    this.aggregate.close();
    await Promise.all(this.#upstreams.map((upstream) => upstream.close()));
  }

  #surface(path: string, principal: Principal | undefined): Surface | undefined {
    if (path === this.#path) return this.#whole;
    const rest = path.slice(this.#path.length + 1);
    let name: string;
    try {
      name = decodeURIComponent(rest.endsWith('/') ? rest.slice(0, -1) : rest);
    } catch {
      return undefined;
    }
    return name === '' ? this.#whole : this.#single(name, principal);
  }

  #single(name: string, principal: Principal | undefined): Surface | undefined {
    return this.aggregate.access.reaches(name, principal) ? this.#singles.get(name) : undefined;
  }
}
