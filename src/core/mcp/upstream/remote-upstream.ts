// One MCP server behind Nexus, of whatever kind and era: which connection a call takes, what is tried again, and what
// its clients are told.
import { createHash } from 'node:crypto';
import { NexusError } from '../../errors/nexus-error.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { CallContext, Caller } from '../caller.ts';
import { canBeAsked } from '../wire/client-capabilities.ts';
import { type JsonObject, JsonRpcError } from '../wire/json-rpc.ts';
import { CODES, META } from '../wire/revision.ts';
import { CapabilityVariants } from './capability-variants.ts';
import type { Connection } from './connection.ts';
import type { Dialer } from './dialer.ts';
import { EraVerdict } from './era-verdict.ts';
import { answerInput, isInputRequired, MOST_ROUNDS } from './input-required.ts';
import { Link } from './link.ts';
import { asJsonRpcError, linkFacts, linkFailure } from './link-failure.ts';
import type { LinkPool } from './link-pool.ts';
import { EMPTY_CATALOGUE } from './lists.ts';
import { OngoingCall } from './ongoing-call.ts';
import { SharedLink } from './shared-link.ts';
import type { Catalogue, Upstream, UpstreamChange, UpstreamState } from './upstream.ts';

export interface RemoteUpstreamSettings {
  readonly name: string;
  readonly dialer: Dialer;
  readonly era: 'auto' | 'legacy' | 'modern';
  /** The caller's own token goes to the server: there is nothing to share between callers. */
  readonly forwardsToken: boolean;
  readonly clientFeatures: boolean;
  /** Milliseconds. */
  readonly startTimeout: number;
  readonly timeout: number;
  readonly toolTimeouts: ReadonlyMap<string, number>;
}

export interface RemoteUpstreamServices {
  readonly pool: LinkPool;
  readonly logger: Logger;
  readonly clientInfo: JsonObject;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Monotonic clock, milliseconds. */
  readonly elapsed: () => number;
}

const ASKABLE = ['elicitation', 'sampling', 'roots'] as const;

export class RemoteUpstream implements Upstream {
  readonly name: string;
  readonly #settings: RemoteUpstreamSettings;
  readonly #services: RemoteUpstreamServices;
  readonly #verdict: EraVerdict;
  readonly #shared: SharedLink | undefined;
  readonly #variants: CapabilityVariants;
  readonly #listeners = new Set<(change: UpstreamChange) => void>();
  readonly #stop = new AbortController();
  #logLevel: string | undefined;

