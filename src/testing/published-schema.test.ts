import { readFile } from 'node:fs/promises';
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020.js';
import { createParser } from 'eventsource-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFakeProvider, type FakeProvider, type FakeReply } from './index.ts';

// Everything the fake provider says is held against what the vendors publish.

const fixtures = new URL('../../test/fixtures/schema/', import.meta.url);
const ajv = new Ajv2020({ strict: false, validateFormats: false });
let provider: FakeProvider;
let validators: Map<string, ValidateFunction>;

beforeAll(async () => {
  provider = await createFakeProvider();
  for (const name of ['openai-response', 'anthropic-response']) {
    ajv.addSchema(JSON.parse(await readFile(new URL(`${name}.json`, fixtures), 'utf8')));
  }
  const compiled = (id: string) => ajv.compile({ $ref: id });
  validators = new Map([
    ['openai plain', compiled('openai-response#/$defs/CreateChatCompletionResponse')],
    ['openai event', compiled('openai-response#/$defs/CreateChatCompletionStreamResponse')],
    ['openai error', compiled('openai-response#/$defs/ErrorResponse')],
    ['openai models', compiled('openai-response#/$defs/ListModelsResponse')],
    ['anthropic plain', compiled('anthropic-response#/$defs/RMessage')],
    ['anthropic event', compiled('anthropic-response#/$defs/RRawMessageStreamEvent')],
  ]);
});

afterAll(() => provider.close());

