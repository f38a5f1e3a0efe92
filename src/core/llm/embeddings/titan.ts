import { tokenCount } from '../../exchange/usage.ts';
import { isJsonObject } from '../protocols/json-object.ts';
import { inputTokensHeader } from './bedrock-tokens.ts';
import { type TextDialect, unreadableAnswer } from './dialect.ts';

/**
 * Amazon Titan text embeddings through Bedrock's InvokeModel: `{ inputText }`, one text per call. Version 2 takes
 * `dimensions` and `normalize`, the multimodal model has the length in `embeddingConfig`, the first version neither.
 * Source: the Bedrock user guide, "Amazon Titan Embeddings".
 */
export const bedrockTitan: TextDialect = {
  textsPerCall: 1,

  parameters({ body, dimensions }, model, said) {
    if (model.includes('titan-embed-image')) {
      if (dimensions === undefined) return {};
      said.add('dimensions');
      return { embeddingConfig: { outputEmbeddingLength: dimensions } };
    }
    if (!model.includes('titan-embed-text-v2')) return {};
    const normalize = body['normalize'];
    if (dimensions !== undefined) said.add('dimensions');
    if (typeof normalize === 'boolean') said.add('normalize');
    return {
      ...(dimensions !== undefined && { dimensions }),
      ...(typeof normalize === 'boolean' && { normalize }),
    };
  },

  encodeCall: ([text = ''], parameters) => JSON.stringify({ inputText: text, ...parameters }),

  decodeAnswer(body, headers) {
    if (!isJsonObject(body)) throw unreadableAnswer();
    const counted = body['inputTextTokenCount'];
    const tokens = typeof counted === 'number' ? tokenCount(counted) : inputTokensHeader(headers);
    return { vectors: [body['embedding']], tokens };
  },
};
