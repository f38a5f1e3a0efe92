import type { AwsGuardrail } from '../../config/aws-settings.ts';
import type { ParsedProvider } from '../../config/resolve.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { EmbeddingDialectId } from '../embeddings/index.ts';
import type { ProtocolId } from '../protocols/protocol.ts';
import { CredentialSource, type Credentials } from './credentials.ts';
import type { Deadlines } from './deadlines.ts';
import type { ModelListing, Place, ProviderDefinition, SpokenProtocol, TransportSettings } from './definition.ts';

export type { Credentials } from './credentials.ts';

/** A model's name is anyone's text: longer than this, a filter of the configuration does not look at it. */
const LONGEST_FILTERED_MODEL = 512;

/** A configured account at a vendor, everything that does not change with the request computed once. */
export class Provider {
  readonly name: string;
  readonly kind: string;
  /** The definition as it holds at this base URL, and for this account. */
  readonly definition: ProviderDefinition;
  /** Scheme, host and port; empty where only a transport of the provider's own knows them. */
  readonly url: string;
  /** What a transport of its own may need. */
  readonly transportSettings: TransportSettings;
  /** What a request is translated into when its own protocol is not spoken here. */
  readonly primary: ProtocolId;
  readonly deadlines: Deadlines;
  /** A field that cannot be told here is refused, not left out. */
  readonly strictParams: boolean;
  /** Public model id → the vendor's name. */
  readonly models: ReadonlyMap<string, string>;
  /** How to ask it for its models; absent where it cannot be asked, or nothing of its list could be called. */
  readonly listings: readonly (ModelListing & { readonly headers: readonly string[] })[];
  readonly #place: Place;
  readonly #paths: ReadonlyMap<ProtocolId, SpokenProtocol['path']>;
  readonly #credentials: CredentialSource;
  readonly #modelsOnly: boolean;
  readonly #modelFilter: RegExp | undefined;

  /** Throws `config_invalid` when neither the configuration nor the definition says where the provider is. */
  constructor(definition: ProviderDefinition, config: ParsedProvider) {
    const baseUrl = config.baseUrl ?? definition.baseUrl;
    if (baseUrl === undefined && definition.openTransport === undefined) {
      throw unusable(config.name, `kind '${definition.kind}' needs a base URL`);
    }
    const base = baseUrl === undefined ? undefined : new URL(baseUrl);
    this.name = config.name;
    this.kind = definition.kind;
    this.definition = placed(definition, base, config.guardrail);
    this.url = base?.origin ?? '';
    this.transportSettings = { name: config.name, baseUrl, aws: config.aws };
    const place = { basePath: base?.pathname.replace(/\/+$/, '') ?? '', apiVersion: config.apiVersion };
    const spoken = definition.protocols.filter(({ available }) => available?.(place) ?? true);
    const [first] = spoken;
    if (first === undefined)
      throw unusable(config.name, `kind '${definition.kind}' speaks no protocol at its base URL`);
    this.primary = first.id;
    this.#place = place;
    this.#paths = new Map(
      spoken.map(({ id, path }) => [id, typeof path === 'string' ? place.basePath + path : path] as const),
    );
    this.#credentials = new CredentialSource(definition, config);
    this.strictParams = config.strictParams;
    this.deadlines = { total: config.timeout, firstByte: config.firstByteTimeout, idle: config.idleTimeout };
    this.models = new Map(Object.entries(config.models).map(([id, model]) => [id, model.upstream]));
    this.#modelsOnly = config.modelsOnly;
    this.#modelFilter = config.modelFilter;
    this.listings = this.#listings();
  }

  speaks(id: ProtocolId): boolean {
    return this.#paths.has(id);
  }

  /** Path and query of a call in a protocol that is spoken here. */
  path(protocol: ProtocolId, model: string, stream: boolean): string {
    const path = this.#paths.get(protocol);
    if (path === undefined) throw new NexusError('internal', `Provider '${this.name}' does not speak ${protocol}`);
    return typeof path === 'string' ? path : this.#place.basePath + path(model, stream, this.#place);
  }

  /** In which format, and at which path and query, texts are embedded with a model; `undefined` where they are not. */
  embeddings(model: string): { readonly dialect: EmbeddingDialectId; readonly path: string } | undefined {
    const spoken = this.definition.embeddings;
    if (spoken === undefined) return undefined;
    const dialect = typeof spoken.dialect === 'function' ? spoken.dialect(model) : spoken.dialect;
    if (dialect === undefined) return undefined;
    const path = typeof spoken.path === 'function' ? spoken.path(model, this.#place) : spoken.path;
    return { dialect, path: this.#place.basePath + path };
  }

  /**
   * Headers and key for a call to `alias`, the model as the client names it after the provider's name; `now` is the
   * monotonic clock. Throws `key_missing` when there is no key to send.
   */
  credentials(exchange: Exchange, alias: string, now = 0): Credentials {
    return this.#credentials.of(exchange, alias, now);
  }

  /** Whether every call is refused, for want of a key to send. */
  get isLocked(): boolean {
    return this.#credentials.isLocked;
  }

  /** Whether a key of its own can be used at once; where there is only one it always can. */
  hasUsableKey(now: number): boolean {
    return this.#credentials.pool?.hasUsable(now) ?? true;
  }

  /**
   * The vendor's name for a public model id: as it is when the filter lets it through, else what the list of models says,
   * else as it is where any model may be called. `undefined` when this one may not.
   */
  resolve(id: string): string | undefined {
    const filter = this.#modelFilter;
    if (filter !== undefined && id.length <= LONGEST_FILTERED_MODEL && filter.test(id)) return id;
    return this.models.get(id) ?? (this.#modelsOnly || filter !== undefined ? undefined : id);
  }

  /** Whether a model of the vendor can be called without being configured. */
  admits(id: string): boolean {
    if (this.#modelFilter === undefined) return !this.#modelsOnly;
    return id.length <= LONGEST_FILTERED_MODEL && this.#modelFilter.test(id);
  }

  #listings(): Provider['listings'] {
    const { models = [] } = this.definition;
    const headers = this.#credentials.own();
    if (headers === undefined || (this.#modelsOnly && this.#modelFilter === undefined)) return [];
    return [models].flat().map(({ form, path }) => ({ form, path: this.#place.basePath + path, headers }));
  }
}

function placed(
  definition: ProviderDefinition,
  base: URL | undefined,
  guardrail: AwsGuardrail | undefined,
): ProviderDefinition {
  const here = isElsewhere(definition, base) ? { ...definition, ...definition.elsewhere } : definition;
  return guardrail === undefined ? here : { ...here, guardrail };
}

function isElsewhere({ baseUrl }: ProviderDefinition, base: URL | undefined): boolean {
  if (baseUrl === undefined || base === undefined) return false;
  const { host } = new URL(baseUrl);
  // Regions of the vendor are names below its own.
  return base.host !== host && !base.host.endsWith(`.${host}`);
}

function unusable(name: string, message: string): NexusError {
  return new NexusError('config_invalid', `Provider '${name}' cannot be used: ${message}`);
}
