import type { AwsSettings } from '../../config/aws-settings.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import type { Transport } from '../../http/transport.ts';
import { type EmbeddingDialectId, isEmbeddingDialect } from '../embeddings/index.ts';
import { PROTOCOLS } from '../protocols/index.ts';
import type { ProtocolId } from '../protocols/protocol.ts';
import type { Quirks } from '../protocols/quirks.ts';

/** What a path may depend on besides the model: how the provider is configured. */
export interface Place {
  /** Path of the base URL, without a trailing slash; empty at the root. */
  readonly basePath: string;
  readonly apiVersion: string | undefined;
}

/** A protocol a vendor speaks, and where. */
export interface SpokenProtocol {
  readonly id: ProtocolId;
  /** Below the base URL; begins with a slash, and may end in a query. */
  readonly path: string | ((model: string, stream: boolean, place: Place) => string);
  /** Whether it is spoken at this place at all. Default: it is. */
  readonly available?: (place: Place) => boolean;
}

/** Where a vendor embeds texts, and in which wire format. */
export interface SpokenEmbeddings {
  /** Where the model decides: `undefined` for those that embed nothing. */
  readonly dialect: EmbeddingDialectId | ((model: string) => EmbeddingDialectId | undefined);
  /** Below the base URL; begins with a slash, and may end in a query. */
  readonly path: string | ((model: string, place: Place) => string);
}

/** What a transport of a provider's own may need of the configuration. */
export interface TransportSettings {
  /** The provider's name in the configuration. */
  readonly name: string;
  readonly baseUrl: string | undefined;
  readonly aws: AwsSettings;
}

/** Where a vendor lists its models, and the form of its pages. */
export interface ModelListing {
  /** Below the base URL; begins with a slash. */
  readonly path: string;
  readonly form: 'openai' | 'anthropic' | 'google' | 'bedrock-models' | 'bedrock-profiles';
}

/** What makes a vendor: where it is, what it speaks, how it wants its key. Data, so that a vendor is a few lines. */
export interface ProviderDefinition extends Quirks {
  /** The `type` in the configuration. */
  readonly kind: string;
  /** The first is what requests in a protocol it does not speak are translated into. */
  readonly protocols: readonly SpokenProtocol[];
  /** Up to and including the version. Absent: the configuration must give one, unless `openTransport` knows the way. */
  readonly baseUrl?: string;
  /** Headers that carry the key, names in lower case and values in turn; none where `openTransport` sees to that. */
  readonly authorize: (key: string) => readonly string[];
  /** Absent: it has no embeddings. */
  readonly embeddings?: SpokenEmbeddings;
  /** Absent: it is not asked for its models; those that are configured are listed. Several lists count as one. */
  readonly models?: ModelListing | readonly ModelListing[];
  /** Answers without a key too: servers one runs oneself. */
  readonly keyless?: boolean;
  /** Client headers (lower case) that mean something to this vendor and hold no credential; passed on as they come. */
  readonly clientHeaders: readonly string[];
  /** What holds instead at a base URL that is not the vendor's own: there stands a service that is compatible with it. */
  readonly elsewhere?: Pick<ProviderDefinition, 'callSignatures' | 'embeddings' | 'maxTokensField'>;
  /**
   * The provider's own way to its upstream: signed requests, other framing. Called once, on first use; may wrap `shared`,
   * the transport of all others, which it must not close. Throws `config_invalid` when the way cannot be opened.
   */
  readonly openTransport?: (settings: TransportSettings, shared: Transport) => Promise<Transport>;
  /** Whose signed or encrypted reasoning its models understand. */
  readonly origin: 'openai' | 'anthropic' | 'google' | undefined;
}

const PROTOCOL_IDS: ReadonlySet<string> = new Set(Object.keys(PROTOCOLS));
const LIST_FORMS: ReadonlySet<string> = new Set<ModelListing['form']>([
  'openai',
  'anthropic',
  'google',
  'bedrock-models',
  'bedrock-profiles',
]);
const KIND = /^[a-z][a-z0-9_-]{0,63}$/;
const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;

