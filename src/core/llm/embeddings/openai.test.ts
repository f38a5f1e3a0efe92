import { describe, expect, it } from 'vitest';
import { NexusError } from '../../errors/nexus-error.ts';
import { patchEmbeddingsRequest, readEmbeddingsAnswer } from './openai.ts';
import { readEmbeddingsRequest } from './request.ts';

const ESTIMATE = { input: 9, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
const item = (embedding: unknown, index?: number) => ({
  object: 'embedding',
  ...(index === undefined ? {} : { index }),
  embedding,
});
const answer = (data: unknown, more: object = { usage: { prompt_tokens: 3, total_tokens: 3 } }) => ({
  object: 'list',
  data,
  model: 'upstream-model',
  ...more,
});

function read(value: unknown, options: { format?: string; input?: unknown; model?: string } = {}) {
  const bytes = Buffer.from(JSON.stringify(value, null, 1));
  const request = readEmbeddingsRequest({
    model: 'p/m',
    input: options.input ?? 'a',
    encoding_format: options.format ?? 'float',
  });
  const wanted = { request, model: options.model, estimate: () => ESTIMATE };
  const result = readEmbeddingsAnswer(bytes, JSON.parse(bytes.toString()), wanted);
  return { ...result, untouched: result.body === bytes, value: JSON.parse(result.body.toString()) };
}

function refusal(call: () => unknown): NexusError {
  try {
    call();
  } catch (error) {
    if (NexusError.is(error)) return error;
    throw error;
  }
  throw new Error('accepted');
}

describe('an answer of the same format', () => {
  it('goes through untouched', () => {
    expect(read(answer([item([1, 2], 0)]))).toMatchObject({
      untouched: true,
      estimated: false,
      usage: { input: 3, output: 0 },
    });
    expect(read(answer([item('AACAPw==', 0)]), { format: 'base64' }).untouched).toBe(true);
    expect(read(answer([item([1], 1), item([2], 0)]), { input: ['a', 'b'] }).untouched).toBe(true);
  });

  it('is converted where the host knows one format only', () => {
    const floats = read(answer([item('AACAPwAAAMA=', 0)], { usage: { prompt_tokens: 1 }, extra: 1 }));
    expect(floats.value).toMatchObject({ data: [item([1, -2], 0)], extra: 1, model: 'upstream-model' });
    const base64 = read(answer([item([1, -2], 0)]), { format: 'base64' });
    expect(base64.value.data).toEqual([item('AACAPwAAAMA=', 0)]);
  });

  it('gets the indexes it lacks', () => {
    const { value } = read(answer([item([1]), item([2])]), { input: ['a', 'b'] });
    expect(value.data).toEqual([item([1], 0), item([2], 1)]);
  });

  it.each([[{}], [{ usage: null }], [{ usage: {} }]])('gets the usage it lacks, with %j', (more) => {
    const { value, estimated, usage } = read(answer([item([1], 0)], more), { model: 'asked' });
    expect(value).toMatchObject({ usage: { prompt_tokens: 9, total_tokens: 9 }, model: 'asked' });
    expect([estimated, usage]).toEqual([true, ESTIMATE]);
  });

  it('names the model the client asked for, and changes nothing else', () => {
    const value = answer([item([1], 0)]);
    const { body } = read(value, { model: 'smart' });
    expect(body.toString()).toBe(JSON.stringify(value, null, 1).replace('upstream-model', 'smart'));
    const nameless = { object: 'list', data: [item([1], 0)], usage: { prompt_tokens: 1 } };
    expect(read(nameless, { model: 'smart' }).value.model).toBe('smart');
  });

  it.each([
    ['null', null],
    ['a list', []],
    ['nothing in it', {}],
    ['no items', answer([])],
    ['too many items', answer([item([1], 0), item([1], 1)])],
    ['an item that is none', answer([7])],
    ['an item without a vector', answer([item(undefined, 0)])],
    ['an empty vector', answer([item([], 0)])],
  ])('is refused with %s', (_, value) => {
    expect(refusal(() => read(value)).code).toBe('upstream_invalid');
  });

  it('is the error it holds, whatever its status', () => {
    const error = { error: { message: 'slow down', type: 'rate_limit_error' } };
    expect(refusal(() => read(error))).toMatchObject({ code: 'upstream_rate_limited', status: 429 });
  });
});

describe('a request of the same format', () => {
  const patched = (text: string, model: string) =>
    String(patchEmbeddingsRequest(Buffer.from(text), readEmbeddingsRequest(JSON.parse(text)), model));

  it('is sent as it came but for the model', () => {
    const text = '{ "input" : ["\u00e9"],\n"model":"p/m", "later": 1.0 }';
    expect(patched(text, 'p/m')).toBe(text);
    expect(patched(text, 'm')).toBe(text.replace('p/m', 'm'));
  });

  it('is written anew where two readers could disagree about the model', () => {
    expect(JSON.parse(patched('{"model":"x","input":"a","model":"p/m"}', 'm'))).toEqual({ input: 'a', model: 'm' });
  });
});