/** The published schemas know no nulls where the vendors send them. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([name, member]) => [name, withoutNulls(member)]),
  );
}

function complaints(kind: string, value: unknown) {
  const validate = validators.get(kind);
  if (validate === undefined) throw new Error(`no schema for ${kind}`);
  return validate(withoutNulls(value)) ? [] : validate.errors;
}

type Protocol = 'openai' | 'anthropic';

async function ask(protocol: Protocol, reply: FakeReply, body: Record<string, unknown> = {}) {
  provider.reply(reply);
  const openai = protocol === 'openai';
  const response = await fetch(`${provider.url}${openai ? '/v1/chat/completions' : '/v1/messages'}`, {
    method: 'POST',
    headers: openai ? { authorization: 'Bearer k' } : { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({
      model: 'm',
      messages: [{ role: 'user', content: 'weather' }],
      ...(openai ? {} : { max_tokens: 100 }),
      ...body,
    }),
  });
  return { response, text: await response.text() };
}

function events(text: string) {
  const found: { event: string | undefined; data: string }[] = [];
  createParser({ onEvent: ({ event, data }) => found.push({ event, data }) }).feed(text);
  return found;
}

const replies: [string, FakeReply][] = [
  ['default', {}],
  ['text', { text: 'Grüße 👩‍🚀', chunkSize: 1 }],
  ['empty text', { text: '' }],
  ['one tool call', { toolCalls: [{ name: 'get_weather', arguments: { city: 'Rome' } }] }],
  ['text and calls', { text: 'Look', toolCalls: [{ name: 'a', arguments: { n: 1 } }, { name: 'b' }] }],
  ['length', { text: 'cut', finish: 'length' }],
  ['filtered', { text: '', finish: 'content_filter' }],
  ['usage', { text: 'x', usage: { input: 9, output: 8, cacheRead: 3, cacheWrite: 2, reasoning: 1 } }],
  ['usage missing', { text: 'x', fault: 'usage-missing' }],
];

describe.each(['openai', 'anthropic'] as const)('%s', (protocol) => {
  it.each(replies)('plain: %s', async (_, reply) => {
    const { response, text } = await ask(protocol, reply);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('content-length')).toBe(String(Buffer.byteLength(text)));
    expect(complaints(`${protocol} plain`, JSON.parse(text))).toEqual([]);
  });

  it.each(replies)('stream: %s', async (_, reply) => {
    const options = protocol === 'openai' ? { stream_options: { include_usage: true } } : {};
    const { response, text } = await ask(protocol, reply, { stream: true, ...options });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const all = events(text);
    if (protocol === 'openai') {
      expect(all.pop()).toEqual({ event: undefined, data: '[DONE]' });
      expect(all.every(({ event }) => event === undefined)).toBe(true);
    }
    expect(all.length).toBeGreaterThan(1);
    for (const { event, data } of all) {
      const parsed = JSON.parse(data);
      if (protocol === 'anthropic') expect(event).toBe(parsed.type);
      // The published union leaves ping out.
      if (event !== 'ping') expect(complaints(`${protocol} event`, parsed)).toEqual([]);
    }
  });

  it.each([400, 401, 403, 404, 413, 429, 500, 503, 529])('error %i', async (status) => {
    const { response, text } = await ask(protocol, { error: { status, message: 'no' } });
    expect(response.status).toBe(status);
    const body = JSON.parse(text);
    expect(body.error).toMatchObject({ message: 'no', type: expect.any(String) });
    if (protocol === 'openai') {
      expect(complaints('openai error', body)).toEqual([]);
      expect(Object.keys(body.error).sort()).toEqual(['code', 'message', 'param', 'type']);
    } else {
      expect(body).toMatchObject({ type: 'error', request_id: response.headers.get('request-id') });
    }
  });
});

it('checks something: a body of the other dialect does not pass', async () => {
  const { text } = await ask('openai', { text: 'x' });
  expect(complaints('anthropic plain', JSON.parse(text))).not.toEqual([]);
});

it('lists models as published', async () => {
  const response = await fetch(`${provider.url}/v1/models`, { headers: { authorization: 'Bearer k' } });
  expect(complaints('openai models', await response.json())).toEqual([]);
});

describe('order of events', () => {
  const calls: FakeReply = { text: 'ab', toolCalls: [{ name: 'f', arguments: { n: 1 } }, { name: 'g' }], chunkSize: 4 };

  it('is that of OpenAI', async () => {
    const { text } = await ask('openai', calls, { stream: true, stream_options: { include_usage: true } });
    const chunks = events(text)
      .slice(0, -1)
      .map(({ data }) => JSON.parse(data));
    const last = chunks.pop();
    expect(last).toMatchObject({ choices: [], usage: { total_tokens: expect.any(Number) } });
    expect(chunks.every(({ usage }) => usage === null)).toBe(true);
    const call = (index: number, name: string, id: string) => ({
      tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }],
    });
    const piece = (index: number, text: string) => ({ tool_calls: [{ index, function: { arguments: text } }] });
    const ids = chunks.flatMap(({ choices }) => choices[0].delta.tool_calls?.[0]?.id ?? []);
    expect(new Set(ids).size).toBe(2);
    expect(chunks.map(({ choices }) => choices[0].delta)).toEqual([
      { role: 'assistant', content: '', refusal: null },
      { content: 'ab' },
      call(0, 'f', ids[0]),
      piece(0, '{"n"'),
      piece(0, ':1}'),
      call(1, 'g', ids[1]),
      piece(1, '{}'),
      {},
    ]);
    expect(chunks.map(({ choices }) => choices[0].finish_reason)).toEqual([...Array(7).fill(null), 'tool_calls']);
  });

  it('is that of OpenAI for a single call: its start is in the first chunk', async () => {
    const { text } = await ask('openai', { toolCalls: [{ name: 'f' }] }, { stream: true });
    const [first] = events(text);
    expect(JSON.parse(first?.data ?? '').choices[0].delta).toMatchObject({
      role: 'assistant',
      content: null,
      tool_calls: [{ index: 0, type: 'function', function: { name: 'f', arguments: '' } }],
    });
  });

  it('is that of Anthropic', async () => {
    const { text } = await ask('anthropic', calls, { stream: true });
    const all = events(text).map(({ data }) => JSON.parse(data));
    const delta = (index: number, partial_json: string) => ({
      type: 'content_block_delta',
      index,
      delta: { type: 'input_json_delta', partial_json },
    });
    const start = (index: number, name: string) => ({
      type: 'content_block_start',
      index,
      content_block: { type: 'tool_use', id: expect.stringMatching(/^toolu_/), name, input: {} },
    });
    expect(all).toEqual([
      { type: 'message_start', message: expect.objectContaining({ content: [], stop_reason: null }) },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'ping' },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'ab' } },
      { type: 'content_block_stop', index: 0 },
      start(1, 'f'),
      delta(1, ''),
      delta(1, '{"n"'),
      delta(1, ':1}'),
      { type: 'content_block_stop', index: 1 },
      start(2, 'g'),
      delta(2, ''),
      { type: 'content_block_stop', index: 2 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'tool_use', stop_sequence: null },
        usage: expect.objectContaining({ input_tokens: expect.any(Number), output_tokens: expect.any(Number) }),
      },
      { type: 'message_stop' },
    ]);
  });
});
