import { describe, expect, it } from 'vitest';
import { NexusError } from '../../errors/nexus-error.ts';
import { unsaid } from './dialect.ts';
import { isEmbeddingDialect, TEXT_DIALECTS } from './index.ts';
import { readEmbeddingsRequest } from './request.ts';

type Id = keyof typeof TEXT_DIALECTS;

/** What one call with these texts and options says, and the fields it does not. */
function said(id: Id, model: string, options: object, texts: readonly string[] = ['a']) {
  const dialect = TEXT_DIALECTS[id];
  const request = readEmbeddingsRequest({ model: 'p/m', input: texts, ...options });
  const names = new Set<string>();
  const parameters = dialect.parameters(request, model, names);
  return { call: JSON.parse(dialect.encodeCall(texts, parameters, model)), dropped: unsaid(request, names) };
}

const decode = (id: Id, body: unknown, headers = {}) => TEXT_DIALECTS[id].decodeAnswer(body, headers);

function refused(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (NexusError.is(error)) return error.code;
    throw error;
  }
  throw new Error('accepted');
}

describe('Google', () => {
  it('gets a request per text, each with the model', () => {
    expect(said('google-batch', 'gemini-embedding-001', {}, ['a', 'b'])).toEqual({
      call: {
        requests: [
          { model: 'models/gemini-embedding-001', content: { parts: [{ text: 'a' }] } },
          { model: 'models/gemini-embedding-001', content: { parts: [{ text: 'b' }] } },
        ],
      },
      dropped: [],
    });
  });

  it.each([
    ['search_document', 'RETRIEVAL_DOCUMENT'],
    ['search_query', 'RETRIEVAL_QUERY'],
    ['clustering', 'CLUSTERING'],
    ['SEMANTIC_SIMILARITY', 'SEMANTIC_SIMILARITY'],
    ['code_retrieval_query', 'CODE_RETRIEVAL_QUERY'],
  ])('is told what for: %s', (inputType, taskType) => {
    const { call, dropped } = said('google-batch', 'm', { input_type: inputType, dimensions: 768 });
    expect(call.requests[0]).toMatchObject({ taskType, outputDimensionality: 768 });
    expect(dropped).toEqual([]);
  });

  it('is not told what it has no word for', () => {
    const { call, dropped } = said('google-batch', 'm', { input_type: 'image', user: 'u', later: 1, odd: null });
    expect(Object.keys(call.requests[0])).toEqual(['model', 'content']);
    expect(dropped).toEqual(['input_type', 'user', 'later']);
  });

  it('answers in order, with usage where it has it', () => {
    const embeddings = [{ values: [1] }, { values: [2] }];
    expect(decode('google-batch', { embeddings })).toEqual({ vectors: [[1], [2]], tokens: undefined });
    const usageMetadata = { promptTokenCount: 5 };
    expect(decode('google-batch', { embeddings, usageMetadata })).toMatchObject({ tokens: 5 });
  });

  it.each([[null], [{}], [[]], [{ embeddings: {} }], [{ embedding: { values: [1] } }]])('does not say %j', (body) => {
    expect(refused(() => decode('google-batch', body))).toBe('upstream_invalid');
  });
});

describe('Titan', () => {
  it('gets one text', () => {
    expect(said('bedrock-titan', 'amazon.titan-embed-text-v1', {})).toEqual({ call: { inputText: 'a' }, dropped: [] });
  });

  it.each([
    ['amazon.titan-embed-text-v2:0', { inputText: 'a', dimensions: 256, normalize: false }, ['user']],
    ['amazon.titan-embed-text-v1', { inputText: 'a' }, ['dimensions', 'user', 'normalize']],
    [
      'amazon.titan-embed-image-v1',
      { inputText: 'a', embeddingConfig: { outputEmbeddingLength: 256 } },
      ['user', 'normalize'],
    ],
  ])('%s takes what it can', (model, call, dropped) => {
    expect(said('bedrock-titan', model, { dimensions: 256, user: 'u', normalize: false })).toEqual({ call, dropped });
  });

  it('answers with one vector and its tokens, in the body or in the header', () => {
    const header = { 'x-amzn-bedrock-input-token-count': '7' };
    expect(decode('bedrock-titan', { embedding: [1], inputTextTokenCount: 4 }, header)).toEqual({
      vectors: [[1]],
      tokens: 4,
    });
    expect(decode('bedrock-titan', { embedding: [1] }, header)).toMatchObject({ tokens: 7 });
    expect(decode('bedrock-titan', { embedding: [1] }, { 'x-amzn-bedrock-input-token-count': 'many' })).toMatchObject({
      tokens: undefined,
    });
    expect(refused(() => decode('bedrock-titan', null))).toBe('upstream_invalid');
  });
});

describe('Cohere on Bedrock', () => {
  it('gets a list, and always what for', () => {
    expect(said('bedrock-cohere', 'cohere.embed-v4:0', {}, ['a', 'b'])).toEqual({
      call: { texts: ['a', 'b'], input_type: 'search_document', embedding_types: ['float'] },
      dropped: [],
    });
    const { call, dropped } = said('bedrock-cohere', 'us.cohere.embed-v4:0', {
      input_type: 'search_query',
      dimensions: 512,
    });
    expect(call).toMatchObject({ input_type: 'search_query', output_dimension: 512 });
    expect(dropped).toEqual([]);
  });

  it('cannot shorten vectors before version 4, and knows its own words only', () => {
    const { call, dropped } = said('bedrock-cohere', 'cohere.embed-english-v3', {
      input_type: 'question_answering',
      dimensions: 512,
    });
    expect(call).not.toHaveProperty('output_dimension');
    expect(call.input_type).toBe('search_document');
    expect(dropped.sort()).toEqual(['dimensions', 'input_type']);
  });

  it.each([
    ['by type', { embeddings: { float: [[1], [2]] }, response_type: 'embeddings_by_type' }],
    ['bare', { embeddings: [[1], [2]], response_type: 'embeddings_floats' }],
  ])('answers %s', (_, body) => {
    expect(decode('bedrock-cohere', body)).toEqual({ vectors: [[1], [2]], tokens: undefined });
    expect(decode('bedrock-cohere', body, { 'x-amzn-bedrock-input-token-count': '3' })).toMatchObject({ tokens: 3 });
    const meta = { billed_units: { input_tokens: 4 } };
    expect(decode('bedrock-cohere', { ...body, meta })).toMatchObject({ tokens: 4 });
  });

  it.each([[null], [{}], [{ embeddings: { int8: [[1]] } }]])('does not say %j', (body) => {
    expect(refused(() => decode('bedrock-cohere', body))).toBe('upstream_invalid');
  });
});

describe('names of formats', () => {
  it.each(['openai', ...Object.keys(TEXT_DIALECTS)])('%s is one', (id) => expect(isEmbeddingDialect(id)).toBe(true));
  it.each(['', 'toString', undefined, 7])('%j is none', (id) => expect(isEmbeddingDialect(id)).toBe(false));
});
