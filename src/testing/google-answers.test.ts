import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { schemaCheck } from '../../test/wire/corpus.ts';
import { refuseGoogle } from './google-refusals.ts';
import { createFakeProvider, type FakeProvider, type FakeReply } from './index.ts';

let provider: FakeProvider;
beforeAll(async () => {
  provider = await createFakeProvider();
});
beforeEach(() => provider.reset());
afterAll(() => provider.close());

const complaints = schemaCheck('gemini-response', 'GenerateContentResponse');
const contents = [{ role: 'user', parts: [{ text: 'Hi' }] }];

async function ask(reply: FakeReply | undefined, body: Record<string, unknown> = {}, stream = false, key = 'k') {
  if (reply !== undefined) provider.reply(reply);
  const verb = stream ? 'streamGenerateContent?alt=sse' : 'generateContent';
  const response = await fetch(`${provider.url}/v1beta/models/gemini-x:${verb}`, {
    method: 'POST',
    headers: { 'x-goog-api-key': key },
    body: JSON.stringify({ contents, ...body }),
  });
  return { status: response.status, text: await response.text() };
}

const events = (text: string) => [...text.matchAll(/^data: (.*)\n\n/gm)].map(([, data = '']) => JSON.parse(data));
const partsOf = (answers: readonly { candidates: { content: { parts?: unknown[] } }[] }[]) =>
  answers.flatMap(({ candidates }) => candidates[0]?.content.parts ?? []);

const REPLIES: [string, FakeReply, string][] = [
  ['text', { text: 'Grüße 👩‍🚀', chunkSize: 1, usage: { input: 9, output: 8, cacheRead: 3, reasoning: 1 } }, 'STOP'],
  ['empty text', { text: '' }, 'STOP'],
  ['text and calls', { text: 'Look', toolCalls: [{ name: 'a', arguments: { n: 1 } }, { name: 'b' }] }, 'STOP'],
  ['length', { text: 'cut', finish: 'length' }, 'MAX_TOKENS'],
  ['filtered', { text: '', finish: 'content_filter' }, 'SAFETY'],
  ['usage missing', { text: 'x', fault: 'usage-missing' }, 'STOP'],
];

describe('answers of the Google dialect', () => {
  it.each(REPLIES)('are as published, plain and streamed: %s', async (_, reply, finishReason) => {
    const plain = JSON.parse((await ask(reply)).text);
    expect(complaints(plain)).toEqual([]);
    expect(plain.candidates).toMatchObject([{ finishReason }]);
    const all = events((await ask(reply, {}, true)).text);
    for (const event of all) expect(complaints(event)).toEqual([]);
    expect(all.map(({ candidates }) => candidates[0].finishReason)).toEqual([
      ...Array(all.length - 1).fill(undefined),
      finishReason,
    ]);
    expect(all.at(-1).usageMetadata).toEqual(plain.usageMetadata);
    const text = (parts: unknown[]) => parts.map((part) => (part as { text?: string }).text ?? '').join('');
    expect(text(partsOf(all))).toBe(text(partsOf([plain])));
  });

  it('count thoughts beside the answer, and leave out what is zero', async () => {
    const usage = async (counts: FakeReply['usage']) =>
      JSON.parse((await ask({ text: 'x', usage: counts })).text).usageMetadata;
    expect(await usage({ input: 9, output: 8, cacheRead: 3, reasoning: 2 })).toMatchObject({
      promptTokenCount: 9,
      candidatesTokenCount: 6,
      thoughtsTokenCount: 2,
      cachedContentTokenCount: 3,
      totalTokenCount: 17,
    });
    const none = await usage({ input: 9, output: 0 });
    for (const name of ['candidatesTokenCount', 'thoughtsTokenCount', 'cachedContentTokenCount']) {
      expect(none).not.toHaveProperty(name);
    }
  });

  it('call the tool the prompt speaks of, and quote its result', async () => {
    const tools = [{ functionDeclarations: [{ name: 'get_weather', parameters: { type: 'object' } }] }];
    const question = { role: 'user', parts: [{ text: 'The weather?' }] };
    const called = JSON.parse((await ask(undefined, { contents: [question], tools })).text);
    const [{ content }] = called.candidates;
    expect(content.parts).toMatchObject([{ functionCall: { name: 'get_weather', args: {} } }]);
    const result = { functionResponse: { name: 'get_weather', response: { output: 'Rain.' } } };
    const turns = [question, content, { role: 'user', parts: [result] }];
    expect((await ask(undefined, { contents: turns, tools })).text).toContain('Rain.');
  });

  it('have no end where the stream is cut before it', async () => {
    const { text } = await ask({ text: 'one two', fault: 'no-done' }, {}, true);
    expect(text).not.toContain('finishReason');
  });

  it.each([
    [400, 'INVALID_ARGUMENT'],
    [404, 'NOT_FOUND'],
    [429, 'RESOURCE_EXHAUSTED'],
    [500, 'INTERNAL'],
    [503, 'UNAVAILABLE'],
  ])('are errors in their envelope: %i', async (status, name) => {
    const answer = await ask({ error: { status, message: 'no' } });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toEqual({ error: { code: status, message: 'no', status: name } });
  });

  it('need a key', async () => {
    const answer = await ask(undefined, {}, false, '');
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.text).error.status).toBe('PERMISSION_DENIED');
  });
});

describe('the Google dialect refuses', () => {
  const call = { role: 'model', parts: [{ functionCall: { name: 'f', args: {} } }] };
  const result = { role: 'user', parts: [{ functionResponse: { name: 'f', response: {} } }] };

  it.each([
    ['a question', { contents }],
    ['an answered call', { contents: [...contents, call, result] }],
  ])('not %s', (_, body) => expect(refuseGoogle(body)).toBeUndefined());

  it.each([
    ['what is no object', [], /JSON/],
    ['a member of another dialect', { contents, messages: [] }, /"messages"/],
    ['no contents', {}, /not specified/],
    ['empty contents', { contents: [] }, /not specified/],
    ['an unknown role', { contents: [{ role: 'assistant', parts: [{ text: 'x' }] }] }, /valid role/],
    ['a turn without parts', { contents: [{ role: 'user', parts: [] }] }, /contents\[0\]/],
    ['a result without a call', { contents: [result] }, /function response/],
    ['fewer results than calls', { contents: [call, ...contents] }, /function response/],
  ])('%s', (_, body, message) => {
    expect(refuseGoogle(body)).toMatchObject({ status: 400, message: expect.stringMatching(message) });
  });
});
