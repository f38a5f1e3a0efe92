import { version } from '../../package.json';
import {
  chatUrl,
  clientsAs,
  type HostedRequestInit,
  type HostRequest,
  type InProcessClients,
  openaiFor,
} from './clients/in-process.ts';
import type { NexusOpenAI, OpenAIOptions } from './clients/openai-types.ts';
import type { ModelId, NamedConfig } from './config/named-config.ts';
import type { NexusConfig } from './config/types.ts';
import { Engine } from './engine.ts';
import { type EngineGround, hasMembers, judge } from './engine-parts.ts';
import { NexusError } from './errors/nexus-error.ts';
import type { Exchange } from './exchange/exchange.ts';
import type { Reply } from './exchange/reply.ts';
import { type NexusEvents, RecordBus } from './exchange/sink.ts';
import { FetchTransport } from './http/fetch-transport.ts';
import type { Unready } from './http/health.ts';
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
/** How often is looked whether requests have ended, in milliseconds. */
const DRAIN_LOOK = 20;
/** Time that requests of a replaced configuration have to end, in milliseconds; longer than any deadline by default. */
const RELOAD_DRAIN = 15 * 60_000;

/**
 * Makes a router from a configuration (keys in camelCase or snake_case). Throws `config_invalid`, which lists every
 * problem, and starts nothing that would have to be stopped before the first request.
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
  return new NexusInstance(config, options);
}

/** Recognises an instance of either copy of the package, ESM or CJS. */
export function isNexus(value: unknown): value is Nexus {
  return typeof value === 'object' && value !== null && BRAND in value;
}

const BRAND = Symbol.for('nexus-ai.instance');

