import Anthropic from '@anthropic-ai/sdk';
import { createNexus, defineProvider, type Nexus, type NexusConfig, type RequestRecord } from 'nexus-ai';
import { createFakeProvider, createReplayer, type FakeProvider } from 'nexus-ai/testing';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const OPENAI_KEY = 'sk-upstream-openai';

let provider: FakeProvider;
let nexus: Nexus;
let records: RequestRecord[];

beforeAll(async () => {
  provider = await createFakeProvider();
  const baseUrl = `${provider.url}/v1`;
  nexus = createNexus(
    {
      llm: {
        discovery: { enabled: false },
        retry: { attempts: 1 },
        providers: {
          chat: { type: 'groq', apiKey: OPENAI_KEY, baseUrl, models: { fast: { upstream: 'llama-x' } } },
          anthropic: { type: 'anthropic', apiKey: 'sk-upstream-anthropic', baseUrl, models: { opus: {} } },
          local: { type: 'ollama', baseUrl },
        },
      },
    },
    { sinks: [(record) => records.push(record)] },
  );
});
beforeEach(async () => {
  provider.reset();
  await new Promise((resolve) => setImmediate(resolve));
  records = [];
});
afterAll(async () => {
  await nexus.close();
  await provider.close();
});

const text = 'Hello there';

