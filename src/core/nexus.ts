import { version } from '../../package.json';
import { checkOptions } from './check-options.ts';
import {
  chatUrl,
  clientsAs,
  type HostedRequestInit,
  type HostRequest,
  type InProcessClients,
  openaiFor,
} from './clients/in-process.ts';
import type { NexusOpenAI, OpenAIOptions } from './clients/openai-types.ts';
import { recordedMcp } from './clients/recorded-mcp.ts';
import type { ModelId, NamedConfig } from './config/named-config.ts';
import type { NexusConfig } from './config/types.ts';
import { type EngineGround, hasMembers } from './engine-parts.ts';
import { EngineSuccession } from './engine-succession.ts';
import { NexusError } from './errors/nexus-error.ts';
import type { Exchange } from './exchange/exchange.ts';
import type { Reply } from './exchange/reply.ts';
import { type NexusEvents, RecordBus } from './exchange/sink.ts';
import { FetchTransport } from './http/fetch-transport.ts';
import type { Transport } from './http/transport.ts';
import { toResponse, WebExchange } from './http/web.ts';
import type { Identity } from './identify.ts';
import type { Explanation } from './llm/routing/explain.ts';
import type { ModelOverview } from './llm/routing/overview.ts';
import { Transports } from './llm/upstream/transports.ts';
import type { LocalName, McpApi, NexusMcp } from './mcp/plane.ts';
import type { NexusOptions } from './options.ts';
import type { WellKnown } from './policy/auth/well-known.ts';
import { Refusals } from './policy/limits/refusals.ts';
import { guarded } from './runtime/guarded-logger.ts';
import { consoleLogger } from './runtime/logger.ts';
import { systemRuntime } from './runtime/runtime.ts';
import type { NexusStatus } from './status.ts';
import { StoreErrors } from './stores/store-errors.ts';

export type { Identify, Identity } from './identify.ts';
export type { NexusOptions } from './options.ts';

/** A path Nexus serves, relative to its mount. */
export interface EndpointInfo {
  readonly name: string;
  readonly method: string;
  readonly paths: readonly string[];
}

/** A request to be explained, as the body of one for a chat completion; without `messages` it is a short greeting. */
export interface ModelQuestion<Model extends string = string> {
  readonly model: Model | (string & {});
  readonly [field: string]: unknown;
}

/**
 * A running router. Made from a configuration that is written as a literal, it knows the names in it: models and routes,
 * the application's own tools, MCP servers.
 */