/**
 * Checks a definition and freezes it: a vendor Nexus does not know, for `createNexus(config, { providers: [...] })`.
 * Its `kind` can then be the `type` of any number of providers in the configuration.
 *
 * Throws `config_invalid` that says what is wrong with it.
 *
 * @example
 * defineProvider({
 *   kind: 'acme',
 *   protocols: [{ id: 'openai-chat', path: '/chat/completions' }],
 *   baseUrl: 'https://api.acme.example/v1',
 *   authorize: (key) => ['authorization', `Bearer ${key}`],
 *   clientHeaders: [],
 *   origin: undefined,
 * });
 */
export function defineProvider(definition: ProviderDefinition): ProviderDefinition {
  const { kind, protocols, baseUrl, clientHeaders } = definition;
  if (typeof kind !== 'string' || !KIND.test(kind)) {
    throw invalid('A provider definition', 'kind must be a word of small letters, digits, "_" and "-"');
  }
  const subject = `The provider definition '${kind}'`;
  if (!Array.isArray(protocols) || protocols.length === 0) throw invalid(subject, 'protocols must name at least one');
  const spoken = new Set<string>();
  for (const { id, path } of protocols) {
    if (!PROTOCOL_IDS.has(id)) throw invalid(subject, `protocols must be among ${[...PROTOCOL_IDS].join(', ')}`);
    if (spoken.has(id)) throw invalid(subject, `protocol ${id} is given twice`);
    spoken.add(id);
    const wellFormed = typeof path === 'function' || (typeof path === 'string' && path.startsWith('/'));
    if (!wellFormed) throw invalid(subject, `the path of ${id} must begin with "/" or be a function`);
  }
  if (baseUrl !== undefined && !isBaseUrl(baseUrl)) {
    throw invalid(subject, 'baseUrl must be an absolute http or https URL without credentials, query or fragment');
  }
  const { embeddings, models = [] } = definition;
  if (embeddings !== undefined && !isSpokenEmbeddings(embeddings)) {
    throw invalid(subject, 'embeddings must have a path that begins with "/" and a known dialect');
  }
  if (![models].flat().every(({ form, path }) => LIST_FORMS.has(form) && String(path).startsWith('/'))) {
    const forms = [...LIST_FORMS].join(', ');
    throw invalid(subject, `models must have a path that begins with "/" and a form among ${forms}`);
  }
  if (typeof definition.authorize !== 'function') throw invalid(subject, 'authorize must be a function');
  const ownTransport = definition.openTransport !== undefined;
  if (ownTransport && typeof definition.openTransport !== 'function') {
    throw invalid(subject, 'openTransport must be a function');
  }
  if (!isHeaderList(definition.authorize('key'), ownTransport)) {
    throw invalid(subject, 'authorize must give header names in lower case and values in turn');
  }
  if (!Array.isArray(clientHeaders) || !clientHeaders.every((name) => HEADER_NAME.test(name))) {
    throw invalid(subject, 'clientHeaders must be header names in lower case');
  }
  return Object.freeze({
    ...definition,
    protocols: Object.freeze(protocols.map((protocol) => Object.freeze({ ...protocol }))),
    clientHeaders: Object.freeze([...clientHeaders]),
  });
}

/** The key in `authorization`, as most vendors want it. */
export function bearer(key: string): readonly string[] {
  return ['authorization', `Bearer ${key}`];
}

function isSpokenEmbeddings({ dialect, path }: SpokenEmbeddings): boolean {
  const isPlaced = typeof path === 'function' || (typeof path === 'string' && path.startsWith('/'));
  return isPlaced && (typeof dialect === 'function' || isEmbeddingDialect(dialect));
}

function isBaseUrl(text: string): boolean {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return false;
  const { username, password, search, hash } = new URL(text);
  return `${username}${password}${search}${hash}` === '';
}

function isHeaderList(headers: unknown, mayBeEmpty: boolean): boolean {
  if (!Array.isArray(headers) || headers.length % 2 !== 0) return false;
  if (headers.length === 0) return mayBeEmpty;
  return headers.every((item, index) => typeof item === 'string' && (index % 2 === 1 || HEADER_NAME.test(item)));
}

function invalid(subject: string, message: string): NexusError {
  return new NexusError('config_invalid', `${subject} cannot be used: ${message}`);
}
