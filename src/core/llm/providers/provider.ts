import type { ParsedProvider } from '../../config/resolve.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { ProtocolId } from '../protocols/protocol.ts';
import type { Deadlines } from './deadlines.ts';
import type { ProviderDefinition } from './definition.ts';

const USER_AGENT = 'nexus-ai';

/** A configured account at a vendor, everything that does not change with the request computed once. */
export class Provider {
  readonly name: string;
  readonly kind: string;
  readonly protocol: ProtocolId;
  readonly origin: string;
  readonly path: string;
  readonly deadlines: Deadlines;
  /** The key, or empty. For keeping it out of messages; `headers` is what sends it. */
  readonly secret: string;
  /** Public model id → the vendor's name. */
  readonly models: ReadonlyMap<string, string>;
  readonly #modelsOnly: boolean;
  readonly #headers: readonly string[] | undefined;
  readonly #clientHeaders: readonly string[];

  constructor(definition: ProviderDefinition, config: ParsedProvider) {
    const base = new URL(config.baseUrl ?? definition.baseUrl);
    this.name = config.name;
    this.kind = definition.kind;
    this.protocol = definition.protocol;
    this.origin = base.origin;
    this.path = base.pathname.replace(/\/$/, '') + definition.path + base.search;
    this.deadlines = { total: config.timeout, firstByte: config.firstByteTimeout, idle: config.idleTimeout };
    this.models = new Map(Object.entries(config.models).map(([id, model]) => [id, model.upstream]));
    this.#modelsOnly = config.modelsOnly;
    this.secret = config.apiKey?.reveal() ?? '';
    this.#headers =
      this.secret === ''
        ? undefined
        : ['content-type', 'application/json', 'user-agent', USER_AGENT, ...definition.authorize(this.secret)];
    this.#clientHeaders = definition.clientHeaders;
  }

  /** Names and values in turn. Throws `key_missing` when the provider has no key. */
  headers(exchange: Exchange): readonly string[] {
    if (this.#headers === undefined) {
      throw new NexusError('key_missing', `Provider '${this.name}' has no API key configured`);
    }
    let headers = this.#headers;
    for (const name of this.#clientHeaders) {
      const value = exchange.header(name);
      if (value !== undefined) headers = [...headers, name, value];
    }
    return headers;
  }

  /** The vendor's name for a public model id; `undefined` when only listed models may be called and this is none. */
  resolve(id: string): string | undefined {
    return this.models.get(id) ?? (this.#modelsOnly ? undefined : id);
  }
}
