import { NexusError } from '../../errors/nexus-error.ts';
import type { ProtocolId } from '../protocols/protocol.ts';

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

/** What makes a vendor: where it is, what it speaks, how it wants its key. Data, so that a vendor is a few lines. */
export interface ProviderDefinition {
  /** The `type` in the configuration. */
  readonly kind: string;
  /** The first is what requests in a protocol it does not speak are translated into. */
  readonly protocols: readonly SpokenProtocol[];
  /** Up to and including the version. Absent: the configuration must give one. */
  readonly baseUrl?: string;
  /** Headers that carry the key, names in lower case and values in turn. */
  readonly authorize: (key: string) => readonly string[];
  /** Answers without a key too: servers one runs oneself. */
  readonly keyless?: boolean;
  /** Client headers (lower case) that mean something to this vendor and hold no credential; passed on as they come. */
  readonly clientHeaders: readonly string[];
  /** For vendors of OpenAI's dialect that do not know `max_completion_tokens`. */
  readonly maxTokensField?: 'max_tokens';
  /** What holds instead at a base URL that is not the vendor's own: there stands a service that is compatible with it. */
  readonly elsewhere?: Pick<ProviderDefinition, 'maxTokensField'>;
  /** Whose signed or encrypted reasoning its models understand. */
  readonly origin: 'openai' | 'anthropic' | 'google' | undefined;
}

const PROTOCOLS: ReadonlySet<string> = new Set<ProtocolId>([
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'google-generate',
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
    if (!PROTOCOLS.has(id)) throw invalid(subject, `protocols must be among ${[...PROTOCOLS].join(', ')}`);
    if (spoken.has(id)) throw invalid(subject, `protocol ${id} is given twice`);
    spoken.add(id);
    const wellFormed = typeof path === 'function' || (typeof path === 'string' && path.startsWith('/'));
    if (!wellFormed) throw invalid(subject, `the path of ${id} must begin with "/" or be a function`);
  }
  if (baseUrl !== undefined && !isBaseUrl(baseUrl)) {
    throw invalid(subject, 'baseUrl must be an absolute http or https URL without credentials, query or fragment');
  }
  if (typeof definition.authorize !== 'function') throw invalid(subject, 'authorize must be a function');
  if (!isHeaderList(definition.authorize('key'))) {
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

function isBaseUrl(text: string): boolean {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return false;
  const { username, password, search, hash } = new URL(text);
  return `${username}${password}${search}${hash}` === '';
}

function isHeaderList(headers: unknown): boolean {
  if (!Array.isArray(headers) || headers.length === 0 || headers.length % 2 !== 0) return false;
  return headers.every((item, index) => typeof item === 'string' && (index % 2 === 1 || HEADER_NAME.test(item)));
}

function invalid(subject: string, message: string): NexusError {
  return new NexusError('config_invalid', `${subject} cannot be used: ${message}`);
}
