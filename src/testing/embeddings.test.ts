import { afterEach, describe, expect, it } from 'vitest';
import { base64Vector, fakeVector } from './embeddings.ts';
import { createFakeProvider, type FakeProvider } from './fake-provider.ts';

const open: FakeProvider[] = [];
afterEach(() => Promise.all(open.splice(0).map((provider) => provider.close())));

async function start(): Promise<FakeProvider> {
  const provider = await createFakeProvider();
  open.push(provider);
  return provider;
}

async function post({ url }: FakeProvider, path: string, body: unknown, headers: Record<string, string>) {
  const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

const KEY = { authorization: 'Bearer k' };
const GOOGLE_KEY = { 'x-goog-api-key': 'k' };
const BATCH = '/v1beta/models/m:batchEmbedContents';
const part = (text: string, model = 'models/m') => ({ model, content: { parts: [{ text }] } });

describe('made vectors', () => {
  it('are the same for the same text, others for others, and of length one', () => {
    expect(fakeVector('a', 16)).toEqual(fakeVector('a', 16));
    expect(fakeVector('a', 16)).not.toEqual(fakeVector('b', 16));
    expect(Math.hypot(...fakeVector('a', 16))).toBeCloseTo(1, 5);
    expect(fakeVector('', 3)).toHaveLength(3);
  });

  it('are little-endian in base64', () => {
    expect(Buffer.from(base64Vector([1, -2]), 'base64').toString('hex')).toBe('0000803f000000c0');
  });
});

describe('embeddings of the fake provider', () => {
  it('answer like OpenAI', async () => {
    const provider = await start();
    const body = { model: 'm', input: ['a', 'b'], dimensions: 2 };
    const numbers = await post(provider, '/v1/embeddings', body, KEY);
    expect(numbers).toEqual({
      status: 200,
      body: {
        object: 'list',
        data: ['a', 'b'].map((text, index) => ({ object: 'embedding', index, embedding: fakeVector(text, 2) })),
        model: 'm',
        usage: { prompt_tokens: 2, total_tokens: 2 },
      },
    });
    const base64 = await post(provider, '/v1/embeddings', { ...body, encoding_format: 'base64' }, KEY);
    expect(base64.body.data[1].embedding).toBe(base64Vector(fakeVector('b', 2)));
    expect(provider.bill).toMatchObject({ requests: 2, inputTokens: 4, outputTokens: 0 });
  });

  it('answer like Google', async () => {
    const provider = await start();
    const { body } = await post(provider, BATCH, { requests: [part('a'), part('b')] }, GOOGLE_KEY);
    expect(body).toEqual({
      embeddings: [{ values: fakeVector('a') }, { values: fakeVector('b') }],
      usageMetadata: { promptTokenCount: 2 },
    });
  });

  it.each([
    ['/v1/embeddings', { input: 'a' }, KEY],
    ['/v1/embeddings', { model: 'm' }, KEY],
    ['/v1/embeddings', { model: 'm', input: [] }, KEY],
    ['/v1/embeddings', { model: 'm', input: 'a', encoding_format: 'int8' }, KEY],
    ['/v1/embeddings', [], KEY],
    [BATCH, { requests: [] }, GOOGLE_KEY],
    [BATCH, { requests: new Array(101).fill(part('a')) }, GOOGLE_KEY],
    [BATCH, { requests: [part('a', 'models/other')] }, GOOGLE_KEY],
  ])('refuse at %s what the vendor refuses: %j', async (path, body, headers) => {
    expect(await post(await start(), path, body, headers)).toMatchObject({
      status: 400,
      body: { error: { message: expect.any(String) } },
    });
  });

  it('want a key', async () => {
    expect((await post(await start(), '/v1/embeddings', { model: 'm', input: 'a' }, {})).status).toBe(401);
  });

  it('do as they are told', async () => {
    const provider = await start();
    provider.script([
      { match: { prompt: 'slow' }, reply: { error: { status: 429, message: 'slower' } } },
      { match: { model: 'free-*' }, reply: { fault: 'usage-missing' } },
      { reply: { usage: { input: 70 } } },
    ]);
    const ask = (model: string, input: string) => post(provider, '/v1/embeddings', { model, input }, KEY);
    expect((await ask('m', 'slow')).status).toBe(429);
    expect((await ask('free-1', 'a')).body).not.toHaveProperty('usage');
    expect((await ask('m', 'a')).body.usage).toEqual({ prompt_tokens: 70, total_tokens: 70 });
  });
});
