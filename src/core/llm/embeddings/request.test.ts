import { describe, expect, it } from 'vitest';
import { NexusError } from '../../errors/nexus-error.ts';
import { readEmbeddingsRequest } from './request.ts';

const GOOD = { model: 'p/m', input: 'text' };

function refusal(body: unknown): { code: string; param: string | undefined; message: string } {
  try {
    readEmbeddingsRequest(body);
  } catch (error) {
    if (NexusError.is(error)) return error;
    throw error;
  }
  throw new Error('accepted');
}

describe('an embeddings request', () => {
  it.each([
    ['one text', 'text', { texts: ['text'], count: 1, tokenIds: 0 }],
    ['an empty text, which vendors judge differently', '', { texts: [''], count: 1, tokenIds: 0 }],
    ['several texts', ['a', '', 'b'], { texts: ['a', '', 'b'], count: 3, tokenIds: 0 }],
    ['the token ids of one text', [1, 0, 3], { texts: undefined, count: 1, tokenIds: 3 }],
    ['token ids of several', [[1, 2], [3]], { texts: undefined, count: 2, tokenIds: 3 }],
  ])('may hold %s', (_, input, expected) => {
    expect(readEmbeddingsRequest({ ...GOOD, input })).toMatchObject(expected);
  });

  it('is read with its options', () => {
    const body = {
      ...GOOD,
      encoding_format: 'base64',
      dimensions: 3,
      user: 'u',
      input_type: 'search_query',
      later: {},
    };
    const read = readEmbeddingsRequest(body);
    expect(read).toMatchObject({ model: 'p/m', format: 'base64', dimensions: 3, inputType: 'search_query' });
    expect(read.body).toBe(body);
  });

  it('takes null for absent', () => {
    const body = { ...GOOD, encoding_format: null, dimensions: null, user: null, input_type: null };
    expect(readEmbeddingsRequest(body)).toMatchObject({ format: 'float', dimensions: undefined, inputType: undefined });
  });

  it.each([
    ['input', { input: undefined }],
    ['input', { input: null }],
    ['input', { input: [] }],
    ['input', { input: 7 }],
    ['input', { input: {} }],
    ['input[0]', { input: [null] }],
    ['input[0]', { input: [true] }],
    ['input[0]', { input: [[]] }],
    ['input[0]', { input: [-1] }],
    ['input[0]', { input: [{}] }],
    ['input[1]', { input: ['a', 1] }],
    ['input[1]', { input: [1, 'a'] }],
    ['input[1]', { input: [1, 1.5] }],
    ['input[1]', { input: [1, Number.POSITIVE_INFINITY] }],
    ['input[1]', { input: [[1], 2] }],
    ['input[1]', { input: [[1], []] }],
    ['input[0][1]', { input: [[1, '2']] }],
    ['input[0][0]', { input: [[[1]]] }],
    ['model', { model: undefined }],
    ['model', { model: '' }],
    ['model', { model: 5 }],
    ['encoding_format', { encoding_format: 'binary' }],
    ['encoding_format', { encoding_format: '' }],
    ['encoding_format', { encoding_format: 1 }],
    ['dimensions', { dimensions: 0 }],
    ['dimensions', { dimensions: -1 }],
    ['dimensions', { dimensions: 1.5 }],
    ['dimensions', { dimensions: '256' }],
    ['dimensions', { dimensions: 1e300 }],
    ['user', { user: 1 }],
    ['input_type', { input_type: '' }],
    ['input_type', { input_type: [] }],
  ])('is refused for %s in %j', (param, wrong) => {
    expect(refusal({ ...GOOD, ...wrong })).toMatchObject({ code: 'invalid_request', param });
  });

  it.each([[null], [[]], ['text'], [7]])('is refused when it is %j', (body) => {
    expect(refusal(body)).toMatchObject({ code: 'invalid_request', param: undefined });
  });

  it('does not quote what it refuses', () => {
    expect(refusal({ ...GOOD, encoding_format: 'secret-word' }).message).not.toContain('secret-word');
    expect(refusal({ ...GOOD, input: ['a', { secret: 1 }] }).message).not.toContain('secret');
  });
});
