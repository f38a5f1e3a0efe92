// All that is made from one configuration. An instance has one at a time, and the earlier ones until their requests end.
import type { ParsedConfig } from './config/resolve.ts';
import type { ParsedLimitStorage } from './config/resolve-limits.ts';
import { saysTheSame } from './config/same.ts';
import { type EngineGround, mcpFacts, openMcp, openObserver, openTelemetry, openTokens } from './engine-parts.ts';
import { fromUnknown } from './errors/from-unknown.ts';
import { NexusError } from './errors/nexus-error.ts';
import type { Evidence } from './exchange/evidence.ts';
import type { Exchange } from './exchange/exchange.ts';
import type { Principal } from './exchange/principal.ts';
import { openRecord, type RequestRecord } from './exchange/record.ts';
import type { RecordedCall } from './exchange/recorded-call.ts';
import { isByteStream, type Reply } from './exchange/reply.ts';
import { type RecordBus, type Settler, Subscription } from './exchange/sink.ts';
import { traceFields } from './exchange/trace.ts';
import type { Endpoint, EndpointContext, ErrorDialect } from './http/endpoint.ts';
import { healthEndpoints } from './http/health.ts';
import { isOpenToPages, refuse, refuseMatch } from './http/refusal.ts';
import { Router } from './http/router.ts';
import { hostIdentity } from './identify.ts';
import { LlmPlane } from './llm/plane.ts';
import { openaiChat } from './llm/protocols/openai-chat/index.ts';
import type { Explanation } from './llm/routing/explain.ts';
import type { McpPlane } from './mcp/plane.ts';
import { type ClientAddress, clientAddress } from './policy/address/client-address.ts';
import { trustedPeers } from './policy/address/trusted-peers.ts';
import { metadataEndpoint } from './policy/auth/protected-resource.ts';
import type { ResourceServer } from './policy/auth/resource-server.ts';
import { type WellKnown, wellKnown } from './policy/auth/well-known.ts';
import { BrowserRules } from './policy/browser/browser-rules.ts';
import { createGate, type Gate } from './policy/gate.ts';
import { CallerIdentity } from './policy/identity/caller-identity.ts';
import { stampHeaders } from './policy/limits/limit-headers.ts';
import { createLimits, type Limits } from './policy/limits/limits.ts';
import type { Logger } from './runtime/logger.ts';
import type { Runtime } from './runtime/runtime.ts';
import type { LimitsStatus } from './status.ts';
import type { CounterStore } from './stores/counter-store.ts';
import { openCounters } from './stores/open-counters.ts';
import type { ExportState } from './telemetry/otel/export-state.ts';
import type { Observer } from './telemetry/otel/observer.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

const REQUEST_ID = /^[\w.:-]{1,128}$/;

export class Engine implements Settler {
  readonly config: ParsedConfig;
  readonly endpoints: readonly Endpoint[];
  readonly router: Router;
  readonly llm: LlmPlane;
  readonly mcp: McpPlane;
  readonly wellKnown: WellKnown;
  readonly watchers: readonly Subscription[] | undefined;
  /** Takes no more requests. */
  stopped = false;
  readonly #logger: Logger;
  readonly #runtime: Runtime;
  readonly #records: RecordBus;
  readonly #tokens: ResourceServer | undefined;
  readonly #gate: Gate;
  readonly #browser: BrowserRules | undefined;
  readonly #addressOf: ClientAddress;
  readonly #limits: Limits | undefined;
  /** Absent: nothing is traced or exported. */
  readonly #observer: Observer | undefined;
  readonly telemetry: Telemetry | undefined;
  /** Requests whose answer has not begun. */
  #answering = 0;

