import type { HeaderRule, ParsedProvider } from '../../config/resolve.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import { applyHeaderRules, type BuiltHeader, type ClientHeaders, type HeaderSet } from '../../http/header-rules.ts';
import type { ProviderDefinition } from './definition.ts';
import { KeyPool, PooledKey } from './key-pool.ts';

/** What one call carries besides its body. */
export interface Credentials {
  /** All request headers, names and values in turn. */
  readonly headers: readonly string[];
  /** The key among them, or empty; for keeping it out of messages. */
  readonly secret: string;
  /** The key is the caller's own: its refusal is the caller's business. */
  readonly forwarded: boolean;
  /** Which of the provider's own keys it is, where there are several. */
  readonly key: PooledKey | undefined;
}

/** Where a caller puts its own key for the vendor. */
const KEY_HEADER = 'x-provider-api-key';
const GROUND = ['content-type', 'application/json', 'user-agent', 'nexus-ai'] as const;
/** Headers of questions that no client asks. */
const OWN_GROUND = ['accept', 'application/json', 'user-agent', 'nexus-ai'] as const;
const NO_CLIENT: ClientHeaders = { header: () => undefined, headerNames: () => [] };
const NO_RULES: readonly HeaderRule[] = [];
/** Stands for a key where only the names of its headers matter. */
const PROBE = 'nexus-key-probe';

/** Chooses key and headers for the calls of one provider; what no request can change is computed once. */
export class CredentialSource {
  readonly #name: string;
  readonly #definition: ProviderDefinition;
  readonly #forwardToken: boolean;
  readonly #rules: readonly HeaderRule[];
  /** Rules of models that have some, by public id. */
  readonly #modelRules: ReadonlyMap<string, readonly HeaderRule[]>;
  /** Names of the headers that hold the key. */
  readonly #keyHeaders: ReadonlySet<string>;
  /** What is sent with each configured key, or with none where none is needed; several are taken in turn. */
  readonly #own: readonly Credentials[];
  /** The keys, where there are several. */
  readonly pool: KeyPool | undefined;

  constructor(definition: ProviderDefinition, config: ParsedProvider) {
    this.#name = config.name;
    this.#definition = definition;
    this.#forwardToken = config.forwardToken;
    this.#rules = config.headers;
    this.#modelRules = new Map(
      Object.entries(config.models).flatMap(([id, { headers }]) => (headers.length === 0 ? [] : [[id, headers]])),
    );
    const probe = definition.authorize(PROBE);
    this.#keyHeaders = new Set(probe.filter((_, index) => probe[index + 1]?.includes(PROBE)));
    const keys = config.apiKeys.map((_, index) => new PooledKey(index));
    this.pool = keys.length > 1 ? new KeyPool(keys) : undefined;
    this.#own = config.apiKeys.map((key, index) => {
      const secret = key.reveal();
      const headers = [...GROUND, ...definition.authorize(secret)];
      return { headers, secret, forwarded: false, key: keys.length > 1 ? keys[index] : undefined };
    });
    if (keys.length === 0 && definition.keyless === true) {
      this.#own = [{ headers: GROUND, secret: '', forwarded: false, key: undefined }];
    }
  }

  /** Whether every call is refused, for want of a key to send. */
  get isLocked(): boolean {
    return this.#own.length === 0 && !this.#forwardToken;
  }

  /**
   * `alias` is the model as the client names it, `now` the monotonic clock. Throws `key_missing` when there is no key to
   * send.
   */
  of(exchange: Exchange, alias: string, now = 0): Credentials {
    const base = this.#base(exchange, now);
    const modelRules = this.#modelRules.get(alias) ?? NO_RULES;
    if (this.#rules.length > 0 || modelRules.length > 0) return this.#ruled(base, exchange, modelRules);
    let { headers } = base;
    for (const name of this.#definition.clientHeaders) {
      const value = exchange.header(name);
      if (value !== undefined) headers = [...headers, name, value];
    }
    return headers === base.headers ? base : { ...base, headers };
  }

  /**
   * All headers of a question of our own, on behalf of no client: the configured key, and what the provider's rules add.
   * `undefined` when there is no configured key, where one is needed.
   */
  own(): readonly string[] | undefined {
    const [first] = this.#own;
    if (first === undefined) return undefined;
    const { secret } = first;
    const headers = [...OWN_GROUND, ...(secret === '' ? [] : this.#definition.authorize(secret))];
    return this.#rules.length === 0 ? headers : this.#ruled({ ...first, headers }, NO_CLIENT, NO_RULES).headers;
  }

  #base(exchange: Exchange, now: number): Credentials {
    if (this.#forwardToken) {
      const key = exchange.header(KEY_HEADER);
      if (key !== undefined) {
        const headers = [...GROUND, ...this.#definition.authorize(key)];
        return { headers, secret: key, forwarded: true, key: undefined };
      }
    }
    const own = this.#own[this.pool?.take(now)?.index ?? 0];
    if (own !== undefined) return own;
    throw new NexusError(
      'key_missing',
      this.#forwardToken
        ? `Provider '${this.#name}': token forwarding is enabled but no API key was provided`
        : `Provider '${this.#name}' has no API key configured`,
    );
  }

  #ruled(base: Credentials, exchange: ClientHeaders, modelRules: readonly HeaderRule[]): Credentials {
    const built: HeaderSet = new Map();
    for (const name of this.#definition.clientHeaders) {
      const value = exchange.header(name);
      if (value !== undefined) built.set(name, { value, explicit: false, fromClient: true });
    }
    applyHeaderRules(this.#rules, exchange, built);
    applyHeaderRules(modelRules, exchange, built);

    const headers: string[] = [];
    for (let i = 0; i + 1 < base.headers.length; i += 2) {
      const name = base.headers[i] ?? '';
      if (built.get(name)?.explicit === true) continue;
      built.delete(name);
      headers.push(name, base.headers[i + 1] ?? '');
    }
    let { secret, forwarded } = base;
    for (const [name, header] of built) {
      headers.push(name, header.value);
      if (this.#keyHeaders.has(name)) ({ secret, forwarded } = replaced(header));
    }
    return { headers, secret, forwarded, key: secret === base.secret ? base.key : undefined };
  }
}

/** A rule has put another credential in the place of ours: the key is what follows the scheme. */
function replaced({ value, fromClient }: BuiltHeader): { secret: string; forwarded: boolean } {
  return { secret: value.replace(/^[A-Za-z]+ +/, ''), forwarded: fromClient };
}