/** One way to ask in each dialect: path and body for a model, and where its envelope has status, kind and words. */
const DIALECTS = {
  chat: {
    ask: (model: string, stream: boolean) => ({
      path: '/llm/v1/chat/completions',
      body: { model, stream, messages: [{ role: 'user', content: 'Hi' }] },
    }),
    message: (body: Loose) => body.error.message,
    kind: (body: Loose) => body.error.type,
    kinds: { 400: 'invalid_request_error', 404: 'not_found_error', 429: 'rate_limit_error', 502: 'api_error' },
  },
  responses: {
    ask: (model: string, stream: boolean) => ({ path: '/llm/v1/responses', body: { model, stream, input: 'Hi' } }),
    message: (body: Loose) => body.error.message,
    kind: (body: Loose) => body.error.type,
    kinds: { 400: 'invalid_request_error', 404: 'not_found_error', 429: 'rate_limit_error', 502: 'api_error' },
  },
  messages: {
    ask: (model: string, stream: boolean) => ({
      path: '/llm/v1/messages',
      body: { model, stream, max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }] },
    }),
    message: (body: Loose) => body.error.message,
    kind: (body: Loose) => (body.type === 'error' ? body.error.type : undefined),
    kinds: { 400: 'invalid_request_error', 404: 'not_found_error', 429: 'rate_limit_error', 502: 'api_error' },
  },
  google: {
    ask: (model: string, stream: boolean) => ({
      path: `/llm/google/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
      body: { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] },
    }),
    message: (body: Loose) => body.error.message,
    kind: (body: Loose) => body.error.status,
    kinds: { 400: 'INVALID_ARGUMENT', 404: 'NOT_FOUND', 429: 'RESOURCE_EXHAUSTED', 502: 'UNAVAILABLE' },
  },
} as const;

// biome-ignore lint/suspicious/noExplicitAny: four dialects have no common type
type Loose = any;

async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  const answer = await nexus.fetch(`http://nexus${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const said = await answer.text();
  return { status: answer.status, headers: answer.headers, text: said };
}

describe.each(Object.entries(DIALECTS))('%s', (name, { ask, message, kind, kinds }) => {
  it.each(['chat/x', 'anthropic/x'])('answers and streams from %s', async (model) => {
    for (const stream of [false, true]) {
      provider.reply({ text, chunkSize: 40 });
      const { path, body } = ask(model, stream);
      const answer = await post(path, body);
      expect(answer.status).toBe(200);
      expect(answer.text).toContain(text);
      expect(answer.headers.get('content-type')).toContain(stream ? 'text/event-stream' : 'application/json');
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(records.map(({ status, error, requestedModel }) => ({ status, error, requestedModel }))).toEqual([
      { status: 200, error: undefined, requestedModel: model },
      { status: 200, error: undefined, requestedModel: model },
    ]);
    for (const { usage } of records) expect(usage?.output).toBeGreaterThan(0);
  });

  it.each(['chat/x', 'anthropic/x'])('gives the errors of %s in its own envelope', async (model) => {
    for (const [status, expected] of [
      [400, 400],
      [401, 502],
      [404, 404],
      [429, 429],
      [503, 502],
    ] as const) {
      for (const stream of [false, true]) {
        provider.reply({ error: { status, message: 'that went wrong' } });
        const { path, body } = ask(model, stream);
        const answer = await post(path, body);
        expect(answer.status).toBe(expected);
        const envelope = JSON.parse(answer.text);
        // Of its own dialect an upstream's words pass as they are, its name for the kind of error included.
        const untouched = name === 'chat' && model === 'chat/x' && expected === status;
        if (!untouched) expect(kind(envelope)).toBe(kinds[expected]);
        if (status === 401) expect(message(envelope)).not.toContain('that went wrong');
        else expect(message(envelope)).toContain('that went wrong');
      }
    }
  });

  it('refuses what it cannot read, in its own envelope', async () => {
    const { path, body } = ask('chat/x', false);
    const wrong = Object.fromEntries(Object.keys(body).map((name) => [name, name === 'model' ? 'chat/x' : 17]));
    for (const bad of ['', '{', 'null', '[]', '"x"', '42', wrong]) {
      const answer = await post(path, bad);
      expect(answer.status).toBe(400);
      expect(kind(JSON.parse(answer.text))).toBe(kinds[400]);
    }
    const unknown = ask('nobody/x', false);
    const answer = await post(unknown.path, unknown.body);
    expect(answer.status).toBe(404);
    expect(kind(JSON.parse(answer.text))).toBe(kinds[404]);
    expect(provider.requests).toHaveLength(0);
  });

  it('ends a stream that breaks with an error, not with an end', async () => {
    for (const model of ['chat/x', 'anthropic/x']) {
      provider.reply({ text: 'one two three four five six', fault: 'close', after: 2 });
      const { path, body } = ask(model, true);
      const answer = await post(path, body);
      expect(answer.status).toBe(200);
      const events = [...answer.text.matchAll(/^data: ?(.*)$/gm)].map(([, data = '']) => data.trim());
      const last = JSON.parse(events.at(-1) ?? '');
      expect(last.error ?? last.message).toBeTruthy();
      expect(answer.text).not.toMatch(/\[DONE\]|message_stop|response\.completed|"finishReason":"STOP"/);
    }
  });
});

describe('the official Anthropic client', () => {
  let client: Anthropic;
  beforeAll(() => {
    const fetch = nexus.fetch as typeof globalThis.fetch;
    client = new Anthropic({ apiKey: 'sk-caller', baseURL: 'http://nexus/llm', fetch, maxRetries: 0 });
  });

  it.each(['chat/x', 'anthropic/x'])('calls tools, side by side, and takes their results: %s', async (model) => {
    const calls = [
      { name: 'weather', arguments: { city: 'Oslo' } },
      { name: 'weather', arguments: {} },
    ];
    provider.reply({ toolCalls: calls });
    const tools = [{ name: 'weather', input_schema: { type: 'object' as const } }];
    const ask = { model, max_tokens: 100, tools };
    const question = { role: 'user' as const, content: 'Weather?' };
    const made = await client.messages.stream({ ...ask, messages: [question] }).finalMessage();
    const uses = made.content.filter((block) => block.type === 'tool_use');
    expect(made.stop_reason).toBe('tool_use');
    expect(uses.map((use) => use.input)).toEqual(calls.map((call) => call.arguments));
    provider.reply({ text: 'Cold.' });
    const results = uses.map((use) => ({ type: 'tool_result' as const, tool_use_id: use.id, content: '3 °C' }));
    const answer = await client.messages.create({
      ...ask,
      messages: [question, { role: 'assistant', content: made.content }, { role: 'user', content: results }],
    });
    expect(answer.content).toMatchObject([{ type: 'text', text: 'Cold.' }]);
  });

  it.each([
    [400, Anthropic.BadRequestError],
    [404, Anthropic.NotFoundError],
    [429, Anthropic.RateLimitError],
    [529, Anthropic.InternalServerError],
  ])('raises its own error for an upstream %i', async (status, type) => {
    provider.reply({ error: { status, message: 'no' } });
    const asked = client.messages.create({
      model: 'chat/x',
      max_tokens: 5,
      messages: [{ role: 'user', content: 'x' }],
    });
    await expect(asked).rejects.toBeInstanceOf(type);
  });

  it('counts tokens: an estimate where the vendor cannot', async () => {
    const messages = [{ role: 'user' as const, content: 'How many tokens are there in this sentence, about?' }];
    const { data, response } = await client.messages.countTokens({ model: 'chat/x', messages }).withResponse();
    expect(response.headers.get('x-nexus-estimated')).toBe('true');
    expect(data.input_tokens).toBeGreaterThan(8);
    expect(data.input_tokens).toBeLessThan(25);
  });

  it('lists models in its form', async () => {
    const listed = await client.models.list();
    expect(listed.data.map(({ id }) => id)).toEqual(['anthropic/opus', 'chat/fast']);
    const google = await nexus.fetch('http://nexus/llm/google/v1beta/models');
    expect(await google.json()).toMatchObject({
      models: [{ name: 'models/anthropic/opus' }, { name: 'models/chat/fast' }],
    });
  });

  it('reaches an Anthropic upstream with its beta headers, its query and unknown fields, and nothing else', async () => {
    provider.reset();
    await post(
      '/llm/v1/messages?beta=true&key=sk-secret',
      '{"model":"anthropic/x","max_tokens":5,"messages":[{"role":"user","content":"Hi"}],"metadata":{"user_id":"u"}}',
      { 'anthropic-beta': 'a-1,b-2', 'x-api-key': 'sk-caller', authorization: 'Bearer sk-caller', cookie: 'c=1' },
    );
    const [sent] = provider.requests;
    expect(sent?.path).toBe('/v1/messages?beta=true');
    expect(sent?.headers).toMatchObject({ 'anthropic-beta': 'a-1,b-2', 'x-api-key': 'sk-upstream-anthropic' });
    expect(JSON.stringify(sent?.headers)).not.toMatch(/sk-caller|cookie/);
  });
});

describe('keys, headers and vendors of one’s own', () => {
  const ask = { messages: [{ role: 'user', content: 'Hi' }] };

  it('needs no key where the vendor needs none', async () => {
    await post('/llm/v1/chat/completions', { model: 'local/x', ...ask });
    // The fake provider wants a key and refuses; what counts is that it was asked without one.
    expect(provider.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  it('forwards the caller’s key where it is configured, and then its refusal is the caller’s', async () => {
    const config: NexusConfig = {
      llm: {
        providers: {
          theirs: {
            type: 'openai',
            baseUrl: `${provider.url}/v1`,
            forwardToken: true,
            headers: [
              { rule: 'forward', pattern: '^x-trace-' },
              { rule: 'insert', name: 'x-team', value: 'blue' },
            ],
          },
        },
      },
    };
    await using own = createNexus(config);
    const call = (headers: Record<string, string>) =>
      own.fetch('http://nexus/llm/v1/chat/completions', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ model: 'theirs/x', ...ask }),
      });
    expect((await call({})).status).toBe(401);
    const headers = { 'x-provider-api-key': 'sk-theirs', 'x-trace-id': '7', 'x-other': '8', cookie: 'c=1' };
    expect((await call(headers)).status).toBe(200);
    const sent = provider.requests.at(-1)?.headers ?? {};
    expect(sent).toMatchObject({ authorization: 'Bearer sk-theirs', 'x-trace-id': '7', 'x-team': 'blue' });
    for (const name of ['x-other', 'cookie', 'x-provider-api-key']) expect(sent[name]).toBeUndefined();
    provider.reply({ error: { status: 401, message: 'who are you' } });
    const refused = await call(headers);
    expect(refused.status).toBe(401);
    expect(await refused.text()).toContain('who are you');
  });

  it('takes a vendor defined by the host', async () => {
    const acme = defineProvider({
      kind: 'acme',
      protocols: [{ id: 'openai-chat', path: '/v1/chat/completions' }],
      baseUrl: provider.url,
      authorize: (key) => ['authorization', `Bearer ${key}`, 'x-acme', '1'],
      clientHeaders: [],
      origin: undefined,
    });
    await using own = createNexus(
      { llm: { providers: { one: { type: 'acme', apiKey: 'a' }, two: { type: 'acme', apiKey: 'b' } } } },
      { providers: [acme] },
    );
    const client = new OpenAI({
      apiKey: 'caller',
      baseURL: 'http://nexus/llm/v1',
      fetch: own.fetch as typeof globalThis.fetch,
    });
    for (const name of ['one', 'two']) {
      await client.chat.completions.create({ model: `${name}/x`, messages: [{ role: 'user', content: 'Hi' }] });
    }
    expect(provider.requests.map(({ headers }) => [headers.authorization, headers['x-acme']])).toEqual([
      ['Bearer a', '1'],
      ['Bearer b', '1'],
    ]);
  });

  it('takes a wrong Google key for what it is, whatever its status says', async () => {
    const replayer = await createReplayer();
    const baseUrl = `${replayer.url}/v1beta`;
    await using own = createNexus({
      llm: { providers: { google: { type: 'google', apiKey: 'wrong-key-123', baseUrl } } },
    });
    const error = {
      code: 400,
      message: 'API key not valid: wrong-key-123',
      status: 'INVALID_ARGUMENT',
      details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }],
    };
    replayer.play({
      id: 'constructed',
      source: { repo: '', commit: '', path: '', license: '' },
      conversation: '',
      index: 0,
      provider: 'google',
      api: 'generateContent',
      stream: false,
      model: 'x',
      request: null,
      response: { status: 400, headers: { 'content-type': 'application/json' }, body: { error } },
      features: ['error'],
    });
    const answer = await own.fetch('http://nexus/llm/google/v1beta/models/google/x:generateContent', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ contents: [{ parts: [{ text: 'Hi' }] }] }),
    });
    expect(answer.status).toBe(502);
    expect(answer.headers.get('x-nexus-error')).toBe('upstream_auth');
    expect(await answer.text()).not.toContain('wrong-key-123');
    await replayer.close();
  });
});
