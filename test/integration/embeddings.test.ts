import { createNexus, type Nexus, type NexusConfig, type RequestRecord } from 'nexus-ai';
import { type ListeningServer, listen } from 'nexus-ai/node';
import { createFakeProvider, type FakeProvider } from 'nexus-ai/testing';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

/* Embeddings over real sockets, asked for by the stock OpenAI client, which wants base64 unless it is told otherwise. */

let provider: FakeProvider;
let server: ListeningServer;
let client: OpenAI;
let records: RequestRecord[];

const config = (upstream: string): NexusConfig => ({
  llm: {
    discovery: { enabled: false },
    retry: { attempts: 1 },
    providers: {
      openai: {
        type: 'openai',
        apiKey: 'sk-upstream',
        baseUrl: `${upstream}/v1`,
        models: { smart: { upstream: 'text-embedding-3-small' } },
      },
      google: { type: 'google', apiKey: 'g-upstream', baseUrl: `${upstream}/v1beta` },
      strict: { type: 'google', apiKey: 'g-upstream', baseUrl: `${upstream}/v1beta`, strictParams: true },
      hasty: { type: 'google', apiKey: 'g-upstream', baseUrl: `${upstream}/v1beta`, timeout: '150ms' },
      anthropic: { type: 'anthropic', apiKey: 'a-upstream', baseUrl: `${upstream}/v1` },
      bedrock: {
        type: 'bedrock',
        baseUrl: upstream,
        accessKeyId: 'AKIDEXAMPLE',
        secretAccessKey: 'secret-of-the-example',
        region: 'eu-west-1',
      },
      groq: { type: 'groq', apiKey: 'q-upstream' },
    },
  },
});

beforeAll(async () => {
  provider = await createFakeProvider();
  const nexus: Nexus = createNexus(config(provider.url), { sinks: [(record) => records.push(record)] });
  server = await listen(nexus, { port: 0 });
  client = new OpenAI({ apiKey: 'sk-caller', baseURL: `${server.url}/llm/v1`, maxRetries: 0 });
});
beforeEach(() => {
  provider.reset();
  records = [];
});
afterAll(async () => {
  await server.close({ drain: 0 });
  await provider.close();
});

