// Embeddings as the vendors give them: made from the text alone, so that equal texts have equal vectors.
import { estimateTokens } from './answer.ts';
import type { FakeError, FakeProtocol } from './fake-rule.ts';
import { type JsonObject, listOf, member } from './json-value.ts';

/** What an embeddings request asks. */
export interface EmbeddingsQuestion {
  readonly model: string;
  /** A text each, or the token ids of one as a text. */
  readonly texts: readonly string[];
  /** Length of the vectors. Default: 8. */
  readonly dimensions: number;
  readonly base64: boolean;
}

/** One vendor's form of embeddings. */
export interface Embedder {
  readonly protocol: FakeProtocol;
  readonly path: RegExp;
  /** What the body asks, or why the vendor would refuse it. */
  read(body: JsonObject, path: string): EmbeddingsQuestion | FakeError;
  /** `tokens`: what the answer says it costs; undefined: nothing. */
  answer(question: EmbeddingsQuestion, tokens: number | undefined): JsonObject;
  /** What the answer's headers say it costs, where the vendor tells it there. */
  headers?(tokens: number): Record<string, string>;
}

const DEFAULT_DIMENSIONS = 8;
const MOST_GOOGLE_REQUESTS = 100;
const MOST_COHERE_TEXTS = 96;

/** A vector of length one made from a text: the same for the same text and number of dimensions. */
export function fakeVector(text: string, dimensions = DEFAULT_DIMENSIONS): number[] {
  let state = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193);
  const numbers = Array.from({ length: dimensions }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state / 2 ** 31;
  });
  const length = Math.hypot(...numbers) || 1;
  return numbers.map((number) => Math.fround(number / length));
}

/** Little-endian 32-bit floats. */
export function base64Vector(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, number] of vector.entries()) bytes.writeFloatLE(number, index * 4);
  return bytes.toString('base64');
}

export function embeddingTokens({ texts }: EmbeddingsQuestion): number {
  return texts.reduce((sum, text) => sum + estimateTokens(text.length), 0);
}

export const openaiEmbedder: Embedder = {
  protocol: 'openai',
  path: /^\/v1\/embeddings$/,
  read(body) {
    const { model, input, dimensions, encoding_format: format } = body;
    if (typeof model !== 'string' || model === '')
      return { status: 400, message: 'you must provide a model parameter' };
    if (input === undefined || input === null || (Array.isArray(input) && input.length === 0)) {
      return { status: 400, message: "'$.input' is invalid. Please check the API reference." };
    }
    if (format !== undefined && format !== 'float' && format !== 'base64') {
      return { status: 400, message: `'${String(format)}' is not one of ['float', 'base64'] - 'encoding_format'` };
    }
    const items = Array.isArray(input) && typeof input[0] !== 'number' ? input : [input];
    const texts = items.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
    return { model, texts, dimensions: Number(dimensions ?? DEFAULT_DIMENSIONS), base64: format === 'base64' };
  },
  answer({ model, texts, dimensions, base64 }, tokens) {
    const data = texts.map((text, index) => {
      const vector = fakeVector(text, dimensions);
      return { object: 'embedding', index, embedding: base64 ? base64Vector(vector) : vector };
    });
    const usage = tokens === undefined ? {} : { usage: { prompt_tokens: tokens, total_tokens: tokens } };
    return { object: 'list', data, model, ...usage };
  },
};

export const googleEmbedder: Embedder = {
  protocol: 'google',
  path: /^\/v1(beta)?\/models\/.+:batchEmbedContents$/,
  read(body, path) {
    const [, name = ''] = /\/(models\/.+):batchEmbedContents$/.exec(path) ?? [];
    const model = decodeURIComponent(name);
    const requests = listOf(body['requests']);
    if (requests.length === 0)
      return { status: 400, message: '* BatchEmbedContentsRequest.requests: requests is empty' };
    if (requests.length > MOST_GOOGLE_REQUESTS) {
      const message = '* BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch';
      return { status: 400, message };
    }
    if (requests.some((request) => member(request, 'model') !== model)) {
      return { status: 400, message: '* BatchEmbedContentsRequest.requests: all requests must name the model' };
    }
    return {
      model,
      texts: requests.map((request) =>
        listOf(member(member(request, 'content'), 'parts'))
          .map(textOfPart)
          .join(''),
      ),
      dimensions: Number(member(requests[0], 'outputDimensionality') ?? DEFAULT_DIMENSIONS),
      base64: false,
    };
  },
  answer({ texts, dimensions }, tokens) {
    const embeddings = texts.map((text) => ({ values: fakeVector(text, dimensions) }));
    return { embeddings, ...(tokens === undefined ? {} : { usageMetadata: { promptTokenCount: tokens } }) };
  },
};

const textOfPart = (part: unknown) => String(member(part, 'text') ?? '');

/** Bodies of InvokeModel are those of the model's own vendor: Titan takes one text, Cohere a list. */
export const bedrockEmbedder: Embedder = {
  protocol: 'bedrock',
  path: /^\/model\/[^/]+\/invoke$/,
  read(body, path) {
    const [, , model = ''] = path.split('/');
    const { inputText, texts } = body;
    const dimensions = Number(body['dimensions'] ?? body['output_dimension'] ?? DEFAULT_DIMENSIONS);
    const asked = { model: decodeURIComponent(model), dimensions, base64: false };
    if (typeof inputText === 'string' && inputText !== '') return { ...asked, texts: [inputText] };
    if (
      listOf(texts).length > 0 &&
      listOf(texts).length <= MOST_COHERE_TEXTS &&
      typeof body['input_type'] === 'string'
    ) {
      return { ...asked, texts: listOf(texts).map(String) };
    }
    return { status: 400, message: 'Malformed input request, please reformat your input and try again.' };
  },
  answer({ model, texts, dimensions }, tokens) {
    const vectors = texts.map((text) => fakeVector(text, dimensions));
    if (!model.includes('cohere')) {
      return { embedding: vectors[0], ...(tokens === undefined ? {} : { inputTextTokenCount: tokens }) };
    }
    return { id: 'fake', response_type: 'embeddings_by_type', texts, embeddings: { float: vectors } };
  },
  headers: (tokens) => ({ 'x-amzn-bedrock-input-token-count': String(tokens) }),
};
