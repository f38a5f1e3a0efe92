import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { createFakeProvider, type FakeProvider, type FakeRule } from './index.ts';

const open: FakeProvider[] = [];

async function start(rules: FakeRule[] = []) {
  const provider = await createFakeProvider({ rules });
  open.push(provider);
  const openai = new OpenAI({ apiKey: 'sk-test', baseURL: `${provider.url}/v1`, maxRetries: 0 });
  const anthropic = new Anthropic({ apiKey: 'sk-ant-test', baseURL: provider.url, maxRetries: 0 });
  return { provider, openai, anthropic };
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((provider) => provider.close()));
});

const user = (content: string) => ({ role: 'user' as const, content });
const weather = {
  type: 'object' as const,
  properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 2 }, note: { type: 'string' } },
  required: ['city', 'days'],
};
const openaiTools = [{ type: 'function' as const, function: { name: 'get_weather', parameters: weather } }];
const anthropicTools = [{ name: 'get_weather', input_schema: weather }];

describe('default answers', () => {
  it('quotes the last user text, the same in both dialects', async () => {
    const { openai, anthropic } = await start();
    const chat = await openai.chat.completions.create({ model: 'gpt-5', messages: [user('first'), user('Say hi')] });
    const message = await anthropic.messages.create({ model: 'claude', max_tokens: 100, messages: [user('Say hi')] });
    const expected = 'Hello from the Nexus demo provider; no model was called. You said: "Say hi"';
    expect(chat.choices[0]?.message.content).toBe(expected);
    expect(chat.choices[0]?.finish_reason).toBe('stop');
    expect(chat.usage?.completion_tokens).toBe(Math.ceil(expected.length / 4));
    expect(chat.model).toBe('gpt-5');
    expect(message.content).toEqual([{ type: 'text', text: expected }]);
    expect(message.stop_reason).toBe('end_turn');
    expect(message.usage.output_tokens).toBe(Math.ceil(expected.length / 4));
  });

  it('streams the same text as it answers plainly, with usage only where asked', async () => {
    const { openai, anthropic } = await start();
    const request = { model: 'gpt-5', messages: [user('Grüße 👩‍🚀 an alle')] };
    const plain = await openai.chat.completions.create(request);
    let text = '';
    let usage: unknown;
    for await (const chunk of await openai.chat.completions.create({
      ...request,
      stream: true,
      stream_options: { include_usage: true },
    })) {
      text += chunk.choices[0]?.delta.content ?? '';
      if (chunk.usage) usage = chunk.usage;
    }
    expect(text).toBe(plain.choices[0]?.message.content);
    expect(text).toContain('👩‍🚀');
    expect(usage).toMatchObject({ completion_tokens: plain.usage?.completion_tokens });
    for await (const chunk of await openai.chat.completions.create({ ...request, stream: true })) {
      expect(chunk).not.toHaveProperty('usage');
    }
    const message = await anthropic.messages
      .stream({ model: 'claude', max_tokens: 100, messages: request.messages })
      .finalMessage();
    expect(message.content[0]).toMatchObject({ type: 'text', text });
    expect(message.usage.output_tokens).toBe(plain.usage?.completion_tokens);
  });

  it('calls a tool the prompt speaks of, and answers in text once it has the result', async () => {
    const { openai, anthropic } = await start();
    const ask = user('What is the weather in Rome?');
    const first = await openai.chat.completions.create({ model: 'gpt-5', messages: [ask], tools: openaiTools });
    const call = first.choices[0]?.message.tool_calls?.[0];
    if (call?.type !== 'function') throw new Error('expected a function call');
    expect(first.choices[0]?.finish_reason).toBe('tool_calls');
    expect(first.choices[0]?.message.content).toBeNull();
    expect(JSON.parse(call.function.arguments)).toEqual({ city: 'demo', days: 2 });
    const assistant = first.choices[0]?.message;
    if (assistant === undefined) throw new Error('expected a message');
    const second = await openai.chat.completions.create({
      model: 'gpt-5',
      messages: [ask, assistant, { role: 'tool', tool_call_id: call.id, content: '21 degrees' }],
      tools: openaiTools,
    });
    expect(second.choices[0]?.message.content).toContain('21 degrees');

    const stream = anthropic.messages.stream({
      model: 'claude',
      max_tokens: 100,
      messages: [ask],
      tools: anthropicTools,
    });
    const message = await stream.finalMessage();
    expect(message.stop_reason).toBe('tool_use');
    expect(message.content).toMatchObject([
      { type: 'tool_use', name: 'get_weather', input: { city: 'demo', days: 2 } },
    ]);
  });

  it('obeys tool_choice and leaves tools alone that nobody speaks of', async () => {
    const { openai, anthropic } = await start();
    const base = { model: 'gpt-5', messages: [user('Tell me a joke')], tools: openaiTools };
    const idle = await openai.chat.completions.create(base);
    expect(idle.choices[0]?.message.tool_calls).toBeUndefined();
    const forced = await openai.chat.completions.create({ ...base, tool_choice: 'required' });
    expect(forced.choices[0]?.message.tool_calls).toHaveLength(1);
    const barred = await anthropic.messages.create({
      model: 'claude',
      max_tokens: 100,
      messages: [user('weather?')],
      tools: anthropicTools,
      tool_choice: { type: 'none' },
    });
    expect(barred.stop_reason).toBe('end_turn');
  });

  it('stops at max_tokens', async () => {
    const { anthropic } = await start();
    const message = await anthropic.messages.create({ model: 'claude', max_tokens: 3, messages: [user('Hi')] });
    expect(message.stop_reason).toBe('max_tokens');
    expect(message.usage.output_tokens).toBe(3);
  });

  it('lists its models in both dialects', async () => {
    const { openai, anthropic } = await start();
    expect((await openai.models.list()).data.map(({ id }) => id)).toEqual(['nexus-demo', 'nexus-demo-mini']);
    expect((await anthropic.models.list()).data.map(({ id }) => id)).toEqual(['nexus-demo', 'nexus-demo-mini']);
  });
});