export interface Nexus<Model extends string = string, Tool extends string = string, Server extends string = string>
  extends InProcessClients<Model, Tool, Server>,
    AsyncDisposable {
  /**
   * The same router for one caller: its `fetch`, its OpenAI client, its MCP tools. What they do counts for this caller, in
   * limits, access and records, and tools get it as `principal`. The caller is taken at the application's word, without a
   * token; with `{ from }` it is whom `identify` finds in a request that the host is serving. Throws a `TypeError` for a
   * caller without an id, and for `{ from }` without `identify`.
   *
   * @example
   * ```ts
   * const client = await nexus.as({ id: user.id, group: user.team }).openai();
   * ```
   */
  as(caller: Identity | HostRequest): InProcessClients<Model, Tool, Server>;
  /**
   * Resolves when what loads on first use and the configuration needs has been loaded, and begins to ask the providers
   * for their models. Calling it is optional. Rejects with `upstream_unavailable` where discovery of models is required
   * and fails.
   */
  ready(): Promise<void>;
  /**
   * Stops taking requests (503), lets those in flight finish for up to `drain` milliseconds (default 0), ends the rest
   * with an error in their dialect, and closes every connection. Safe to call twice.
   */
  close(options?: { drain?: number }): Promise<void>;
  /**
   * Where a request would go, given as to `fetch` or by its model: the targets of its route in the order they would be tried, and why the
   * others would not. Calls nobody, counts nothing, and asks nobody who calls. Rejects with what would be answered to a
   * request that no target can take.
   */
  explain(input: string | URL | Request | ModelQuestion<Model>, init?: RequestInit): Promise<Explanation>;
  /**
   * Serves another configuration from now on: new requests see it at once, and those under way end under the one they
   * began with, for up to `drain` milliseconds (default 15 minutes), after which they are ended with an error in their
   * dialect. What the change leaves alone lives on: connections, counters, what is known of targets, verified tokens,
   * MCP servers with their sessions.
   *
   * Rejects, and goes on as before, with `config_invalid`, which lists every problem, with `upstream_unavailable` where
   * discovery of models is required and fails, and with `shutting_down` after `close`. Calls take effect in their order.
   */
  reload(config: NexusConfig, options?: { drain?: number }): Promise<void>;
  /**
   * Calls the listener whenever something of this name has happened, after the request and never in its way; returns the
   * function that ends it. What a listener throws, or rejects with, is counted and reported once.
   *
   * @example
   * ```ts
   * const stop = nexus.on('request', ({ model, usage, cost }) => bill.add(model, usage, cost));
   * ```
   */
  on<Name extends keyof NexusEvents>(event: Name, listener: NexusEvents[Name]): () => void;
  /** How everything is doing at this moment, as plain data without secrets. */
  status(): NexusStatus;
  /** How many configurations there have been; 1 until the first reload. */
  readonly generation: number;
  readonly endpoints: readonly EndpointInfo[];
  /** Configured models as clients name them. */
  readonly models: readonly Model[];
  /**
   * All models and routes that clients may name, with window and price where they are known. Asks the providers for their
   * models, if that has not been done; one that does not answer within `discovery.timeout` is among the `failures`.
   */
  listModels(): Promise<ModelOverview>;
  readonly mcp: NexusMcp<Tool, Server>;
  /** For hosts that mount Nexus under a prefix: the documents OAuth clients look for at the root. */
  readonly wellKnown: WellKnown;
  /** For hosts: whether a path (below the mount, without query) is ours. All others are the host's own. */
  owns(path: string): boolean;
  /** For hosts: answers an exchange. Never rejects. */
  handle(exchange: Exchange): Promise<Reply>;
}

const GREETING = { messages: [{ role: 'user', content: 'Hello' }] };
/** Time that requests of a replaced configuration have to end, in milliseconds; longer than any deadline by default. */
const RELOAD_DRAIN = 15 * 60_000;

/**
 * Makes a router from a configuration (keys in camelCase or snake_case). Throws `config_invalid`, which lists every
 * problem of it or of the options, and starts nothing that would have to be stopped before the first request.
 */
export function createNexus<
  Providers,
  Route extends string = never,
  Server extends string = never,
  Tool extends string = never,
  Local extends string = never,
>(
  config: NamedConfig<Providers, Route, Server>,
  options?: NexusOptions<Tool, Local>,
): Nexus<ModelId<Providers> | Route, LocalName<Tool>, Server | Local>;
export function createNexus(config: NexusConfig, options: NexusOptions = {}): Nexus {
  checkOptions(options);
  return new NexusInstance(config, options);
}

/** Recognises an instance of either copy of the package, ESM or CJS. */
export function isNexus(value: unknown): value is Nexus {
  return typeof value === 'object' && value !== null && BRAND in value;
}

const BRAND = Symbol.for('nexus-ai.instance');

class NexusInstance implements Nexus {
  readonly [BRAND] = true;
  readonly mcp: McpApi = recordedMcp(
    () => this.#engines.current.mcp.api,
    (principal) => this.#engines.current.recordCall('mcp', principal),
  );
  readonly wellKnown: WellKnown = {
    owns: (path) => this.#engines.current.wellKnown.owns(path),
    handle: (exchange) => this.#engines.current.wellKnown.handle(exchange),
    fetch: (request) => this.#engines.current.wellKnown.fetch(request),
  };
  readonly #ground: EngineGround;
  readonly #engines: EngineSuccession;
  readonly #startedAt: number;
  readonly #begunAt: number;

