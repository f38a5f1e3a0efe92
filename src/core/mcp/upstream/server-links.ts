// Which connection to a server a caller gets: the one all share, one of its own where the server may ask it things, or
// one that was opened with its token.
import { createHash } from 'node:crypto';
import type { Logger } from '../../runtime/logger.ts';
import type { Caller } from '../caller.ts';
import { askableOf, canBeAsked } from '../wire/client-capabilities.ts';
import { type JsonObject, JsonRpcError } from '../wire/json-rpc.ts';
import { CODES } from '../wire/revision.ts';
import { CapabilityVariants } from './capability-variants.ts';
import type { Connection } from './connection.ts';
import type { Dialer } from './dialer.ts';
import { EraVerdict } from './era-verdict.ts';
import { Link } from './link.ts';
import { linkFailure } from './link-failure.ts';
import type { LinkPool } from './link-pool.ts';
import { EMPTY_CATALOGUE } from './lists.ts';
import type { OngoingCall } from './ongoing-call.ts';
import { SharedLink } from './shared-link.ts';
import type { Catalogue, UpstreamChange, UpstreamState } from './upstream.ts';

export interface ServerLinksSettings {
  readonly name: string;
  readonly dialer: Dialer;
  readonly era: 'auto' | 'legacy' | 'modern';
  /** The caller's own token goes to the server: there is nothing to share between callers. */
  readonly forwardsToken: boolean;
  readonly clientFeatures: boolean;
  /** Milliseconds. */
  readonly startTimeout: number;
}

export interface ServerLinksServices {
  readonly pool: LinkPool;
  readonly logger: Logger;
  readonly clientInfo: JsonObject;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Monotonic clock, milliseconds. */
  readonly elapsed: () => number;
}

interface ConnectionWish {
  readonly capabilities: JsonObject;
  readonly withLists: boolean;
  readonly token?: string | undefined;
  /** The call the connection is made for. */
  readonly first?: OngoingCall | undefined;
}

export class ServerLinks {
  readonly #settings: ServerLinksSettings;
  readonly #services: ServerLinksServices;
  readonly #onChange: (change: UpstreamChange) => void;
  readonly #verdict: EraVerdict;
  readonly #shared: SharedLink | undefined;
  readonly #variants: CapabilityVariants;
  readonly #stop = new AbortController();
  #logLevel: string | undefined;

  constructor(
    settings: ServerLinksSettings,
    services: ServerLinksServices,
    onChange: (change: UpstreamChange) => void,
  ) {
    this.#settings = settings;
    this.#services = services;
    this.#onChange = onChange;
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
        onChange({ kind: 'state' });
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

  /** The tools all callers see; absent where each has its own. */
  get tools(): readonly JsonObject[] | undefined {
    return this.#shared?.catalogue.tools;
  }

  /** Log level asked of servers; absent: none is. */
  get logLevel(): string | undefined {
    return this.#logLevel;
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

  /** Runs `use` with the connection of this call, opened if need be. Rejects with a link failure or `JsonRpcError`. */
  withConnection<T>(call: OngoingCall, use: (connection: Connection) => Promise<T>): Promise<T> {
    const { caller } = call.context;
    const useLink = (link: Link): Promise<T> => use(link.connection);
    if (this.#shared === undefined) return this.#withForward(caller, useLink, call);
    return this.#shared.up(call.signal).then((shared) => {
      if (!this.#needsOwn(caller, shared.connection)) return use(shared.connection);
      return this.#withOwn(caller, useLink, call);
    });
  }

  /** The open connection that belongs to this caller alone, if there is one. */
  ownOf(caller: Caller): Connection | undefined {
    const key = this.#shared === undefined ? this.#forwardKey(caller) : this.#featureKey(caller);
    return key === undefined ? undefined : this.#services.pool.peek(key)?.connection;
  }

  /** Watches a resource; resolves with the function that stops it. `signal` ends the wait for the shared connection. */
  watch(uri: string, caller: Caller, signal: AbortSignal): Promise<() => void> {
    if (this.#shared !== undefined) return this.#shared.watch(uri, signal);
    return this.#withForward(caller, (link) => link.watch(uri));
  }

  setLogLevel(level: string): void {
    this.#logLevel = level;
    this.#shared?.link?.setLogLevel(level);
  }

  async close(): Promise<void> {
    this.#stop.abort(linkFailure('upstream_unavailable', 'it was closed', { sent: false, over: true }));
    await Promise.all([this.#shared?.close(), this.#services.pool.closeOf(this)]);
    await this.#settings.dialer.close();
  }

  /** Whether this caller may be asked by the server, which a legacy server must be told when the connection is made. */
  #needsOwn(caller: Caller, shared: Connection): boolean {
    const { clientFeatures, dialer } = this.#settings;
    return clientFeatures && !dialer.isSingle && !shared.isModern && canBeAsked(caller.capabilities);
  }

  #withOwn<T>(caller: Caller, use: (link: Link) => Promise<T>, call?: OngoingCall): Promise<T> {
    const wish = { capabilities: askableOf(caller.capabilities), withLists: false, first: call };
    return this.#withPooled(this.#featureKey(caller), Number.POSITIVE_INFINITY, wish, use);
  }

  #withForward<T>(caller: Caller, use: (link: Link) => Promise<T>, call?: OngoingCall): Promise<T> {
    const key = this.#forwardKey(caller);
    const token = caller.principal?.token;
    if (key === undefined || token === undefined) {
      return Promise.reject(new JsonRpcError(CODES.invalidRequest, 'Authentication required for this tool'));
    }
    const expires = caller.principal?.claims['exp'];
    const until = typeof expires === 'number' ? expires * 1000 : Number.POSITIVE_INFINITY;
    const capabilities = this.#settings.clientFeatures ? askableOf(caller.capabilities) : {};
    return this.#withPooled(key, until, { capabilities, withLists: true, token, first: call }, use);
  }

  async #withPooled<T>(key: string, until: number, wish: ConnectionWish, use: (link: Link) => Promise<T>): Promise<T> {
    const open = async (): Promise<Link> => {
      const limit = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(this.#settings.startTimeout)]);
      try {
        return await this.#open(wish, limit);
      } catch (error) {
        if (!limit.aborted) throw error;
        throw linkFailure('upstream_unavailable', 'it does not start in time', { sent: false, over: false }, error);
      }
    };
    const { dialer } = this.#settings;
    const { signal } = wish.first ?? this.#stop;
    return await this.#services.pool.use(key, this, until, open, (link) => {
      // The caller may have left while the connection was being made.
      if (signal.aborted) return Promise.reject(signal.reason);
      const operation = wish.first?.context.observed?.operation;
      if (operation !== undefined && wish.token !== undefined) operation.forwarded = dialer.sendsToken === true;
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
          this.#onChange(change);
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
    const { clientFeatures, name } = this.#settings;
    const isModern = this.#verdict.current?.era === 'modern';
    const scope = clientFeatures && !isModern && canBeAsked(caller.capabilities) ? caller.scope : undefined;
    const parts = [name, digest(token), group ?? null, scope ?? null];
    return JSON.stringify(scope === undefined ? parts : [...parts, signatureOf(caller)]);
  }

  #featureKey(caller: Caller): string {
    return JSON.stringify([this.#settings.name, caller.scope, signatureOf(caller)]);
  }
}

/** The same for callers that can be asked the same things. */
function signatureOf({ capabilities }: Caller): string {
  return JSON.stringify(askableOf(capabilities));
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
