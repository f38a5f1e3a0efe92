import type { HeaderRule, ParsedProvider } from '../../config/resolve.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import { applyHeaderRules, type BuiltHeader, type HeaderSet } from '../../http/header-rules.ts';
import type { ProviderDefinition } from './definition.ts';

/** What one call carries besides its body. */
export interface Credentials {
  /** All request headers, names and values in turn. */
  readonly headers: readonly string[];
  /** The key among them, or empty; for keeping it out of messages. */
  readonly secret: string;
  /** The key is the caller's own: its refusal is the caller's business. */
  readonly forwarded: boolean;
}

/** Where a caller puts its own key for the vendor. */
const KEY_HEADER = 'x-provider-api-key';
const GROUND = ['content-type', 'application/json', 'user-agent', 'nexus-ai'] as const;
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
  /** What is sent with the configured key, or with none where none is needed. */
  readonly #own: Credentials | undefined;

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
    const secret = config.apiKey?.reveal() ?? '';
    if (secret !== '') this.#own = { headers: [...GROUND, ...definition.authorize(secret)], secret, forwarded: false };
    else if (definition.keyless === true) this.#own = { headers: GROUND, secret, forwarded: false };
  }

  /** `alias` is the model as the client names it. Throws `key_missing` when there is no key to send. */
  of(exchange: Exchange, alias: string): Credentials {
    const base = this.#base(exchange);
    const modelRules = this.#modelRules.get(alias) ?? NO_RULES;
    if (this.#rules.length > 0 || modelRules.length > 0) return this.#ruled(base, exchange, modelRules);
    let { headers } = base;
    for (const name of this.#definition.clientHeaders) {
      const value = exchange.header(name);
      if (value !== undefined) headers = [...headers, name, value];
    }
    return headers === base.headers ? base : { ...base, headers };
  }

  #base(exchange: Exchange): Credentials {
    if (this.#forwardToken) {
      const key = exchange.header(KEY_HEADER);
      if (key !== undefined) {
        return { headers: [...GROUND, ...this.#definition.authorize(key)], secret: key, forwarded: true };
      }
    }
    if (this.#own !== undefined) return this.#own;
    throw new NexusError(
      'key_missing',
      this.#forwardToken
        ? `Provider '${this.#name}': token forwarding is enabled but no API key was provided`
        : `Provider '${this.#name}' has no API key configured`,
    );
  }

  #ruled(base: Credentials, exchange: Exchange, modelRules: readonly HeaderRule[]): Credentials {
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
    return { headers, secret, forwarded };
  }
}

/** A rule has put another credential in the place of ours: the key is what follows the scheme. */
function replaced({ value, fromClient }: BuiltHeader): { secret: string; forwarded: boolean } {
  return { secret: value.replace(/^[A-Za-z]+ +/, ''), forwarded: fromClient };
}
