import { version } from '../../package.json';
import { parseConfig } from './config/parse.ts';
import type { NexusConfig } from './config/types.ts';
import { fromUnknown } from './errors/from-unknown.ts';
import { NexusError } from './errors/nexus-error.ts';
import type { Exchange } from './exchange/exchange.ts';
import type { Principal } from './exchange/principal.ts';
import { openRecord, type RequestRecord } from './exchange/record.ts';
import { isByteStream, type Reply } from './exchange/reply.ts';
import { RecordBus, type RecordSink } from './exchange/sink.ts';
import type { Endpoint, EndpointContext, ErrorDialect } from './http/endpoint.ts';
import { type Fetch, FetchTransport } from './http/fetch-transport.ts';
import { healthEndpoint } from './http/health.ts';
import { empty, json } from './http/respond.ts';
import { type Match, Router } from './http/router.ts';
import type { Transport } from './http/transport.ts';
import { toResponse, WebExchange, type WebHostFacts } from './http/web.ts';
import { LlmPlane } from './llm/plane.ts';
import { openaiChat } from './llm/protocols/openai-chat/index.ts';
import type { ProviderDefinition } from './llm/providers/definition.ts';
import type { Explanation } from './llm/routing/explain.ts';
import { McpPlane, type NexusMcp } from './mcp/plane.ts';
import type { UpstreamOptions } from './mcp/upstream/open.ts';
import { type ClientAddress, clientAddress } from './policy/address/client-address.ts';
import { trustedPeers } from './policy/address/trusted-peers.ts';
import { metadataEndpoint } from './policy/auth/protected-resource.ts';
import { ResourceServer } from './policy/auth/resource-server.ts';
import { type WellKnown, wellKnown } from './policy/auth/well-known.ts';
import { BrowserRules } from './policy/browser/browser-rules.ts';
import { createGate, type Gate } from './policy/gate.ts';
import { CallerIdentity, type HostIdentity } from './policy/identity/caller-identity.ts';
import { stampHeaders } from './policy/limits/limit-headers.ts';
import { createLimits, type Limits } from './policy/limits/limits.ts';
import { consoleLogger, type Logger } from './runtime/logger.ts';
import { type Runtime, systemRuntime } from './runtime/runtime.ts';

/** What is code and not configuration. */
export interface NexusOptions {
  /** Reaches the upstreams instead of the built-in connection pool: another runtime's client, a test's. */
  fetch?: Fetch;
  /** Default: warnings and errors to the console. */
  logger?: Logger;
  /** Vendors of your own, made with `defineProvider`; the configuration names them by their kind. */
  providers?: readonly ProviderDefinition[];
  /** Each is called with every sealed record, after the request. */
  sinks?: readonly RecordSink[];
  /** Functions of the application as MCP tools, by name; clients see them as those of a server `local`. */
  tools?: UpstreamOptions['tools'];
  /** MCP servers of the application (`McpServer` of either SDK line, or functions that make one), by name. */
  mcpServers?: UpstreamOptions['mcpServers'];
  /**
   * Says who calls, once per request. A caller it names needs no token and no header; undefined is nobody it knows, who
   * then has to show what the configuration asks for. What it throws is answered with a masked 500.
   */
  identify?: Identify;
  /** Clock and ids; for tests. */
  runtime?: Partial<Runtime>;
}

/** The caller as the application knows it. */
export interface Identity {
  readonly id: string;
  readonly group?: string | undefined;
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
  /** A verified bearer token, for MCP servers that are configured to get the caller's own. */
  readonly token?: string | undefined;
}

/** `raw` is the host's own request object: Express `req`, Koa `ctx`, Node `IncomingMessage`, Next and Web `Request`. */
export type Identify = (exchange: Exchange, raw: unknown) => Identity | undefined | Promise<Identity | undefined>;

/** What `fetch` takes; a host that mounts it says what it knows of the request in `host`. */
export interface HostedRequestInit extends RequestInit {
  /** Default: mounted at the root, nothing known of the connection, `raw` is the `Request`. */
  host?: WebHostFacts;
}

/** A path Nexus serves, relative to its mount. */
export interface EndpointInfo {
  readonly name: string;
  readonly method: string;
  readonly paths: readonly string[];
}

