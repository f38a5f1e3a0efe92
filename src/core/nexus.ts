import { parseConfig } from './config/parse.ts';
import type { NexusConfig } from './config/types.ts';
import { fromUnknown } from './errors/from-unknown.ts';
import { NexusError } from './errors/nexus-error.ts';
import type { Exchange } from './exchange/exchange.ts';
import { openRecord, type RequestRecord } from './exchange/record.ts';
import { isByteStream, type Reply } from './exchange/reply.ts';
import { RecordBus, type RecordSink } from './exchange/sink.ts';
import type { Endpoint, ErrorDialect } from './http/endpoint.ts';
import { type Fetch, FetchTransport } from './http/fetch-transport.ts';
import { healthEndpoint } from './http/health.ts';
import { empty, json } from './http/respond.ts';
import { type Match, Router } from './http/router.ts';
import type { Transport } from './http/transport.ts';
import { toResponse, WebExchange } from './http/web.ts';
import { LlmPlane } from './llm/plane.ts';
import { openaiChat } from './llm/protocols/openai-chat/index.ts';
import type { ProviderDefinition } from './llm/providers/definition.ts';
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
  /** Clock and ids; for tests. */
  runtime?: Partial<Runtime>;
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
   * `http://nexus/llm/v1/chat/completions`. Rejects only as `fetch` does, when the request is aborted.
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** Resolves when everything that loads on first use has been loaded. Calling it is optional. */
  ready(): Promise<void>;
  /**
   * Stops taking requests (503), lets those in flight finish for up to `drain` milliseconds (default 0), ends the rest
   * with an error in their dialect, and closes every connection. Safe to call twice.
   */
  close(options?: { drain?: number }): Promise<void>;
  readonly endpoints: readonly EndpointInfo[];
  /** Configured models as clients name them. */
  readonly models: readonly string[];
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
  readonly #logger: Logger;
  readonly #runtime: Runtime;
  readonly #router: Router;
  readonly #llm: LlmPlane;
  readonly #records: RecordBus;
  #closing: Promise<void> | undefined;

  constructor(input: NexusConfig, options: NexusOptions) {
    const definitions = options.providers ?? [];
    const { config, warnings } = parseConfig(input, { kinds: definitions });
    this.#logger = options.logger ?? consoleLogger;
    this.#runtime = { ...systemRuntime, ...options.runtime };
    for (const warning of warnings) this.#logger.warn(warning);
    const { fetch } = options;
    this.#llm = new LlmPlane(config, {
      runtime: this.#runtime,
      definitions,
      openTransport: fetch === undefined ? openPool : async () => new FetchTransport(fetch),
    });
    this.#records = new RecordBus(options.sinks ?? [], (error) =>
      this.#logger.error('A record sink failed; its further failures are only counted', { error }),
    );
    const { health } = config.server;
    const endpoints: readonly Endpoint[] = [
      ...this.#llm.endpoints,
      ...(health.enabled ? [healthEndpoint(health.path, openaiChat)] : []),
    ];
    this.#router = new Router(endpoints, this.#llm.prefixes);
    this.endpoints = endpoints.map(({ name, method, paths }) => ({ name, method, paths }));
    this.models = this.#llm.models;
    this.fetch = this.fetch.bind(this);
  }

  async fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const request = input instanceof Request && init === undefined ? input : new Request(input, init);
    const reply = await this.handle(new WebExchange(request));
    if (request.signal.aborted) throw request.signal.reason;
    return toResponse(reply, request.signal);
  }

  owns(path: string): boolean {
    return this.#router.owns(path);
  }

  handle(exchange: Exchange): Promise<Reply> {
    const given = exchange.header('x-nexus-request-id');
    const id = given !== undefined && REQUEST_ID.test(given) ? given : this.#runtime.id();
    const match = this.#router.match(exchange.method, exchange.path);
    if (match.kind === 'endpoint') return this.#serve(match.endpoint, exchange, id);
    const reply = refuseMatch(match, exchange);
    reply.headers.push('x-nexus-request-id', id);
    return Promise.resolve(reply);
  }

  async ready(): Promise<void> {
    await this.#llm.open();
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
    const record = openRecord(id, this.#runtime.now(), endpoint.name, exchange.host.remoteAddress);
    const seal = (): void => {
      record.durationMs = this.#runtime.elapsed() - begun;
      this.#records.publish(record);
    };
    let reply: Reply;
    try {
      if (this.#closing !== undefined) throw new NexusError('shutting_down', 'The gateway is shutting down');
      reply = await endpoint.handle(exchange, { record, seal });
    } catch (thrown) {
      reply = this.#renderFailure(thrown, endpoint.dialect, record);
    }
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
    return refuse(error, dialect);
  }

  async #shutDown(drain: number): Promise<void> {
    const until = this.#runtime.elapsed() + drain;
    while (this.#llm.inFlight > 0 && this.#runtime.elapsed() < until) {
      await new Promise((resolve) => setTimeout(resolve, DRAIN_LOOK_MS));
    }
    await this.#llm.close();
    this.#records.flush();
  }
}

/** The answer to a path or method we do not serve. */
function refuseMatch(match: Exclude<Match, { kind: 'endpoint' }>, exchange: Exchange): Reply {
  if (match.kind !== 'wrong_method') {
    const dialect = match.kind === 'unknown' ? match.dialect : openaiChat;
    return refuse(new NexusError('no_route', 'There is nothing at this path'), dialect);
  }
  const { allow, dialect } = match;
  if (exchange.method === 'OPTIONS') return empty(200, ['allow', allow]);
  return refuse(
    new NexusError('method_not_allowed', `This path takes ${allow}`, { headers: ['allow', allow] }),
    dialect,
  );
}

/** An error as an answer, in a dialect. */
function refuse(error: NexusError, dialect: ErrorDialect): Reply {
  const headers = [...(error.headers ?? []), 'x-nexus-error', error.code];
  // The rest of an oversized body is not worth reading.
  if (error.code === 'payload_too_large') headers.push('connection', 'close');
  return json(error.status, error.upstreamBody ?? dialect.encodeError(error), headers);
}

async function openPool(): Promise<Transport> {
  const { UndiciTransport } = await import('./http/undici-transport.ts');
  return new UndiciTransport();
}
