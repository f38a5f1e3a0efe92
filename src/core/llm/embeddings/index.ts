import { bedrockCohere } from './cohere.ts';
import type { EmbeddingDialectId, TextDialect, TextDialectId } from './dialect.ts';
import { googleBatch } from './google.ts';
import { bedrockTitan } from './titan.ts';

export type { AnswerHeaders, EmbeddingDialectId, TextDialect } from './dialect.ts';
export { unsaid } from './dialect.ts';
export { encodeEmbeddingsAnswer, patchEmbeddingsRequest, readEmbeddingsAnswer } from './openai.ts';
export { type EmbeddingsRequest, readEmbeddingsRequest, type VectorFormat } from './request.ts';
export { checkedVector } from './vector.ts';

/** The formats that take texts only, with their codecs. */
export const TEXT_DIALECTS: Readonly<Record<TextDialectId, TextDialect>> = {
  'google-batch': googleBatch,
  'bedrock-titan': bedrockTitan,
  'bedrock-cohere': bedrockCohere,
};

export function isEmbeddingDialect(id: unknown): id is EmbeddingDialectId {
  return id === 'openai' || (typeof id === 'string' && Object.hasOwn(TEXT_DIALECTS, id));
}