describe('the list of models', () => {
  const google = (provider: FakeProvider, query: string) =>
    fetch(`${provider.url}/v1beta/models?${query}`, { headers: { 'x-goog-api-key': 'k' } });

  it('comes in pages where the vendor pages', async () => {
    const { provider, openai, anthropic } = await start();
    const ids = Array.from({ length: 55 }, (_, index) => `m-${index}`);
    provider.listModels(ids);
    expect((await openai.models.list()).data.map(({ id }) => id)).toEqual(ids);
    const page = await anthropic.models.list();
    expect([page.data.length, page.has_more, page.last_id]).toEqual([20, true, 'm-19']);
    const paged: string[] = [];
    for await (const { id } of anthropic.models.list({ limit: 30 })) paged.push(id);
    expect(paged).toEqual(ids);
    const first = (await (await google(provider, '')).json()) as { models: unknown[]; nextPageToken?: string };
    expect([first.models.length, first.nextPageToken]).toEqual([50, '50']);
    const second = (await (await google(provider, 'pageToken=50')).json()) as typeof first;
    expect([second.models.length, second.nextPageToken]).toEqual([5, undefined]);
    expect((await google(provider, 'pageToken=x')).status).toBe(400);
    await expect(anthropic.models.list({ after_id: 'nobody' })).rejects.toMatchObject({ status: 400 });
  });

  it('is what it is told to be, until a reset', async () => {
    const { provider, openai } = await start();
    provider.listModels({ error: { status: 503, message: 'busy' } });
    await expect(openai.models.list()).rejects.toMatchObject({ status: 503 });
    provider.listModels({ body: '[]' });
    expect(await (await fetch(`${provider.url}/v1/models`, { headers: { authorization: 'Bearer k' } })).text()).toBe(
      '[]',
    );
    provider.reset();
    expect((await openai.models.list()).data).toHaveLength(2);
  });
});

