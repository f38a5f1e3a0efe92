import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { schemaCheck, withoutNulls } from '../../test/wire/corpus.ts';
import { createFakeProvider, type FakeProvider, type FakeReply } from './index.ts';
import { refuseResponses } from './responses-refusals.ts';

let provider: FakeProvider;
beforeAll(async () => {
  provider = await createFakeProvider();
});
beforeEach(() => provider.reset());
afterAll(() => provider.close());

const complaints = {
  plain: schemaCheck('openai-response', 'Response'),
  event: schemaCheck('openai-response', 'ResponseStreamEvent'),
  error: schemaCheck('openai-response', 'ErrorResponse'),
};

async function ask(reply: FakeReply | undefined, body: Record<string, unknown> = {}) {
  if (reply !== undefined) provider.reply(reply);
  const response = await fetch(`${provider.url}/v1/responses`, {
    method: 'POST',
    headers: { authorization: 'Bearer k' },
    body: JSON.stringify({ model: 'm', input: 'Hi', ...body }),
  });
  return { status: response.status, text: await response.text() };
}

const events = (text: string) =>
  [...text.matchAll(/^event: (.*)\ndata: (.*)\n\n/gm)].map(([, name, data = '']) => ({
    line: name,
    ...JSON.parse(data),
  }));

const REPLIES: [string, FakeReply][] = [
  ['text', { text: 'Grüße 👩‍🚀', chunkSize: 1, usage: { input: 9, output: 8, cacheRead: 3, reasoning: 1 } }],
  ['empty text', { text: '' }],
  ['a call', { toolCalls: [{ name: 'weather', arguments: { city: 'Rome' } }] }],
  ['a call of a namespace', { toolCalls: [{ namespace: 'files', name: 'read' }] }],
  ['text and calls', { text: 'Look', toolCalls: [{ name: 'a', arguments: { n: 1 } }, { name: 'b' }] }],
  ['length', { text: 'cut', finish: 'length' }],
  ['filtered', { text: '', finish: 'content_filter' }],
  ['usage missing', { text: 'x', fault: 'usage-missing' }],
];

describe('answers of the responses dialect', () => {
  it.each(REPLIES)('are as published, plain and streamed: %s', async (_, reply) => {
    const plain = JSON.parse((await ask(reply)).text);
    expect(complaints.plain(withoutNulls(plain))).toEqual([]);
    const all = events((await ask(reply, { stream: true })).text);
    for (const { line, ...event } of all) {
      expect(line).toBe(event.type);
      expect(complaints.event(withoutNulls(event))).toEqual([]);
    }
    expect(all.map(({ sequence_number }) => sequence_number)).toEqual(all.map((_, index) => index));
    // The end repeats everything, and is what a plain answer would have been, ids and time aside.
    const end = all.at(-1)?.response;
    expect({ status: end.status, usage: end.usage }).toEqual({ status: plain.status, usage: plain.usage });
    const said = (output: { content?: unknown; arguments?: unknown }[]) =>
      output.map(({ content, arguments: text }) => content ?? text);
    expect(said(end.output)).toEqual(said(plain.output));
  });

  it('name the namespace of a call, and none where there is none', async () => {
    const toolCalls = [{ namespace: 'files', name: 'read' }, { name: 'look' }];
    const { output } = JSON.parse((await ask({ toolCalls })).text);
    expect(output).toMatchObject([{ namespace: 'files', name: 'read' }, { name: 'look' }]);
    expect(output[1]).not.toHaveProperty('namespace');
  });

  it('open and close every item in turn', async () => {
    const reply: FakeReply = { text: 'ab', toolCalls: [{ name: 'f', arguments: { n: 1 } }], chunkSize: 4 };
    expect(events((await ask(reply, { stream: true })).text).map(({ line }) => line.replace('response.', ''))).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'output_item.added',
      'function_call_arguments.delta',
      'function_call_arguments.delta',
      'function_call_arguments.done',
      'output_item.done',
      'completed',
    ]);
  });

  it('call the tool the prompt speaks of, and quote its result', async () => {
    const tools = [{ type: 'function', name: 'get_weather', parameters: { type: 'object' } }];
    const called = JSON.parse((await ask(undefined, { input: 'The weather?', tools })).text);
    expect(called.output).toMatchObject([{ type: 'function_call', name: 'get_weather', arguments: '{}' }]);
    const output = { type: 'function_call_output', call_id: called.output[0].call_id, output: 'Rain.' };
    const input = [{ role: 'user', content: 'The weather?' }, ...called.output, output];
    expect(JSON.parse((await ask(undefined, { input, tools })).text).output[0].content[0].text).toContain('Rain.');
  });

  it('end with an error event where a rule says so', async () => {
    const reply: FakeReply = {
      text: 'one two three',
      fault: 'error-in-stream',
      error: { status: 429, message: 'slow' },
    };
    const all = events((await ask(reply, { stream: true })).text);
    expect(all.at(-1)).toMatchObject({ line: 'error', type: 'error', message: 'slow', code: 'rate_limit_exceeded' });
    expect(all.some(({ line }) => line === 'response.completed')).toBe(false);
  });

  it.each([400, 401, 429, 500, 503])('are errors in their envelope: %i', async (status) => {
    const answer = await ask({ error: { status, message: 'no' } });
    expect(answer.status).toBe(status);
    expect(complaints.error(JSON.parse(answer.text))).toEqual([]);
  });
});

describe('the responses dialect refuses', () => {
  const call = { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' };
  const output = { type: 'function_call_output', call_id: 'c', output: 'ok' };

  it.each([
    ['a text', { model: 'm', input: 'x' }],
    ['an answered call', { model: 'm', input: [{ role: 'user', content: 'x' }, call, output] }],
  ])('not %s', (_, body) => expect(refuseResponses(body)).toBeUndefined());

  it.each([
    ['what is no object', [], undefined],
    ['no model', { input: 'x' }, 'model'],
    ['no input', { model: 'm' }, 'input'],
    ['an item that is none', { model: 'm', input: [null] }, 'input'],
    ['a stream that is no boolean', { model: 'm', input: 'x', stream: 1 }, 'stream'],
    ['another dialect', { model: 'm', messages: [] }, 'messages'],
    ['a result without a call', { model: 'm', input: [output] }, 'input'],
    ['a call without a result', { model: 'm', input: [call] }, 'input'],
  ])('%s', (_, body, param) => expect(refuseResponses(body)).toMatchObject({ status: 400, ...(param && { param }) }));
});