/** A running router. */
export interface Nexus extends AsyncDisposable {
  /**
   * Answers a request; the signature of the global `fetch`, so that any SDK can be given it. Paths count from the root:
   * `http://nexus/llm/v1/chat/completions`, or from `init.host.mountPath`. Rejects only as `fetch` does, when the request
   * is aborted.
   */
  fetch(input: string | URL | Request, init?: HostedRequestInit): Promise<Response>;
  /**
   * Resolves when everything that loads on first use has been loaded, and begins to ask the providers for their models.
   * Calling it is optional. Rejects with `upstream_unavailable` where discovery of models is required and fails.
   */
  ready(): Promise<void>;
  /**
   * Stops taking requests (503), lets those in flight finish for up to `drain` milliseconds (default 0), ends the rest
   * with an error in their dialect, and closes every connection. Safe to call twice.
   */
  close(options?: { drain?: number }): Promise<void>;
  /**
   * Where a request would go, given as to `fetch`: the targets of its route in the order they would be tried, and why the
   * others would not. Calls nobody, counts nothing, and asks nobody who calls. Rejects with what would be answered to a
   * request that no target can take.
   */
  explain(input: string | URL | Request, init?: RequestInit): Promise<Explanation>;
  readonly endpoints: readonly EndpointInfo[];
  /** Configured models as clients name them. */
  readonly models: readonly string[];
  /** The tools of all MCP servers for code of this process. */
  readonly mcp: NexusMcp;
  /** For hosts that mount Nexus under a prefix: the documents OAuth clients look for at the root. */
  readonly wellKnown: WellKnown;
  /** For hosts: whether a path (below the mount, without query) is ours. All others are the host's own. */
  owns(path: string): boolean;
  /** For hosts: answers an exchange. Never rejects. */
  handle(exchange: Exchange): Promise<Reply>;
}

const REQUEST_ID = /^[\w.:-]{1,128}$/;
const DRAIN_LOOK_MS = 20;

/**
 * Makes a router from a configuration (keys in camelCase or snake_case). Throws `config_invalid`, which lists every
 * problem, and starts nothing that would have to be stopped before the first request.
 */
export function createNexus(config: NexusConfig, options: NexusOptions = {}): Nexus {
  return new NexusInstance(config, options);
}

/** Recognises an instance of either copy of the package, ESM or CJS. */
export function isNexus(value: unknown): value is Nexus {
  return typeof value === 'object' && value !== null && BRAND in value;
}

const BRAND = Symbol.for('nexus-ai.instance');

class NexusInstance implements Nexus {
  readonly [BRAND] = true;
  readonly endpoints: readonly EndpointInfo[];
  readonly models: readonly string[];
  readonly mcp: NexusMcp;
  readonly wellKnown: WellKnown;
  readonly #logger: Logger;
  readonly #runtime: Runtime;
  readonly #router: Router;
  readonly #llm: LlmPlane;
  readonly #mcp: McpPlane;
  readonly #tokens: ResourceServer | undefined;
  readonly #gate: Gate | undefined;
  readonly #browser: BrowserRules | undefined;
  readonly #addressOf: ClientAddress;
  readonly #records: RecordBus;
  readonly #limits: Limits | undefined;
  #closing: Promise<void> | undefined;