describe('rules', () => {
  it('answers by the first rule that matches and is not used up', async () => {
    const { openai, anthropic } = await start([
      { match: { protocol: 'anthropic' }, reply: { text: 'anthropic' } },
      { match: { model: 'gpt-*-mini' }, times: 1, reply: { text: 'mini' } },
      { match: { prompt: 'PELICAN' }, reply: { text: 'bird' } },
    ]);
    const say = async (model: string, prompt: string) =>
      (await openai.chat.completions.create({ model, messages: [user(prompt)] })).choices[0]?.message.content;
    expect(await say('gpt-5-mini', 'a pelican')).toBe('mini');
    expect(await say('gpt-5-mini', 'a pelican')).toBe('bird');
    expect(await say('gpt-5', 'a heron')).toContain('a heron');
    const message = await anthropic.messages.create({ model: 'm', max_tokens: 9, messages: [user('pelican')] });
    expect(message.content).toEqual([{ type: 'text', text: 'anthropic' }]);
  });

  it('gives bare replies once each, and forgets all on reset', async () => {
    const { provider, openai } = await start([{ match: { prompt: 'again' }, reply: { text: 'initial' } }]);
    provider.reply({ text: 'one' });
    provider.reply({ text: 'two' });
    provider.reply({ text: 'never' });
    const say = async (prompt: string) =>
      (await openai.chat.completions.create({ model: 'm', messages: [user(prompt)] })).choices[0]?.message.content;
    expect([await say('x'), await say('y')]).toEqual(['one', 'two']);
    provider.reset();
    expect(provider.requests).toEqual([]);
    expect(provider.bill).toMatchObject({ requests: 0, outputTokens: 0, connections: 0 });
    expect(await say('z')).toContain('"z"');
    expect(await say('again')).toBe('initial');
  });

  it('tells text, parallel tool calls, finish and usage in each dialect', async () => {
    const reply = {
      text: 'Let me see.',
      toolCalls: [
        { name: 'a', arguments: { n: 1 } },
        { name: 'b', id: 'call_own' },
      ],
      usage: { input: 100, output: 40, cacheRead: 60, cacheWrite: 10, reasoning: 8 },
    };
    const { openai, anthropic } = await start([{ reply }]);
    const chat = await openai.chat.completions.create({ model: 'm', messages: [user('x')] });
    expect(chat.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: 'Let me see.',
        tool_calls: [
          { type: 'function', function: { name: 'a', arguments: '{"n":1}' } },
          { id: 'call_own', function: { name: 'b', arguments: '{}' } },
        ],
      },
    });
    expect(chat.usage).toMatchObject({
      prompt_tokens: 100,
      completion_tokens: 40,
      total_tokens: 140,
      prompt_tokens_details: { cached_tokens: 60 },
      completion_tokens_details: { reasoning_tokens: 8 },
    });
    const message = await anthropic.messages
      .stream({ model: 'm', max_tokens: 9, messages: [user('x')] })
      .finalMessage();
    expect(message.content).toMatchObject([
      { type: 'text', text: 'Let me see.' },
      { type: 'tool_use', name: 'a', input: { n: 1 } },
      { type: 'tool_use', id: 'call_own', name: 'b', input: {} },
    ]);
    expect(message.usage).toMatchObject({
      input_tokens: 30,
      cache_read_input_tokens: 60,
      cache_creation_input_tokens: 10,
      output_tokens: 40,
    });
  });

  it('answers errors that the official clients raise as their own', async () => {
    const error = { status: 429, message: 'slow down', retryAfter: 7 };
    const { openai, anthropic } = await start([{ reply: { error } }]);
    const failure = await openai.chat.completions.create({ model: 'm', messages: [user('x')] }).catch((e) => e);
    expect(failure).toBeInstanceOf(OpenAI.RateLimitError);
    expect(failure.code).toBe('rate_limit_exceeded');
    expect(failure.headers.get('retry-after')).toBe('7');
    const other = await anthropic.messages.create({ model: 'm', max_tokens: 9, messages: [user('x')] }).catch((e) => e);
    expect(other).toBeInstanceOf(Anthropic.RateLimitError);
    expect(other.error).toMatchObject({ type: 'error', error: { type: 'rate_limit_error', message: 'slow down' } });
  });

  it('sends raw bodies, statuses and headers as told', async () => {
    const { provider } = await start();
    provider.reply({ body: 'plain words', contentType: 'text/plain', status: 203, headers: { 'X-Own': 'yes' } });
    const response = await post(provider, { model: 'm', messages: [user('x')] });
    expect(response.status).toBe(203);
    expect(response.headers.get('content-type')).toBe('text/plain');
    expect(response.headers.get('x-own')).toBe('yes');
    expect(await response.text()).toBe('plain words');
  });

  it('says so when a reply cannot be sent', async () => {
    const { provider } = await start([{ reply: { text: 'x', headers: { 'x-bad': 'line\nfeed' } } }]);
    const response = await post(provider, { model: 'm', messages: [user('x')] });
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('cannot send this reply');
  });
});