  /** Starts nothing. `earlier` is the engine it follows: what has not changed of it is taken over. */
  constructor(config: ParsedConfig, given: EngineGround, earlier?: Engine) {
    this.#observer = earlier?.observerFor(config) ?? openObserver(config, given, () => this.#sharedStore());
    const ground = this.#observer === undefined ? given : { ...given, logger: this.#observer.logger(given.logger) };
    const { logger, options, records, runtime, transports } = ground;
    const { cors, csrfHeader, health, identification, oauth } = config.server;
    this.config = config;
    this.#logger = logger;
    this.#runtime = runtime;
    this.#records = records;
    this.#limits = createLimits(
      config,
      (storage) => earlier?.storeFor(storage) ?? openCounters(storage, ground),
      ground.refusals,
    );
    this.llm = new LlmPlane(config, {
      runtime,
      logger,
      definitions: options.providers ?? [],
      transports,
      tokenLimits: this.#limits?.tokens,
      storeErrors: ground.storeErrors,
      earlier: earlier?.llm,
    });
    this.mcp = earlier?.mcpFor(config) ?? openMcp(config, ground, this.#limits);
    this.#tokens = earlier?.tokensFor(config) ?? openTokens(config, ground);
    this.telemetry = openTelemetry(config, this.llm, ground, this.#observer, earlier?.telemetry);
    this.watchers = this.#watchers();
    const prefixes = [...this.llm.prefixes, ...this.mcp.prefixes];
    this.endpoints = [
      ...this.llm.endpoints,
      ...this.mcp.endpoints,
      ...(oauth === undefined ? [] : [metadataEndpoint(oauth, prefixes, openaiChat)]),
      ...(this.telemetry?.endpoints ?? []),
      ...(health.enabled ? healthEndpoints(health.path, openaiChat, this.#healthFacts(ground)) : []),
    ];
    this.router = new Router(this.endpoints, prefixes);
    this.wellKnown = wellKnown(oauth, prefixes);
    const trusted = trustedPeers(config.server.trustedProxies);
    this.#addressOf = clientAddress(config.server.clientIp, trusted);
    const host = options.identify && hostIdentity(options.identify);
    const identifies = host !== undefined || oauth !== undefined || identification !== undefined;
    this.#gate = createGate({
      identity: identifies ? new CallerIdentity({ host, tokens: this.#tokens, identification, trusted }) : undefined,
      requests: this.#limits?.requests,
    });
    const meetsBrowsers = cors !== undefined || csrfHeader !== undefined || oauth !== undefined;
    this.#browser = meetsBrowsers ? new BrowserRules(config.server) : undefined;
  }

  /** Loads what is loaded on first use. Rejects where discovery of models is required and fails. */
  async open(): Promise<void> {
    await Promise.all([this.llm.open(), this.mcp.open(), this.#limits?.store.open(), this.#observer?.open()]);
    const settles = this.#isSeen || this.config.llm.tokenLimits.length > 0;
    if (settles) await this.llm.settlement.open();
  }

  handle(exchange: Exchange): Promise<Reply> {
    const given = exchange.header('x-nexus-request-id');
    const id = given !== undefined && REQUEST_ID.test(given) ? given : this.#runtime.id();
    const match = this.router.match(exchange.method, exchange.path);
    let reply = isOpenToPages(match) ? undefined : this.#browser?.refuse(exchange);
    if (reply === undefined) {
      if (match.kind === 'endpoint') return this.#serve(match.endpoint, exchange, id);
      reply = refuseMatch(match, exchange, id, openaiChat, this.router.like(exchange.path));
    }
    this.#observer?.refused({ method: exchange.method, status: reply.status });
    this.#browser?.stamp(exchange, reply.headers, isOpenToPages(match));
    reply.headers.push('x-nexus-request-id', id);
    return Promise.resolve(reply);
  }

  async explain(exchange: Exchange): Promise<Explanation> {
    const match = this.router.match(exchange.method, exchange.path);
    if (match.kind !== 'endpoint') throw new NexusError('no_route', 'There is nothing at this path');
    const record = openRecord(this.#runtime.id(), this.#runtime.now(), match.endpoint.name, undefined);
    const context = {
      record,
      principal: undefined,
      evidence: undefined,
      booking: undefined,
      explain: true,
      seal: () => undefined,
    };
    const reply = await match.endpoint.handle(exchange, context);
    if (reply.headers[0] !== 'x-nexus-explain')
      throw new NexusError('no_route', 'Requests to this path have no target');
    return JSON.parse(String(reply.body));
  }

  /** Completes the record of a request. */
  settle(record: RequestRecord, evidence: Evidence | undefined): void | Promise<void> {
    return this.llm.settlement.settle(record, evidence);
  }

  /** Opens the record of a request that code of this process makes without HTTP; `undefined` where nobody would see it. */
  recordCall(endpoint: string, principal: Principal | undefined): RecordedCall | undefined {
    if (!this.#isSeen) return undefined;
    const begun = this.#runtime.elapsed();
    const record = openRecord(this.#runtime.id(), this.#runtime.now(), endpoint, undefined, begun);
    record.clientId = principal?.id;
    record.clientGroup = principal?.group;
    this.#observer?.begin(undefined, record);
    const end = (thrown?: unknown): void => {
      const error = thrown === undefined ? undefined : fromUnknown(thrown);
      record.status = error?.status ?? 200;
      record.error = error?.code;
      record.durationMs = this.#runtime.elapsed() - begun;
      this.#records.publish(record, undefined, this);
    };
    return { record, end };
  }

  /** Requests that are being answered. Calls of MCP servers count for the engine that they will go on with. */
  pending(others: readonly Engine[]): number {
    const mcp = others.some((other) => other.mcp === this.mcp) ? 0 : this.mcp.inFlight;
    return this.#answering + this.llm.inFlight + mcp;
  }

  /** Ends what is still running (streams with an error event), and closes all that none of the others uses. */
  async close(others: readonly Engine[]): Promise<void> {
    this.stopped = true;
    const llm = this.llm.close();
    const store = this.#limits?.store;
    if (!others.some((other) => other.#tokens === this.#tokens)) this.#tokens?.close();
    if (!others.some((other) => other.mcp === this.mcp)) await this.mcp.close();
    await llm;
    // Counters last: what has just ended is still settled with them.
    await this.#records.flush();
    if (!others.some((other) => other.#limits?.store === store)) await store?.close();
    if (!others.some((other) => other.#observer === this.#observer)) await this.#observer?.close();
  }

  limitsStatus({ refusals }: EngineGround): LimitsStatus | undefined {
    const storage = this.config.server.rateLimits.storage.type;
    return this.#limits && { storage, state: this.#limits.store.state, refused: { ...refusals } };
  }

  // What a following engine takes over.

  storeFor(storage: ParsedLimitStorage): CounterStore | undefined {
    return saysTheSame(storage, this.config.server.rateLimits.storage) ? this.#limits?.store : undefined;
  }

  mcpFor(config: ParsedConfig): McpPlane | undefined {
    return saysTheSame(mcpFacts(config), mcpFacts(this.config)) ? this.mcp : undefined;
  }

  tokensFor({ server }: ParsedConfig): ResourceServer | undefined {
    return saysTheSame(server.oauth, this.config.server.oauth) ? this.#tokens : undefined;
  }

  observerFor({ openTelemetry: settings }: ParsedConfig): Observer | undefined {
    return saysTheSame(settings, this.config.openTelemetry) ? this.#observer : undefined;
  }

  /** How exporters of OpenTelemetry are doing. */
  get exports(): readonly ExportState[] {
    return this.#observer?.exports ?? [];
  }

  /** Whether anybody learns from the records of this configuration. */
  get #isSeen(): boolean {
    return this.watchers !== undefined || this.#records.hasSinks;
  }

  #watchers(): readonly Subscription[] | undefined {
    const own = this.telemetry?.watchers ?? [];
    const observer = this.#observer;
    if (observer === undefined) return own.length > 0 ? own : undefined;
    const observe = (record: Readonly<RequestRecord>): void =>
      observer.observe(record, this.router.pattern(record.path) ?? 'unknown');
    return [...own, new Subscription('opentelemetry', observe)];
  }

  #sharedStore(): CounterStore['state'] | undefined {
    return this.config.server.rateLimits.storage.type === 'redis' ? this.#limits?.store.state : undefined;
  }

  async #serve(endpoint: Endpoint, exchange: Exchange, id: string): Promise<Reply> {
    const begun = this.#runtime.elapsed();
    const { method, path } = exchange;
    const record = openRecord(id, this.#runtime.now(), endpoint.name, this.#addressOf(exchange), begun, method, path);
    // Whoever asks how we are is no traffic.
    if (endpoint.always !== true) this.#observer?.begin(exchange, record);
    const seal = (): void => {
      record.durationMs = this.#runtime.elapsed() - begun;
      this.#records.publish(record, context.evidence, this, context.booking);
    };
    const context: EndpointContext = { record, principal: undefined, evidence: undefined, booking: undefined, seal };
    let reply: Reply;
    this.#answering++;
    try {
      if (this.stopped && endpoint.always !== true)
        throw new NexusError('shutting_down', 'The gateway is shutting down');
      const entered = endpoint.anonymous === true ? undefined : this.#gate(exchange, endpoint, context);
      const told = entered instanceof Promise ? await entered : entered;
      reply = await endpoint.handle(exchange, context);
      if (told !== undefined) stampHeaders(reply.headers, told);
    } catch (thrown) {
      reply = this.#renderFailure(thrown, endpoint.dialect, record);
    }
    this.#answering--;
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
      this.#logger.error('A request failed unexpectedly', {
        requestId: record.id,
        error: error.cause,
        ...traceFields(record.trace),
      });
    }
    return refuse(error, dialect, record.id);
  }

  #healthFacts({ unready }: EngineGround) {
    const { storage } = this.config.server.rateLimits;
    const limits = () => this.#limits?.store.state;
    // Where limits are refused rather than guessed, nothing gets past them without their counters.
    const needsCounters =
      storage.type === 'redis' && storage.onError === 'deny' && this.#limits?.requests !== undefined;
    return { limits, unready: () => unready() ?? (needsCounters && limits() === 'away' ? 'limits_away' : undefined) };
  }
}