interface Raw {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

async function post(body: unknown, path = '/llm/v1/embeddings'): Promise<Raw> {
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** What the vendor itself says to the same request. */
async function direct(body: object): Promise<string> {
  const response = await fetch(`${provider.url}/v1/embeddings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer k' },
    body: JSON.stringify(body),
  });
  return response.text();
}

/** The vendor's vectors for texts, as numbers. */
async function vectors(texts: readonly string[], dimensions?: number): Promise<number[][]> {
  const answer = JSON.parse(await direct({ model: 'm', input: texts, dimensions })) as OpenAI.CreateEmbeddingResponse;
  provider.reset();
  return answer.data.map(({ embedding }) => embedding);
}

async function record(): Promise<RequestRecord> {
  await expect.poll(() => records.length).toBe(1);
  return records[0] as RequestRecord;
}

function refusal({ status, headers, text }: Raw) {
  const { error } = JSON.parse(text) as { error: { message: string; type: string; param: string | null } };
  return { ...error, status, code: headers.get('x-nexus-error') };
}

const TEXTS = Array.from({ length: 250 }, (_, index) => `text number ${index}`);

describe('a vendor of the same format', () => {
  it.each([['/llm/v1/embeddings'], ['/llm/embeddings'], ['/llm/openai/v1/embeddings']])(
    'is reached at %s, byte for byte',
    async (path) => {
      const body = { model: 'm', input: ['a', 'b'], dimensions: 3, user: 'u', later: { x: 1 } };
      const expected = await direct(body);
      provider.reset();
      const answer = await post({ ...body, model: 'openai/m' }, path);
      expect(answer).toMatchObject({ status: 200, text: expected });
      expect(answer.headers.get('x-nexus-usage')).toBeNull();
      expect(provider.requests[0]?.body).toEqual(body);
      expect(provider.requests[0]?.headers.authorization).toBe('Bearer sk-upstream');
      expect(await record()).toMatchObject({
        endpoint: 'openai.embeddings',
        provider: 'openai',
        model: 'm',
        status: 200,
        usage: { input: 2, output: 0 },
      });
    },
  );

  it.each([[undefined], ['float'], ['base64']] as const)(
    'gives the stock client its vectors, as %s',
    async (format) => {
      const expected = await vectors(['a', 'b'], 5);
      const options = format === undefined ? {} : { encoding_format: format };
      const answer = await client.embeddings.create({
        model: 'openai/m',
        input: ['a', 'b'],
        dimensions: 5,
        ...options,
      });
      if (format === 'base64') expect(typeof answer.data[0]?.embedding).toBe('string');
      else expect(answer.data.map(({ embedding }) => embedding)).toEqual(expected);
      expect(answer.data.map(({ index }) => index)).toEqual([0, 1]);
      expect(provider.requests[0]?.body).toMatchObject({ encoding_format: format ?? 'base64' });
    },
  );

  it.each([[[1, 2, 3]], [[[1, 2], [3]]]])('takes token ids: %j', async (input) => {
    const { data } = await client.embeddings.create({ model: 'openai/m', input });
    expect(data).toHaveLength(Array.isArray(input[0]) ? input.length : 1);
    expect(provider.requests[0]?.body).toMatchObject({ input });
  });

  it('may know numbers only, or base64 only', async () => {
    const [expected] = await vectors(['a']);
    const numbers = await direct({ model: 'm', input: 'a' });
    const base64 = await direct({ model: 'm', input: 'a', encoding_format: 'base64' });
    provider.reset();
    provider.reply({ body: numbers });
    const decoded = await client.embeddings.create({ model: 'openai/m', input: 'a' });
    expect(decoded.data[0]?.embedding).toEqual(expected);
    provider.reply({ body: base64 });
    const asked = await client.embeddings.create({ model: 'openai/m', input: 'a', encoding_format: 'float' });
    expect(asked.data[0]?.embedding).toEqual(expected);
  });

  it('has its usage estimated when it does not say', async () => {
    provider.reply({ fault: 'usage-missing' });
    const input = 'The quick brown fox jumps over the lazy dog';
    const answer = await post({ model: 'openai/m', input });
    const { usage } = JSON.parse(answer.text) as OpenAI.CreateEmbeddingResponse;
    expect(answer.headers.get('x-nexus-usage')).toBe('estimated');
    expect(usage.prompt_tokens).toBeGreaterThan(4);
    expect(usage.prompt_tokens).toBeLessThan(15);
    expect(await record()).toMatchObject({ usage: { input: usage.prompt_tokens, output: 0 } });
  });

  it('has its token ids counted when it does not say', async () => {
    provider.reply({ fault: 'usage-missing' });
    const { usage } = await client.embeddings.create({ model: 'openai/m', input: [[5, 6], [7]] });
    expect(usage).toEqual({ prompt_tokens: 3, total_tokens: 3 });
  });

  it('goes by the name the client knows', async () => {
    const { model } = await client.embeddings.create({ model: 'openai/smart', input: 'a' });
    expect(model).toBe('openai/smart');
    expect(provider.requests[0]?.body).toMatchObject({ model: 'text-embedding-3-small' });
  });

  it.each([
    ['fewer vectors', '{"object":"list","data":[],"model":"m"}'],
    ['no JSON', 'vectors follow'],
    ['something else', '{"object":"list"}'],
    ['half a vector', '{"data":[{"embedding":"AAAA"}]}'],
  ])('that sends %s is a 502', async (_, body) => {
    provider.reply({ body });
    expect(refusal(await post({ model: 'openai/m', input: 'a' }))).toMatchObject({
      status: 502,
      code: 'upstream_invalid',
      type: 'api_error',
    });
  });

  it.each([
    [429, OpenAI.RateLimitError, 429],
    [404, OpenAI.NotFoundError, 404],
    [401, OpenAI.InternalServerError, 502],
    [503, OpenAI.InternalServerError, 502],
  ])('that refuses with %i raises the client’s matching error', async (status, expected, shown) => {
    provider.reply({ error: { status, message: 'not today', retryAfter: 3 } });
    const error = await client.embeddings.create({ model: 'openai/m', input: 'a' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(expected);
    expect((error as InstanceType<typeof OpenAI.APIError>).status).toBe(shown);
  });

  it('gets 2,048 texts in one call', async () => {
    const input = Array.from({ length: 2048 }, (_, index) => `text ${index}`);
    const expected = await vectors(input);
    const { data } = await client.embeddings.create({ model: 'openai/m', input });
    expect(data.map(({ embedding }) => embedding)).toEqual(expected);
    expect(provider.bill.requests).toBe(1);
  });

  it('is let go when the client leaves', async () => {
    provider.reply({ fault: 'hang' });
    const leaving = new AbortController();
    const asked = client.embeddings.create({ model: 'openai/m', input: 'a' }, { signal: leaving.signal });
    await provider.waitFor(({ requests }) => requests.length === 1);
    leaving.abort();
    await expect(asked).rejects.toThrow(OpenAI.APIUserAbortError);
    await provider.waitFor(({ bill }) => bill.aborted === 1);
  });
});

describe('Google', () => {
  it.each([[undefined], ['float']] as const)('gives the stock client its vectors in order, as %s', async (format) => {
    const expected = await vectors(TEXTS, 4);
    const options = format === undefined ? {} : { encoding_format: format };
    const answer = await client.embeddings.create({
      model: 'google/gemini-embedding-001',
      input: TEXTS,
      dimensions: 4,
      ...options,
    });
    expect(answer.data.map(({ embedding }) => embedding)).toEqual(expected);
    expect(answer.data.map(({ index }) => index)).toEqual(TEXTS.map((_, index) => index));
    expect(answer).toMatchObject({ object: 'list', model: 'google/gemini-embedding-001' });
    const sizes = provider.requests.map(({ body }) => (body as { requests: unknown[] }).requests.length);
    expect(sizes.sort((a, b) => b - a)).toEqual([100, 100, 50]);
  });

  it('is asked in its own words, and what it has none for is named', async () => {
    const answer = await post({
      model: 'google/gemini-embedding-001',
      input: 'a',
      dimensions: 4,
      input_type: 'search_query',
      user: 'u',
    });
    expect(answer.headers.get('x-nexus-dropped')).toBe('user');
    const [request] = provider.requests;
    expect(request?.path).toBe('/v1beta/models/gemini-embedding-001:batchEmbedContents');
    expect(request?.headers['x-goog-api-key']).toBe('g-upstream');
    expect(request?.body).toEqual({
      requests: [
        {
          model: 'models/gemini-embedding-001',
          content: { parts: [{ text: 'a' }] },
          taskType: 'RETRIEVAL_QUERY',
          outputDimensionality: 4,
        },
      ],
    });
    expect(await record()).toMatchObject({ dropped: ['user'], provider: 'google', status: 200 });
  });

  it('reports what it counted', async () => {
    const answer = await post({ model: 'google/m', input: TEXTS });
    const { usage } = JSON.parse(answer.text) as OpenAI.CreateEmbeddingResponse;
    const tokens = TEXTS.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0);
    expect(usage).toEqual({ prompt_tokens: tokens, total_tokens: tokens });
    expect(answer.headers.get('x-nexus-usage')).toBeNull();
    expect(await record()).toMatchObject({ usage: { input: tokens, output: 0 } });
  });

  it('has its usage estimated when one of its answers does not say', async () => {
    provider.reply({});
    provider.reply({ fault: 'usage-missing' });
    const answer = await post({ model: 'google/m', input: TEXTS });
    const { usage } = JSON.parse(answer.text) as OpenAI.CreateEmbeddingResponse;
    expect(answer.headers.get('x-nexus-usage')).toBe('estimated');
    expect(await record()).toMatchObject({ usage: { input: usage.prompt_tokens } });
  });

  it('takes 2,048 texts', async () => {
    const input = Array.from({ length: 2048 }, (_, index) => `text ${index}`);
    const expected = await vectors(input);
    const { data } = await client.embeddings.create({ model: 'google/m', input });
    expect(data.map(({ embedding }) => embedding)).toEqual(expected);
    expect(provider.bill.requests).toBe(21);
  });

  it('gets no more than eight calls of one request at a time', async () => {
    provider.script([{ reply: { fault: 'hang' } }]);
    const leaving = new AbortController();
    const input = new Array<string>(2048).fill('a');
    const asked = client.embeddings.create({ model: 'google/m', input }, { signal: leaving.signal });
    await provider.waitFor(({ requests }) => requests.length === 8);
    leaving.abort();
    await expect(asked).rejects.toThrow(OpenAI.APIUserAbortError);
    await provider.waitFor(({ bill }) => bill.aborted === 8);
    expect(provider.bill.requests).toBe(8);
  });

  it.each([
    [429, 429, 'upstream_rate_limited'],
    [404, 404, 'upstream_rejected'],
    [403, 502, 'upstream_auth'],
    [500, 500, 'upstream_failed'],
  ])('that refuses one of several calls with %i ends all of them', async (status, shown, code) => {
    provider.reply({ fault: 'hang' });
    provider.reply({ error: { status, message: 'not today' } });
    provider.reply({ fault: 'hang' });
    const answer = refusal(await post({ model: 'google/m', input: TEXTS }));
    expect(answer).toMatchObject({ status: shown, code });
    await provider.waitFor(({ bill }) => bill.aborted === 2);
    expect(await record()).toMatchObject({ status: shown, error: code });
  });

  it('is let go in all calls when the client leaves', async () => {
    provider.script([{ reply: { fault: 'hang' } }]);
    const leaving = new AbortController();
    const asked = client.embeddings.create({ model: 'google/m', input: TEXTS }, { signal: leaving.signal });
    await provider.waitFor(({ requests }) => requests.length === 3);
    leaving.abort();
    await expect(asked).rejects.toThrow(OpenAI.APIUserAbortError);
    await provider.waitFor(({ bill }) => bill.aborted === 3);
    // The provider had all of it, and may have read it.
    const { usage, usageSource } = await record();
    expect(usageSource).toBe('estimated_partial');
    expect(usage?.input).toBeGreaterThan(TEXTS.length);
  });

  it('has one deadline for all calls', async () => {
    provider.reply({});
    provider.script([{ reply: { fault: 'hang' } }]);
    const answer = refusal(await post({ model: 'hasty/m', input: TEXTS }));
    expect(answer).toMatchObject({ status: 504, code: 'upstream_timeout' });
    await provider.waitFor(({ bill }) => bill.aborted === 2);
    // What the first call cost has been spent.
    expect((await record()).usage?.input).toBeGreaterThan(0);
  });

  it.each([
    ['another number of vectors', '{"embeddings":[{"values":[1]}]}'],
    ['a vector that is none', '{"embeddings":[{"values":[1]},{"values":["1"]}]}'],
    ['an endless number', '{"embeddings":[{"values":[1]},{"values":[1e999]}]}'],
    ['something else', '{}'],
    ['no JSON', '<html>'],
  ])('that sends %s is a 502', async (_, body) => {
    provider.reply({ body });
    expect(refusal(await post({ model: 'google/m', input: ['a', 'b'] }))).toMatchObject({
      status: 502,
      code: 'upstream_invalid',
    });
  });
});

describe('Amazon Bedrock', () => {
  it('gives the stock client Titan’s vectors, a call per text, in order', async () => {
    const texts = TEXTS.slice(0, 30);
    const expected = await vectors(texts, 4);
    const model = 'bedrock/amazon.titan-embed-text-v2:0';
    const answer = await client.embeddings.create({ model, input: texts, dimensions: 4 });
    expect(answer.data.map(({ embedding }) => embedding)).toEqual(expected);
    expect(answer.model).toBe(model);
    expect(provider.requests).toHaveLength(30);
    const [first] = provider.requests;
    expect(first?.path).toBe('/model/amazon.titan-embed-text-v2%3A0/invoke');
    expect(provider.requests.map(({ body }) => body)).toContainEqual({ inputText: TEXTS[0], dimensions: 4 });
    expect(first?.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\//);
    const tokens = texts.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0);
    expect(answer.usage.prompt_tokens).toBe(tokens);
    expect(await record()).toMatchObject({ provider: 'bedrock', usage: { input: tokens } });
  });

  it('gets no more than eight calls of one request at a time, and loses all when the client leaves', async () => {
    provider.script([{ reply: { fault: 'hang' } }]);
    const leaving = new AbortController();
    const body = { model: 'bedrock/amazon.titan-embed-text-v2:0', input: TEXTS };
    const asked = client.embeddings.create(body, { signal: leaving.signal });
    await provider.waitFor(({ requests }) => requests.length === 8);
    leaving.abort();
    await expect(asked).rejects.toThrow(OpenAI.APIUserAbortError);
    await provider.waitFor(({ bill }) => bill.aborted === 8);
    expect(provider.bill.requests).toBe(8);
  });

  it('gives Cohere’s vectors, 96 texts a call, with the tokens of the header', async () => {
    const expected = await vectors(TEXTS);
    const model = 'bedrock/cohere.embed-multilingual-v3';
    const answer = await post({ model, input: TEXTS, input_type: 'search_query', dimensions: 4 });
    const { data, usage } = JSON.parse(answer.text) as OpenAI.CreateEmbeddingResponse;
    expect(data.map(({ embedding }) => embedding)).toEqual(expected);
    expect(answer.headers.get('x-nexus-dropped')).toBe('dimensions');
    expect(answer.headers.get('x-nexus-usage')).toBeNull();
    expect(usage.prompt_tokens).toBe(TEXTS.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0));
    const sizes = provider.requests.map(({ body }) => (body as { texts: string[] }).texts.length);
    expect(sizes.sort()).toEqual([58, 96, 96]);
    expect(provider.requests[0]?.body).toMatchObject({ input_type: 'search_query', embedding_types: ['float'] });
  });

  it.each([
    [429, 429, 'upstream_rate_limited'],
    [400, 400, 'upstream_rejected'],
    [403, 502, 'upstream_auth'],
  ])('that refuses with %i ends all calls', async (status, shown, code) => {
    provider.reply({ error: { status, message: 'not today' } });
    provider.script([{ reply: { fault: 'hang' } }]);
    const model = 'bedrock/amazon.titan-embed-text-v1';
    expect(refusal(await post({ model, input: TEXTS }))).toMatchObject({ status: shown, code });
    await provider.waitFor(({ requests }) => requests.every(({ ended }) => ended !== undefined));
  });
});

describe('what cannot be done', () => {
  it.each([
    [
      'token ids for a vendor of texts',
      { model: 'google/m', input: [1, 2] },
      'invalid_request',
      'input',
      /google.*token/,
    ],
    ['lists of token ids', { model: 'google/m', input: [[1], [2]] }, 'invalid_request', 'input', /google.*token/],
    [
      'more texts than OpenAI takes',
      { model: 'google/m', input: new Array(2049).fill('a') },
      'invalid_request',
      'input',
      /2048/,
    ],
    [
      'what a strict provider cannot be told',
      { model: 'strict/m', input: 'a', user: 'u' },
      'invalid_request',
      'user',
      /user/,
    ],
    ['a vendor without embeddings', { model: 'anthropic/m', input: 'a' }, 'no_capable_target', 'model', /'anthropic'/],
    ['another one', { model: 'groq/m', input: 'a' }, 'no_capable_target', 'model', /'groq'/],
    [
      'a model that does not embed',
      { model: 'bedrock/anthropic.claude-haiku-4-5', input: 'a' },
      'no_capable_target',
      'model',
      /claude/,
    ],
    [
      'a wrong format',
      { model: 'openai/m', input: 'a', encoding_format: 'int8' },
      'invalid_request',
      'encoding_format',
      /float/,
    ],
    ['a wrong item', { model: 'openai/m', input: ['a', 3] }, 'invalid_request', 'input[1]', /string/],
    ['no input', { model: 'openai/m' }, 'invalid_request', 'input', /absent/],
    ['no model', { input: 'a' }, 'invalid_request', 'model', /absent/],
  ])('%s is a 400 that says why', async (_, body, code, param, message) => {
    const answer = refusal(await post(body));
    expect(answer).toMatchObject({ status: 400, code, param, type: 'invalid_request_error' });
    expect(answer.message).toMatch(message);
    expect(provider.bill.requests).toBe(0);
  });

  it('an unknown provider is a 404', async () => {
    const error = await client.embeddings.create({ model: 'nobody/m', input: 'a' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
  });

  it('other methods are refused', async () => {
    const response = await fetch(`${server.url}/llm/v1/embeddings`);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
  });
});