class NexusInstance implements Nexus {
  readonly [BRAND] = true;
  readonly mcp: McpApi = {
    listTools: (options) => this.#engine.mcp.api.listTools(options),
    search: (query, options) => this.#engine.mcp.api.search(query, options),
    execute: (name, args, options) => this.#engine.mcp.api.execute(name, args, options),
    client: (options) => this.#engine.mcp.api.client(options),
    servers: () => this.#engine.mcp.api.servers(),
  };
  readonly wellKnown: WellKnown = {
    owns: (path) => this.#engine.wellKnown.owns(path),
    handle: (exchange) => this.#engine.wellKnown.handle(exchange),
    fetch: (request) => this.#engine.wellKnown.fetch(request),
  };
  readonly #ground: EngineGround;
  readonly #transports: Transports;
  #engine: Engine;
  /** The current one, one that is about to be, and earlier ones that still have requests. */
  #engines: readonly Engine[];
  readonly #startedAt: number;
  readonly #begunAt: number;
  #generation = 1;
  #isOpen = false;
  #opening: Promise<void> | undefined;
  #reloading: Promise<unknown> = Promise.resolve();
  /** Engines that are being closed. */
  #endings: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(input: NexusConfig, options: NexusOptions) {
    const { fetch, sinks = [] } = options;
    const logger = guarded(options.logger ?? consoleLogger);
    this.#transports = new Transports(fetch === undefined ? openPool : async () => new FetchTransport(fetch));
    this.#ground = {
      options,
      logger,
      runtime: { ...systemRuntime, ...options.runtime },
      records: new RecordBus(sinks, (error, sink) =>
        logger.error('A record sink failed; its further failures are only counted', { sink, error }),
      ),
      transports: this.#transports,
      refusals: new Refusals(),
      status: () => this.status(),
      unready: () => this.#unready(),
    };
    this.#engine = this.#build(input);
    this.#engines = [this.#engine];
    this.#startedAt = this.#ground.runtime.now();
    this.#begunAt = this.#ground.runtime.elapsed();
    this.fetch = this.fetch.bind(this);
  }

  get endpoints(): readonly EndpointInfo[] {
    return this.#engine.endpoints.map(({ name, method, paths }) => ({ name, method, paths }));
  }

  get models(): readonly string[] {
    return this.#engine.llm.models;
  }

  get generation(): number {
    return this.#generation;
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
    return this.#engine.explain(new WebExchange(request));
  }

  listModels(): Promise<ModelOverview> {
    return this.#engine.llm.overview();
  }

  owns(path: string): boolean {
    return this.#engine.router.owns(path);
  }

  handle(exchange: Exchange): Promise<Reply> {
    return this.#engine.handle(exchange);
  }

  on<Name extends keyof NexusEvents>(event: Name, listener: NexusEvents[Name]): () => void {
    // Who writes JavaScript should learn of a misspelt name now, not never.
    if (event !== 'request') throw new NexusError('config_invalid', `There is no event '${event}'; there is 'request'`);
    return this.#ground.records.subscribe(`on('request')`, listener);
  }

  status(): NexusStatus {
    const { records, runtime } = this.#ground;
    const engine = this.#engine;
    return {
      version,
      startedAt: new Date(this.#startedAt).toISOString(),
      uptimeSeconds: Math.floor((runtime.elapsed() - this.#begunAt) / 1000),
      generation: this.#generation,
      state: this.#closing !== undefined ? 'draining' : this.#isOpen ? 'ready' : 'starting',
      llm: engine.llm.status(),
      mcp: engine.mcp.status(),
      limits: engine.limitsStatus(this.#ground),
      records: {
        queued: records.queued,
        dropped: records.dropped,
        failed: records.failures,
        sinks: [...(engine.watchers ?? []), ...records.sinks].map(({ name, failures }) => ({ name, failures })),
      },
      exporters: engine.exports.map(({ signal, state, failures }) => ({ signal, state, failures })),
    };
  }

  async ready(): Promise<void> {
    await this.#engine.open();
    this.#isOpen = true;
  }

  reload(config: NexusConfig, options: { drain?: number } = {}): Promise<void> {
    const reloaded = this.#reloading.then(() => this.#reload(config, options.drain ?? RELOAD_DRAIN));
    this.#reloading = reloaded.catch(() => undefined);
    return reloaded;
  }

  close(options: { drain?: number } = {}): Promise<void> {
    this.#closing ??= this.#shutDown(options.drain ?? 0);
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #build(input: NexusConfig, earlier?: Engine): Engine {
    const { config, warnings } = judge(input, this.#ground);
    const engine = new Engine(config, this.#ground, earlier);
    for (const warning of warnings) this.#ground.logger.warn(warning);
    return engine;
  }

  async #reload(config: NexusConfig, drain: number): Promise<void> {
    this.#refuseWhenClosing();
    const earlier = this.#engine;
    const next = this.#build(config, earlier);
    this.#engines = [...this.#engines, next];
    try {
      await next.open();
      this.#refuseWhenClosing();
    } catch (error) {
      await this.#end(next);
      throw error;
    }
    this.#engine = next;
    this.#isOpen = true;
    this.#generation++;
    this.#retire(earlier, drain).catch((error: unknown) => {
      this.#ground.logger.error('What an earlier configuration held open could not be closed', { error });
    });
  }

  #refuseWhenClosing(): void {
    if (this.#closing !== undefined) throw new NexusError('shutting_down', 'The gateway is shutting down');
  }

  /** Lets an engine finish its requests, and ends it. Keeps no process alive. */
  async #retire(engine: Engine, drain: number): Promise<void> {
    await this.#idle([engine], drain, (timer) => timer.unref?.());
    await this.#end(engine);
  }

  async #end(engine: Engine): Promise<void> {
    if (!this.#engines.includes(engine)) return;
    this.#engines = this.#engines.filter((other) => other !== engine);
    const ending = engine.close(this.#engines);
    this.#endings = Promise.allSettled([this.#endings, ending]);
    await ending;
    await this.#transports.keep(new Set(this.#engines.flatMap(({ llm }) => [...llm.providers.values()])));
  }

  /** Resolves when none of the engines has a request left, or `drain` milliseconds have passed. */
  async #idle(
    engines: readonly Engine[],
    drain: number,
    onTimer: (timer: ReturnType<typeof setTimeout>) => void = () => undefined,
  ): Promise<void> {
    const { runtime } = this.#ground;
    const until = runtime.elapsed() + drain;
    const isBusy = (engine: Engine) =>
      this.#engines.includes(engine) && engine.pending(this.#engines.filter((other) => other !== engine)) > 0;
    while (engines.some(isBusy) && runtime.elapsed() < until) {
      await new Promise((resolve) => onTimer(setTimeout(resolve, DRAIN_LOOK)));
    }
  }

  async #shutDown(drain: number): Promise<void> {
    const engines = this.#engines;
    for (const engine of engines) engine.stopped = true;
    await this.#idle(engines, drain);
    // The last one closes what they share.
    for (const engine of this.#engines) await this.#end(engine);
    await this.#reloading;
    await this.#endings;
    await this.#transports.close();
  }

  #unready(): Unready | undefined {
    if (this.#closing !== undefined) return 'draining';
    if (this.#isOpen) return undefined;
    // Who asks wants it to begin.
    this.#opening ??= this.ready().then(
      () => undefined,
      () => {
        this.#opening = undefined;
      },
    );
    return 'starting';
  }
}

function questionRequest(url: string, question: ModelQuestion, init?: RequestInit): Request {
  const request = new Request(url, { ...init, method: 'POST', body: JSON.stringify({ ...GREETING, ...question }) });
  request.headers.set('content-type', 'application/json');
  return request;
}

async function openPool(): Promise<Transport> {
  const { UndiciTransport } = await import('./http/undici-transport.ts');
  return new UndiciTransport();
}
