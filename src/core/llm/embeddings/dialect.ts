import { NexusError } from '../../errors/nexus-error.ts';
import type { JsonObject } from '../canonical/request.ts';
import type { EmbeddingsRequest } from './request.ts';

/** The wire formats vendors embed texts in. `openai` is the client's own and is relayed; the others are translated. */
export type EmbeddingDialectId = 'openai' | TextDialectId;

export type TextDialectId = 'google-batch' | 'bedrock-titan' | 'bedrock-cohere';

/** What one call brought. */
export interface EmbeddedTexts {
  /** In the order of the texts; what they really are is for the reader to check. */
  readonly vectors: readonly unknown[];
  /** Tokens the vendor counted; `undefined` where it does not say. */
  readonly tokens: number | undefined;
}

/** The headers of a vendor's answer that a format may keep something in; names in lower case. */
export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** A format that takes texts only, so many per call. Pure: no network, no clock. */
export interface TextDialect {
  readonly textsPerCall: number;
  /**
   * What every call of the request carries beside its texts. The fields of the request that are said by it are added to
   * `said`.
   */
  parameters(request: EmbeddingsRequest, model: string, said: Set<string>): JsonObject;
  /** JSON text of one call. */
  encodeCall(texts: readonly string[], parameters: JsonObject, model: string): string;
  /** Throws `upstream_invalid` when `body` is no answer of this format. */
  decodeAnswer(body: unknown, headers: AnswerHeaders): EmbeddedTexts;
}

/** Fields that every translation takes care of itself. */
const COMMON: ReadonlySet<string> = new Set(['model', 'input', 'encoding_format']);

/** Names of the fields, known and unknown, that a translation did not say. */
export function unsaid({ body }: EmbeddingsRequest, said: ReadonlySet<string>): string[] {
  return Object.keys(body).filter((name) => body[name] !== null && !COMMON.has(name) && !said.has(name));
}

export function unreadableAnswer(): NexusError {
  return new NexusError('upstream_invalid', 'The provider sent embeddings that cannot be read');
}
