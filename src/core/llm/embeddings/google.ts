import { tokenCount } from '../../exchange/usage.ts';
import type { JsonObject } from '../canonical/request.ts';
import { isJsonObject } from '../protocols/json-object.ts';
import { type TextDialect, unreadableAnswer } from './dialect.ts';

/** `input_type` → Google's task types. Its own words, in either case, are understood as well. */
const TASK_TYPES: ReadonlyMap<string, string> = new Map([
  ['search_document', 'RETRIEVAL_DOCUMENT'],
  ['search_query', 'RETRIEVAL_QUERY'],
  ...[
    'retrieval_document',
    'retrieval_query',
    'semantic_similarity',
    'classification',
    'clustering',
    'question_answering',
    'fact_verification',
    'code_retrieval_query',
  ].map((word) => [word, word.toUpperCase()] as const),
]);

/**
 * Google's `batchEmbedContents`: one request per text, each naming the model again; answers in the same order. More than
 * a hundred in one call are refused. Source: the Gemini API reference, and the corpus' recordings.
 */
export const googleBatch: TextDialect = {
  textsPerCall: 100,

  parameters({ dimensions, inputType }, _model, said) {
    const parameters: JsonObject = {};
    const taskType = TASK_TYPES.get(inputType?.toLowerCase() ?? '');
    if (taskType !== undefined) {
      parameters['taskType'] = taskType;
      said.add('input_type');
    }
    if (dimensions !== undefined) {
      parameters['outputDimensionality'] = dimensions;
      said.add('dimensions');
    }
    return parameters;
  },

  encodeCall(texts, parameters, model) {
    const requests = texts.map((text) => ({
      model: `models/${model}`,
      content: { parts: [{ text }] },
      ...parameters,
    }));
    return JSON.stringify({ requests });
  },

  decodeAnswer(body) {
    if (!isJsonObject(body) || !Array.isArray(body['embeddings'])) throw unreadableAnswer();
    const vectors = body['embeddings'].map((one: unknown) => (isJsonObject(one) ? one['values'] : undefined));
    const usage = body['usageMetadata'];
    const counted = isJsonObject(usage) ? usage['promptTokenCount'] : undefined;
    return { vectors, tokens: typeof counted === 'number' ? tokenCount(counted) : undefined };
  },
};