  constructor(input: NexusConfig, options: NexusOptions) {
    const { fetch, sinks = [] } = options;
    const logger = guarded(options.logger ?? consoleLogger);
    this.#ground = {
      options,
      logger,
      runtime: { ...systemRuntime, ...options.runtime },
      records: new RecordBus(sinks, (error, sink) =>
        logger.error('A record sink failed; its further failures are only counted', { sink, error }),
      ),
      transports: new Transports(fetch === undefined ? openPool : async () => new FetchTransport(fetch)),
      refusals: new Refusals(),
      storeErrors: new StoreErrors(),
      status: () => this.status(),
      unready: () => this.#engines.unready(),
    };
    this.#engines = new EngineSuccession(input, this.#ground);
    this.#startedAt = this.#ground.runtime.now();
    this.#begunAt = this.#ground.runtime.elapsed();
    this.fetch = this.fetch.bind(this);
  }

  get endpoints(): readonly EndpointInfo[] {
    return this.#engines.current.endpoints.map(({ name, method, paths }) => ({ name, method, paths }));
  }

  get models(): readonly string[] {
    return this.#engines.current.llm.models;
  }

  get generation(): number {
    return this.#engines.generation;
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

  openai(options?: OpenAIOptions): Promise<NexusOpenAI> {
    return openaiFor(this, this.fetch, options);
  }

  as(caller: Identity | HostRequest): InProcessClients {
    return clientsAs(this, caller, this.#ground.options.identify);
  }

  async explain(input: string | URL | Request | ModelQuestion, init?: RequestInit): Promise<Explanation> {
    const isRequest = typeof input === 'string' || input instanceof URL || input instanceof Request;
    const request = isRequest ? new Request(input, init) : questionRequest(chatUrl(this), input, init);
    return this.#engines.current.explain(new WebExchange(request));
  }

  listModels(): Promise<ModelOverview> {
    return this.#engines.current.llm.overview();
  }

  owns(path: string): boolean {
    return this.#engines.current.router.owns(path);
  }

  handle(exchange: Exchange): Promise<Reply> {
    return this.#engines.current.handle(exchange);
  }

  on<Name extends keyof NexusEvents>(event: Name, listener: NexusEvents[Name]): () => void {
    // Who writes JavaScript should learn of a misspelt name now, not never.
    if (event !== 'request') throw new NexusError('config_invalid', `There is no event '${event}'; there is 'request'`);
    return this.#ground.records.subscribe(`on('request')`, listener);
  }

  status(): NexusStatus {
    const { records, runtime, storeErrors } = this.#ground;
    const engine = this.#engines.current;
    return {
      version,
      startedAt: new Date(this.#startedAt).toISOString(),
      uptimeSeconds: Math.floor((runtime.elapsed() - this.#begunAt) / 1000),
      generation: this.#engines.generation,
      state: this.#engines.state,
      llm: engine.llm.status(),
      mcp: engine.mcp.status(),
      limits: engine.limitsStatus(this.#ground),
      storeErrors: { ...storeErrors },
      records: {
        queued: records.queued,
        dropped: records.dropped,
        failed: records.failures,
        sinks: [...(engine.watchers ?? []), ...records.sinks].map(({ name, failures }) => ({ name, failures })),
      },
      exporters: engine.exports.map(({ signal, state, failures }) => ({ signal, state, failures })),
    };
  }

  ready(): Promise<void> {
    return this.#engines.open();
  }

  reload(config: NexusConfig, options: { drain?: number } = {}): Promise<void> {
    return this.#engines.reload(config, options.drain ?? RELOAD_DRAIN);
  }

  close(options: { drain?: number } = {}): Promise<void> {
    return this.#engines.close(options.drain ?? 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function questionRequest(url: string, question: ModelQuestion, init?: RequestInit): Request {
  const request = new Request(url, { ...init, method: 'POST', body: JSON.stringify({ ...GREETING, ...question }) });
  request.headers.set('content-type', 'application/json');
  return request;
}

async function openPool(): Promise<Transport> {
  const { HttpTransport } = await import('./http/client/http-transport.ts');
  return new HttpTransport();
}