function post(provider: FakeProvider, body: unknown, signal?: AbortSignal) {
  return fetch(`${provider.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk-test', 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
}

describe('refusals', () => {
  const call = async (provider: FakeProvider, path: string, headers: Record<string, string>, method = 'POST') => {
    const response = await fetch(provider.url + path, {
      method,
      headers,
      ...(method === 'POST' ? { body: '{}' } : {}),
    });
    return { status: response.status, body: JSON.parse(await response.text()) };
  };

  it('wants a key', async () => {
    const { provider } = await start();
    expect(await call(provider, '/v1/chat/completions', {})).toMatchObject({
      status: 401,
      body: { error: { type: 'invalid_request_error', code: null } },
    });
    expect(await call(provider, '/v1/messages', { 'anthropic-version': '2023-06-01' })).toMatchObject({
      status: 401,
      body: { type: 'error', error: { type: 'authentication_error' } },
    });
    expect(await call(provider, '/v1/messages', { 'x-api-key': 'k' })).toMatchObject({
      status: 400,
      body: { error: { message: 'anthropic-version: header is required' } },
    });
  });

  it('knows no other paths or methods', async () => {
    const { provider } = await start();
    const key = { authorization: 'Bearer k' };
    expect((await call(provider, '/v1/moderations', key)).status).toBe(404);
    expect((await call(provider, '/v1/models', key, 'POST')).status).toBe(405);
    expect(await call(provider, '/v1/complete', { 'x-api-key': 'k' })).toMatchObject({
      status: 404,
      body: { type: 'error', error: { type: 'not_found_error' } },
    });
  });

  it('refuses what the vendors refuse, and bills nothing for it', async () => {
    const { provider, openai, anthropic } = await start();
    const bad = { model: 'm', max_tokens: 9, messages: [user('x')], stream_options: {} };
    await expect(anthropic.messages.create(bad)).rejects.toThrow(/Extra inputs are not permitted/);
    await expect(
      openai.chat.completions.create({
        model: 'm',
        messages: [{ role: 'tool', tool_call_id: 'call_1', content: 'x' }],
      }),
    ).rejects.toThrow(/must be a response to a preceeding message/);
    expect(provider.bill).toMatchObject({ requests: 2, inputTokens: 0, outputTokens: 0 });
  });
});

describe('bill', () => {
  it('counts what went out', async () => {
    const { provider, openai } = await start([{ reply: { text: 'x'.repeat(80), usage: { input: 50, output: 20 } } }]);
    await openai.chat.completions.create({ model: 'm', messages: [user('x')] });
    const stream = await openai.chat.completions.create({ model: 'm', messages: [user('x')], stream: true });
    for await (const _ of stream) expect(provider.bill.openStreams).toBeLessThanOrEqual(1);
    await provider.waitFor(({ requests }) => requests.every(({ ended }) => ended === 'answered'));
    expect(provider.bill).toMatchObject({
      requests: 2,
      streams: 1,
      openStreams: 0,
      aborted: 0,
      inputTokens: 100,
      outputTokens: 40,
    });
  });

  it('stops at once when the client leaves, and bills only what was sent', async () => {
    const { provider } = await start([{ reply: { text: 'x'.repeat(800), pace: 20, usage: { output: 200 } } }]);
    const leaving = new AbortController();
    const response = await post(provider, { model: 'm', messages: [user('x')], stream: true }, leaving.signal);
    const reader = response.body?.getReader();
    await reader?.read();
    await provider.waitFor(({ bill }) => bill.outputTokens > 0);
    expect(provider.bill.openStreams).toBe(1);
    leaving.abort();
    const left = performance.timeOrigin + performance.now();
    await provider.waitFor(({ bill }) => bill.aborted === 1);
    const [request] = provider.requests;
    expect(request?.ended).toBe('aborted');
    expect((request?.endedAt ?? 0) - left).toBeLessThan(200);
    expect(provider.bill.openStreams).toBe(0);
    expect(provider.bill.outputTokens).toBeGreaterThan(0);
    expect(provider.bill.outputTokens).toBeLessThan(200);
  });

  it('waits out a delay only for a client that is there', async () => {
    const { provider } = await start([{ reply: { text: 'late', delay: 60_000 } }]);
    const leaving = new AbortController();
    const answer = post(provider, { model: 'm', messages: [user('x')] }, leaving.signal).catch((e) => e.name);
    await provider.waitFor(({ bill }) => bill.requests === 1);
    leaving.abort();
    expect(await answer).toBe('AbortError');
    await provider.waitFor(({ requests }) => requests[0]?.ended === 'aborted');
    expect(provider.bill).toMatchObject({ aborted: 1, inputTokens: 0, outputTokens: 0 });
  });

  it('does not run ahead of a client that does not read', async () => {
    const text = 'x'.repeat(18_000_000);
    const { provider } = await start([{ reply: { text, chunkSize: 600_000, usage: { output: 30 } } }]);
    const leaving = new AbortController();
    const response = await post(provider, { model: 'm', messages: [user('x')], stream: true }, leaving.signal);
    await provider.waitFor(({ bill }) => bill.outputTokens > 0);
    expect(response.status).toBe(200);
    leaving.abort();
    await provider.waitFor(({ bill }) => bill.aborted === 1);
    expect(provider.bill.outputTokens).toBeLessThan(30);
  });
});

describe('lifetime', () => {
  it('rejects a wait that is in vain', async () => {
    const { provider } = await start();
    await expect(provider.waitFor(({ bill }) => bill.requests > 0, 10)).rejects.toThrow(/within 10 ms/);
  });

  it('passes on what a predicate throws', async () => {
    const { provider } = await start();
    const predicate = () => {
      throw new TypeError('mine');
    };
    await expect(provider.waitFor(predicate)).rejects.toThrow('mine');
  });

  it('closes with a request still open', async () => {
    const { provider } = await start([{ reply: { fault: 'hang' } }]);
    const answer = post(provider, { model: 'm', messages: [user('x')] }).catch(() => 'failed');
    await provider.waitFor(({ bill }) => bill.requests === 1);
    await provider.close();
    expect(await answer).toBe('failed');
    await provider.waitFor(({ bill }) => bill.openConnections === 0);
    expect(provider.requests[0]?.ended).toBe('broken');
    await provider.close();
  });
});