  constructor(input: NexusConfig, options: NexusOptions) {
    const definitions = options.providers ?? [];
    const { config, warnings } = parseConfig(input, {
      kinds: definitions,
      mcpInCode: hasMembers(options.tools) || hasMembers(options.mcpServers),
      identifies: options.identify !== undefined,
    });
    this.#logger = options.logger ?? consoleLogger;
    this.#runtime = { ...systemRuntime, ...options.runtime };
    for (const warning of warnings) this.#logger.warn(warning);
    const { fetch } = options;
    this.#limits = createLimits(config, { runtime: this.#runtime, logger: this.#logger });
    this.#llm = new LlmPlane(config, {
      runtime: this.#runtime,
      logger: this.#logger,
      definitions,
      tokenLimits: this.#limits?.tokens,
      openTransport: fetch === undefined ? openPool : async () => new FetchTransport(fetch),
    });
    this.#mcp = new McpPlane(config.mcp, {
      runtime: this.#runtime,
      logger: this.#logger,
      version,
      maxBody: config.server.maxBody,
      tools: options.tools,
      mcpServers: options.mcpServers,
      limits: this.#limits?.tools,
      fetch: fetch === undefined ? undefined : (url, init = {}) => fetch(String(url), init),
    });
    this.mcp = this.#mcp.api;
    const { settlement } = this.#llm;
    const tokens = this.#limits?.tokens;
    this.#records = new RecordBus(
      tokens?.settles === true ? [tokens.settle, ...(options.sinks ?? [])] : (options.sinks ?? []),
      (error) => this.#logger.error('A record sink failed; its further failures are only counted', { error }),
      (record, evidence) => settlement.settle(record, evidence),
    );
    const { cors, csrfHeader, health, identification, oauth } = config.server;
    const prefixes = [...this.#llm.prefixes, ...this.#mcp.prefixes];
    const endpoints: readonly Endpoint[] = [
      ...this.#llm.endpoints,
      ...this.#mcp.endpoints,
      ...(oauth === undefined ? [] : [metadataEndpoint(oauth, prefixes, openaiChat)]),
      ...(health.enabled ? [healthEndpoint(health.path, openaiChat, () => this.#limits?.state)] : []),
    ];
    this.#router = new Router(endpoints, prefixes);
    this.wellKnown = wellKnown(oauth, prefixes);
    const trusted = trustedPeers(config.server.trustedProxies);
    this.#addressOf = clientAddress(config.server.clientIp, trusted);
    const tokenOptions = { runtime: this.#runtime, logger: this.#logger, fetch: fetch ?? globalThis.fetch };
    this.#tokens = oauth && new ResourceServer(oauth, tokenOptions);
    const host = options.identify && hostIdentity(options.identify);
    const identifies = host !== undefined || oauth !== undefined || identification !== undefined;
    this.#gate = createGate({
      identity: identifies ? new CallerIdentity({ host, tokens: this.#tokens, identification, trusted }) : undefined,
      requests: this.#limits?.requests,
    });
    const meetsBrowsers = cors !== undefined || csrfHeader !== undefined || oauth !== undefined;
    this.#browser = meetsBrowsers ? new BrowserRules(config.server) : undefined;
    this.endpoints = endpoints.map(({ name, method, paths }) => ({ name, method, paths }));
    this.models = this.#llm.models;
    this.fetch = this.fetch.bind(this);
  }

  async fetch(input: string | URL | Request, init?: HostedRequestInit): Promise<Response> {
    const { host, ...rest } = init ?? {};
    // A host's request is taken as it is: a copy would lose what the host has made of it.
    const own = input instanceof Request && (init === undefined || (host !== undefined && !hasMembers(rest)));
    const request = own ? input : new Request(input, rest);
    const reply = await this.handle(new WebExchange(request, host));
    if (request.signal.aborted) throw request.signal.reason;
    return toResponse(reply, request.signal);
  }

  async explain(input: string | URL | Request, init?: RequestInit): Promise<Explanation> {
    const exchange = new WebExchange(new Request(input, init));
    const match = this.#router.match(exchange.method, exchange.path);
    if (match.kind !== 'endpoint') throw new NexusError('no_route', 'There is nothing at this path');
    const record = openRecord(this.#runtime.id(), this.#runtime.now(), match.endpoint.name, undefined);
    const context = { record, principal: undefined, evidence: undefined, explain: true, seal: () => undefined };
    const reply = await match.endpoint.handle(exchange, context);
    if (reply.headers[0] !== 'x-nexus-explain')
      throw new NexusError('no_route', 'Requests to this path have no target');
    return JSON.parse(String(reply.body));
  }

  owns(path: string): boolean {
    return this.#router.owns(path);
  }

  handle(exchange: Exchange): Promise<Reply> {
    const given = exchange.header('x-nexus-request-id');
    const id = given !== undefined && REQUEST_ID.test(given) ? given : this.#runtime.id();
    const match = this.#router.match(exchange.method, exchange.path);
    let reply = isOpenToPages(match) ? undefined : this.#browser?.refuse(exchange);
    if (reply === undefined) {
      if (match.kind === 'endpoint') return this.#serve(match.endpoint, exchange, id);
      reply = refuseMatch(match, exchange, id);
    }
    this.#browser?.stamp(exchange, reply.headers, isOpenToPages(match));
    reply.headers.push('x-nexus-request-id', id);
    return Promise.resolve(reply);
  }

  async ready(): Promise<void> {
    await Promise.all([this.#llm.open(), this.#mcp.open(), this.#limits?.open()]);
    if (this.#records.hasSinks) await this.#llm.settlement.open();
  }

  close(options: { drain?: number } = {}): Promise<void> {
    this.#closing ??= this.#shutDown(options.drain ?? 0);
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #serve(endpoint: Endpoint, exchange: Exchange, id: string): Promise<Reply> {
    const begun = this.#runtime.elapsed();
    const record = openRecord(id, this.#runtime.now(), endpoint.name, this.#addressOf(exchange));
    const seal = (): void => {
      record.durationMs = this.#runtime.elapsed() - begun;
      this.#records.publish(record, context.evidence);
    };
    const context: EndpointContext = { record, principal: undefined, evidence: undefined, seal };
    let reply: Reply;
    try {
      if (this.#closing !== undefined) throw new NexusError('shutting_down', 'The gateway is shutting down');
      const entered = endpoint.anonymous === true ? undefined : this.#gate?.(exchange, endpoint, context);
      const told = entered instanceof Promise ? await entered : entered;
      reply = await endpoint.handle(exchange, context);
      if (told !== undefined) stampHeaders(reply.headers, told);
    } catch (thrown) {
      reply = this.#renderFailure(thrown, endpoint.dialect, record);
    }
    this.#browser?.stamp(exchange, reply.headers, endpoint.openToPages);
    reply.headers.push('x-nexus-request-id', id);
    if (!isByteStream(reply.body)) {
      record.status = reply.status;
      seal();
    }
    return reply;
  }

  #renderFailure(thrown: unknown, dialect: ErrorDialect, record: RequestRecord): Reply {
    const error = fromUnknown(thrown);
    record.error = error.code;
    if (error.code === 'internal') {
      this.#logger.error('A request failed unexpectedly', { requestId: record.id, error: error.cause });
    }
    return refuse(error, dialect, record.id);
  }

  async #shutDown(drain: number): Promise<void> {
    const until = this.#runtime.elapsed() + drain;
    while (this.#llm.inFlight + this.#mcp.inFlight > 0 && this.#runtime.elapsed() < until) {
      await new Promise((resolve) => setTimeout(resolve, DRAIN_LOOK_MS));
    }
    this.#tokens?.close();
    await Promise.all([this.#llm.close(), this.#mcp.close()]);
    await this.#records.flush();
    await this.#limits?.close();
  }
}

function hasMembers(record: object | undefined): boolean {
  return record !== undefined && Object.keys(record).length > 0;
}

function hostIdentity(identify: Identify): HostIdentity {
  return (exchange) => {
    const known = identify(exchange, exchange.host.raw);
    // Any kind of promise will do.
    return typeof known === 'object' && known !== null && 'then' in known
      ? Promise.resolve(known).then(toPrincipal)
      : toPrincipal(known);
  };
}

function toPrincipal(identity: Identity | null | undefined): Principal | undefined {
  if (identity === undefined || identity === null) return undefined;
  const { id, group, claims = {}, token } = identity;
  if (typeof id !== 'string' || id === '') throw new TypeError('identify returned a caller without an id');
  return { id, group, claims, token };
}

function isOpenToPages(match: Match): boolean {
  switch (match.kind) {
    case 'endpoint':
      return match.endpoint.openToPages === true;
    case 'wrong_method':
      return match.openToPages;
    default:
      return false;
  }
}

/** The answer to a path or method we do not serve. */
function refuseMatch(match: Exclude<Match, { kind: 'endpoint' }>, exchange: Exchange, id: string): Reply {
  // Browsers ask before they know whether there is anything.
  if (match.kind === 'unknown' && exchange.method === 'OPTIONS') return empty(200);
  if (match.kind !== 'wrong_method') {
    const dialect = match.kind === 'unknown' ? match.dialect : openaiChat;
    return refuse(new NexusError('no_route', 'There is nothing at this path'), dialect, id);
  }
  const { allow, dialect } = match;
  if (exchange.method === 'OPTIONS') return empty(200, ['allow', allow]);
  return refuse(
    new NexusError('method_not_allowed', `This path takes ${allow}`, { headers: ['allow', allow] }),
    dialect,
    id,
  );
}

/** An error as an answer, in a dialect. */
function refuse(error: NexusError, dialect: ErrorDialect, id: string): Reply {
  const headers = [...(error.headers ?? []), 'x-nexus-error', error.code];
  // The rest of an oversized body is not worth reading.
  if (error.code === 'payload_too_large') headers.push('connection', 'close');
  return json(error.status, error.upstreamBody ?? error.body ?? dialect.encodeError(error, id), headers);
}

async function openPool(): Promise<Transport> {
  const { UndiciTransport } = await import('./http/undici-transport.ts');
  return new UndiciTransport();
}