  constructor(settings: RemoteUpstreamSettings, services: RemoteUpstreamServices) {
    this.name = settings.name;
    this.#settings = settings;
    this.#services = services;
    this.#verdict = new EraVerdict(settings.era, services.now);
    this.#variants = new CapabilityVariants(services.elapsed);
    if (settings.forwardsToken) return;
    this.#shared = new SharedLink({
      name: settings.name,
      startTimeout: settings.startTimeout,
      logger: services.logger,
      elapsed: services.elapsed,
      open: (signal) => this.#open({ capabilities: {}, withLists: true }, signal),
      onState: () => {
        this.#variants.clear();
        this.#tell({ kind: 'state' });
      },
    });
    this.#shared.start();
  }

  get state(): UpstreamState {
    if (this.#stop.signal.aborted) return 'closed';
    // A server that is given its callers' tokens is up for each of them, or not.
    return this.#shared?.state ?? 'ready';
  }

  get problem(): string | undefined {
    return this.#shared?.problem;
  }

  get toolCount(): number | undefined {
    return this.#shared?.catalogue.tools.length;
  }

  async catalogue(caller: Caller): Promise<Catalogue> {
    if (this.#stop.signal.aborted) return EMPTY_CATALOGUE;
    if (this.#shared === undefined) return this.#ownCatalogue(caller);
    await this.#shared.settled();
    const { catalogue, link } = this.#shared;
    if (link === undefined || !this.#needsOwn(caller, link.connection)) return catalogue;
    // Some servers offer more to clients that can be asked. What they do is found out once for each way of being asked.
    return this.#variants.find(signatureOf(caller), catalogue, () => {
      return this.#withOwn(caller, (own) => own.readLists(AbortSignal.timeout(this.#settings.startTimeout)));
    });
  }

  async request(method: string, params: JsonObject, context: CallContext): Promise<JsonObject> {
    const call = new OngoingCall(context, this.#timeoutOf(method, params));
    try {
      let sent = params;
      for (let round = 0; round <= MOST_ROUNDS; round++) {
        const result = await this.#send(method, sent, call);
        if (!isInputRequired(result) || context.relayInputRequired) return result;
        sent = await answerInput(result, sent, call, this.#askable(context));
      }
      throw new JsonRpcError(CODES.internal, 'The MCP server asks its client again and again');
    } catch (error) {
      throw asJsonRpcError(call.signal.aborted ? call.signal.reason : error, this.name);
    } finally {
      call.end();
    }
  }

  notify(method: string, params: JsonObject, caller: Caller): void {
    const key = this.#shared === undefined ? this.#forwardKey(caller) : this.#featureKey(caller);
    if (key !== undefined) this.#services.pool.peek(key)?.connection.notify(method, params);
  }

  async subscribe(uri: string, caller: Caller): Promise<() => void> {
    const signal = AbortSignal.timeout(this.#settings.timeout);
    try {
      if (this.#shared !== undefined) return await this.#shared.watch(uri, signal);
      return await this.#withForward(caller, (link) => link.watch(uri));
    } catch (error) {
      throw asJsonRpcError(error, this.name);
    }
  }

  setLogLevel(level: string): void {
    this.#logLevel = level;
    this.#shared?.link?.setLogLevel(level);
  }

  onChange(listener: (change: UpstreamChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort(linkFailure('upstream_unavailable', 'it was closed', { sent: false, over: true }));
    await Promise.all([this.#shared?.close(), this.#services.pool.closeOf(this)]);
    await this.#settings.dialer.close();
    this.#tell({ kind: 'state' });
    this.#listeners.clear();
  }

  /** Sends a request, and once more where that can do no harm. */
  async #send(method: string, params: JsonObject, call: OngoingCall): Promise<JsonObject> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#withConnection(call, async (connection) => {
          try {
            return await connection.call(method, this.#withLogLevel(params, call), call, this.#askable(call.context));
          } catch (error) {
            if (linkFacts(error)?.over === true && !call.signal.aborted) connection.abandon(error);
            throw error;
          }
        });
      } catch (error) {
        const facts = linkFacts(error);
        if (attempt > 0 || facts === undefined || call.signal.aborted || !isPassing(error)) throw error;
        if (facts.sent && !this.#mayRepeat(method, params)) throw error;
      }
    }
  }

  #withConnection<T>(call: OngoingCall, use: (connection: Connection) => Promise<T>): Promise<T> {
    const { caller } = call.context;
    const useLink = (link: Link): Promise<T> => use(link.connection);
    if (this.#shared === undefined) return this.#withForward(caller, useLink, call);
    return this.#shared.up(call.signal).then((shared) => {
      if (!this.#needsOwn(caller, shared.connection)) return use(shared.connection);
      return this.#withOwn(caller, useLink, call);
    });
  }

  /** Whether this caller may be asked by the server, which a legacy server must be told when the connection is made. */
  #needsOwn(caller: Caller, shared: Connection): boolean {
    const { clientFeatures, dialer } = this.#settings;
    return clientFeatures && !dialer.isSingle && !shared.isModern && canBeAsked(caller.capabilities);
  }

  #withOwn<T>(caller: Caller, use: (link: Link) => Promise<T>, call?: OngoingCall): Promise<T> {
    const capabilities = askableOf(caller);
    return this.#withPooled(
      this.#featureKey(caller),
      Number.POSITIVE_INFINITY,
      { capabilities, withLists: false },
      use,
      call,
    );
  }

  #withForward<T>(caller: Caller, use: (link: Link) => Promise<T>, call?: OngoingCall): Promise<T> {
    const key = this.#forwardKey(caller);
    const token = caller.principal?.token;
    if (key === undefined || token === undefined) {
      return Promise.reject(new JsonRpcError(CODES.invalidRequest, 'Authentication required for this tool'));
    }
    const expires = caller.principal?.claims['exp'];
    const until = typeof expires === 'number' ? expires * 1000 : Number.POSITIVE_INFINITY;
    const capabilities = this.#settings.clientFeatures ? askableOf(caller) : {};
    return this.#withPooled(key, until, { capabilities, withLists: true, token }, use, call);
  }

  async #withPooled<T>(
    key: string,
    until: number,
    what: Pick<ConnectionWish, 'capabilities' | 'withLists' | 'token'>,
    use: (link: Link) => Promise<T>,
    call: OngoingCall | undefined,
  ): Promise<T> {
    const open = async (): Promise<Link> => {
      const limit = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(this.#settings.startTimeout)]);
      try {
        return await this.#open({ ...what, first: call }, limit);
      } catch (error) {
        if (!limit.aborted) throw error;
        throw linkFailure('upstream_unavailable', 'it does not start in time', { sent: false, over: false }, error);
      }
    };
    const { signal } = call ?? { signal: this.#stop.signal };
    return await this.#services.pool.use(key, this, until, open, (link) => {
      // The caller may have left while the connection was being made.
      if (signal.aborted) return Promise.reject(signal.reason);
      return use(link);
    });
  }

  #open({ first, ...wish }: ConnectionWish, signal: AbortSignal): Promise<Link> {
    const { name, dialer } = this.#settings;
    const { logger, elapsed, clientInfo } = this.#services;
    return Link.open(
      {
        ...wish,
        name,
        dialer,
        logger,
        elapsed,
        clientInfo,
        verdict: this.#verdict,
        logLevel: this.#logLevel,
        onChange: (change) => {
          if (change.kind !== 'resource') this.#variants.clear();
          this.#tell(change);
        },
        ...(first === undefined ? {} : { onConnected: (connection: Connection) => connection.expect(first) }),
      },
      signal,
    );
  }

  async #ownCatalogue(caller: Caller): Promise<Catalogue> {
    try {
      return await this.#withForward(caller, async (link) => link.catalogue ?? EMPTY_CATALOGUE);
    } catch {
      // A server that refuses this caller's token is missing for this caller.
      return EMPTY_CATALOGUE;
    }
  }

  #forwardKey(caller: Caller): string | undefined {
    const { token, group } = caller.principal ?? {};
    if (token === undefined) return undefined;
    const isModern = this.#verdict.current?.era === 'modern';
    const scope =
      this.#settings.clientFeatures && !isModern && canBeAsked(caller.capabilities) ? caller.scope : undefined;
    const parts = [this.name, digest(token), group ?? null, scope ?? null];
    return JSON.stringify(scope === undefined ? parts : [...parts, signatureOf(caller)]);
  }

  #featureKey(caller: Caller): string {
    return JSON.stringify([this.name, caller.scope, signatureOf(caller)]);
  }

  /** What a modern server is told it may ask of the client of this call. */
  #askable({ caller, ask, relayInputRequired }: CallContext): JsonObject {
    const can = this.#settings.clientFeatures && (relayInputRequired || ask !== undefined);
    return can ? askableOf(caller) : {};
  }

  #withLogLevel(params: JsonObject, { context }: OngoingCall): JsonObject {
    if (this.#logLevel === undefined || context.onNotification === undefined) return params;
    if (context.meta[META.logLevel] !== undefined) return params;
    return { ...params, _meta: { ...(params['_meta'] as JsonObject | undefined), [META.logLevel]: this.#logLevel } };
  }

  #timeoutOf(method: string, params: JsonObject): number {
    const { timeout, toolTimeouts } = this.#settings;
    return (method === 'tools/call' ? toolTimeouts.get(String(params['name'])) : undefined) ?? timeout;
  }

  /** Whether sending it twice is the same as sending it once. */
  #mayRepeat(method: string, params: JsonObject): boolean {
    if (method !== 'tools/call') return true;
    const tool = this.#shared?.catalogue.tools.find(({ name }) => name === params['name']);
    const hints = tool?.['annotations'] as JsonObject | undefined;
    return hints?.['readOnlyHint'] === true || hints?.['idempotentHint'] === true;
  }

  #tell(change: UpstreamChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

/** Whether the next attempt may go better: the way was broken, or the server was. */
function isPassing(error: unknown): boolean {
  return NexusError.is(error) && (error.code === 'upstream_unavailable' || error.code === 'upstream_failed');
}

interface ConnectionWish {
  readonly capabilities: JsonObject;
  readonly withLists: boolean;
  readonly token?: string | undefined;
  /** The call the connection is made for. */
  readonly first?: OngoingCall | undefined;
}

/** The part of a client's capabilities a server can make use of, in the client's own words. */
function askableOf({ capabilities }: Caller): JsonObject {
  return Object.fromEntries(
    ASKABLE.flatMap((name) => (capabilities[name] === undefined ? [] : [[name, capabilities[name]]])),
  );
}

function signatureOf(caller: Caller): string {
  return JSON.stringify(askableOf(caller));
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
