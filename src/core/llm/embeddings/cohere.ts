import { tokenCount } from '../../exchange/usage.ts';
import type { JsonObject } from '../canonical/request.ts';
import { isJsonObject } from '../protocols/json-object.ts';
import { inputTokensHeader } from './bedrock-tokens.ts';
import { type TextDialect, unreadableAnswer } from './dialect.ts';

const INPUT_TYPES: ReadonlySet<string> = new Set(['search_document', 'search_query', 'classification', 'clustering']);

/** The format wants to know what the vectors are for; clients that do not say are taken to fill an index. */
const DEFAULT_INPUT_TYPE = 'search_document';

/**
 * Cohere Embed through Bedrock's InvokeModel: up to 96 texts per call, and an `input_type`. From version 4 on the length
 * of the vectors can be chosen. Source: the Bedrock user guide, "Cohere Embed"; answers as Cohere's own API writes them.
 */
export const bedrockCohere: TextDialect = {
  textsPerCall: 96,

  parameters({ dimensions, inputType }, model, said) {
    const parameters: JsonObject = { input_type: DEFAULT_INPUT_TYPE, embedding_types: ['float'] };
    if (inputType !== undefined && INPUT_TYPES.has(inputType)) {
      parameters['input_type'] = inputType;
      said.add('input_type');
    }
    if (dimensions !== undefined && !/embed-[a-z-]+-v3/.test(model)) {
      parameters['output_dimension'] = dimensions;
      said.add('dimensions');
    }
    return parameters;
  },

  encodeCall: (texts, parameters) => JSON.stringify({ texts, ...parameters }),

  decodeAnswer(body, headers) {
    if (!isJsonObject(body)) throw unreadableAnswer();
    const { embeddings } = body;
    // By type where a type was asked for; a bare list from hosts that do not know the question.
    const vectors = isJsonObject(embeddings) ? embeddings['float'] : embeddings;
    if (!Array.isArray(vectors)) throw unreadableAnswer();
    return { vectors, tokens: billedTokens(body) ?? inputTokensHeader(headers) };
  },
};

function billedTokens({ meta }: JsonObject): number | undefined {
  const billed = isJsonObject(meta) ? meta['billed_units'] : undefined;
  const counted = isJsonObject(billed) ? billed['input_tokens'] : undefined;
  return typeof counted === 'number' ? tokenCount(counted) : undefined;
}
