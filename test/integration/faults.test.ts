import { createNexus, type RequestRecord } from 'nexus-ai';
import { type ListeningServer, listen } from 'nexus-ai/node';
import { createFakeProvider, type FakeFault, type FakeProvider } from 'nexus-ai/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bothVendors } from '../support/doors.ts';

const TEXT = 'one two three four five six seven eight nine ten';

let provider: FakeProvider;
let server: ListeningServer;
let records: RequestRecord[];

beforeAll(async () => {
  provider = await createFakeProvider();
  const config = bothVendors(provider.url, { timeout: '3s', firstByteTimeout: '1s', idleTimeout: '1s' });
  server = await listen(createNexus(config, { sinks: [(record) => records.push(record)] }), { port: 0 });
});
beforeEach(async () => {
  provider.reset();
  // Records are handed out after their request.
  await new Promise((resolve) => setImmediate(resolve));
  records = [];
});
afterAll(async () => {
  await server.close({ drain: 0 });
  await provider.close();
});

async function ask(model: string, stream: boolean) {
  const response = await fetch(`${server.url}/llm/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'hi' }] }),
  });
  const text = await response.text();
  return { status: response.status, code: response.headers.get('x-nexus-error'), text };
}

/** What a client of the event stream makes of it. */
function readStream(text: string) {
  const events = text
    .split('\n\n')
    .map((event) =>
      event
        .split('\n')
        .find((line) => line.startsWith('data:'))
        ?.slice(5)
        .trim(),
    )
    .filter((data) => data !== undefined);
  const bodies = events.filter((data) => data !== '[DONE]').map((data) => JSON.parse(data));
  return {
    said: bodies.map((body) => body.choices?.[0]?.delta?.content ?? '').join(''),
    finished: bodies.some((body) => body.choices?.[0]?.finish_reason),
    errors: bodies.filter((body) => body.error !== undefined).map((body) => body.error),
    done: events.at(-1) === '[DONE]',
    lastIsError: bodies.at(-1)?.error !== undefined,
  };
}

const MODELS = ['openai/x', 'anthropic/x'];

describe.each(MODELS)('%s', (model) => {
  describe('whole answers', () => {
    it.each<[FakeFault, number, string]>([
      ['reset', 502, 'upstream_unavailable'],
      ['close', 502, 'upstream_unavailable'],
      ['bad-status-line', 502, 'upstream_unavailable'],
      ['header-flood', 502, 'upstream_unavailable'],
      ['wrong-length', 502, 'upstream_unavailable'],
      ['bad-chunk', 502, 'upstream_unavailable'],
      ['not-json', 502, 'upstream_invalid'],
      ['truncated-json', 502, 'upstream_invalid'],
      ['json-null', 502, 'upstream_invalid'],
      ['wrong-shape', 502, 'upstream_invalid'],
      ['empty', 502, 'upstream_invalid'],
      ['html', 502, 'upstream_invalid'],
      ['gzip-lie', 502, 'upstream_unavailable'],
      ['headers-then-hang', 504, 'upstream_timeout'],
      ['stall', 504, 'upstream_timeout'],
      ['hang', 504, 'upstream_timeout'],
    ])('%s gives %i %s', async (fault, status, code) => {
      provider.reply({ text: TEXT, fault });
      const answer = await ask(model, false);
      expect(answer).toMatchObject({ status, code });
      expect(JSON.parse(answer.text).error).toMatchObject({ code: status, type: 'api_error' });
      await provider.waitFor(({ requests }) => requests.every((request) => request.ended !== undefined));
    });

    it.each<FakeFault>([
      'gzip',
      'deflate',
      'br',
      'wrong-content-type',
      'bom',
      'sse-for-json',
      'proto-in-answer',
      'usage-missing',
      'usage-absurd',
    ])('%s is read for what it is', async (fault) => {
      provider.reply({ text: TEXT, fault });
      const answer = await ask(model, false);
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.text).choices[0].message.content).toBe(TEXT);
      await new Promise((resolve) => setImmediate(resolve));
      const usage = records[0]?.usage;
      for (const count of Object.values(usage ?? {})) expect(count ?? 0).toBeGreaterThanOrEqual(0);
    });
  });

  describe('streams that fail before there is content', () => {
    it.each<[FakeFault, number, string]>([
      ['reset', 502, 'upstream_unavailable'],
      ['close', 502, 'upstream_unavailable'],
      ['empty', 502, 'upstream_invalid'],
      ['html', 502, 'upstream_invalid'],
      ['not-json', 502, 'upstream_invalid'],
      ['hang', 504, 'upstream_timeout'],
      ['headers-then-hang', 504, 'upstream_timeout'],
    ])('%s gives %i %s', async (fault, status, code) => {
      provider.reply({ text: TEXT, fault });
      const answer = await ask(model, true);
      expect(answer).toMatchObject({ status, code });
      expect(JSON.parse(answer.text).error).toMatchObject({ code: status });
    });

    it('an error event instead of an answer becomes a status', async () => {
      provider.reply({ text: TEXT, fault: 'error-first-event', error: { status: 529, message: 'busy now' } });
      const answer = await ask(model, true);
      expect(answer.status).toBe(502);
      expect(JSON.parse(answer.text).error.message).toContain('busy now');
    });
  });

  describe('streams that fail in the middle end with an error, never as if they were whole', () => {
    it.each<[FakeFault, string]>([
      ['reset', 'upstream_unavailable'],
      ['close', 'upstream_unavailable'],
      ['stall', 'upstream_timeout'],
    ])('%s', async (fault, code) => {
      provider.reply({ text: TEXT, fault, after: 3, chunkSize: 4 });
      const { status, text } = await ask(model, true);
      const { said, finished, errors, done, lastIsError } = readStream(text);
      expect(status).toBe(200);
      expect(TEXT.startsWith(said) && said !== '').toBe(true);
      expect({ finished, done, lastIsError, errors: errors.length }).toEqual({
        finished: false,
        done: false,
        lastIsError: true,
        errors: 1,
      });
      await new Promise((resolve) => setImmediate(resolve));
      expect(records).toMatchObject([{ status: 200, error: code, stream: true }]);
    });

    it('an error event is handed on, and nothing after it', async () => {
      provider.reply({ text: TEXT, fault: 'error-in-stream', after: 3, error: { status: 500, message: 'broke' } });
      const { errors, done, lastIsError } = readStream((await ask(model, true)).text);
      expect(errors).toMatchObject([{ message: expect.stringContaining('broke') }]);
      expect({ done, lastIsError }).toEqual({ done: false, lastIsError: true });
    });
  });

  it.each<FakeFault>([
    'one-packet',
    'slow-drip',
    'split-events',
    'crlf-sse',
    'cr-sse',
    'multi-data-lines',
    'sse-quirks',
    'no-final-newline',
    'newline-flood',
    'after-done',
    'wrong-content-type',
    'json-for-sse',
    'bom',
    'gzip',
    'br',
  ])('a stream with %s is read for what it is', async (fault) => {
    provider.reply({ text: TEXT, fault });
    const response = await fetch(`${server.url}/llm/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'hi' }] }),
    });
    const events: string[] = [];
    const { createParser } = await import('eventsource-parser');
    const parser = createParser({ onEvent: ({ data }) => events.push(data) });
    parser.feed(`${await response.text()}\n\n`);
    expect(events).toContain('[DONE]');
    const bodies = events.slice(0, events.indexOf('[DONE]')).map((data) => JSON.parse(data));
    expect(bodies.map((body) => body.choices[0]?.delta.content ?? '').join('')).toBe(TEXT);
    await new Promise((resolve) => setImmediate(resolve));
    expect(records).toMatchObject([{ status: 200, error: undefined }]);
  });
});
