import { connect } from 'node:net';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFakeProvider, type FakeFault, type FakeProvider, type FakeReply } from './index.ts';

let provider: FakeProvider;
beforeAll(async () => {
  provider = await createFakeProvider();
});
afterAll(() => provider.close());

interface Seen {
  head: string;
  body: Buffer;
  end: 'fin' | 'reset' | 'silence';
}

/** Sends one request on a bare socket; `silence` is reported once the provider has sent what it will and still holds on. */
function see(reply: FakeReply, stream: boolean, protocol: 'openai' | 'anthropic' = 'openai'): Promise<Seen> {
  provider.reset();
  provider.reply({ text: 'one two three', chunkSize: 4, ...reply });
  const body = JSON.stringify({
    model: 'm',
    messages: [{ role: 'user', content: 'x' }],
    ...(protocol === 'anthropic' ? { max_tokens: 9 } : {}),
    ...(stream ? { stream } : {}),
  });
  const path = protocol === 'anthropic' ? '/v1/messages' : '/v1/chat/completions';
  const head = `POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer k\r\nanthropic-version: 2023-06-01\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n`;
  const isSilent = reply.fault === 'hang' || reply.fault === 'headers-then-hang' || reply.fault === 'stall';
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const finish = (end: Seen['end']) => {
      const all = Buffer.concat(chunks);
      const split = all.indexOf('\r\n\r\n');
      const at = split < 0 ? all.length : split;
      resolve({ head: all.subarray(0, at).toString('latin1'), body: all.subarray(at + 4), end });
      socket.destroy();
    };
    const socket = connect(Number(new URL(provider.url).port), '127.0.0.1', () => socket.write(head + body));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => finish('fin'));
    socket.on('error', (error) => ('code' in error && error.code === 'ECONNRESET' ? finish('reset') : reject(error)));
    if (!isSilent) return;
    // The last thing it does before falling silent: a request seen, a head sent, a first token delivered.
    const { fault } = reply;
    const done = ({ bill }: FakeProvider) =>
      fault === 'hang'
        ? bill.requests === 1
        : fault === 'stall' && stream
          ? bill.outputTokens > 0
          : bill.inputTokens > 0 && (fault !== 'stall' || chunks.length > 1);
    provider.waitFor(done).then(() => setImmediate(() => setImmediate(() => finish('silence'))), reject);
  });
}

/** Undoes the chunked framing; `whole` says whether its end was seen. */
function unchunk(body: Buffer): { text: string; whole: boolean } {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const line = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.subarray(at, line).toString(), 16);
    if (size === 0) return { text: Buffer.concat(parts).toString(), whole: true };
    parts.push(body.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
  return { text: Buffer.concat(parts).toString(), whole: false };
}

const content = (text: string) =>
  [...text.matchAll(/"(?:content|text)":"([^"]+)"/g)].map(([, found]) => found).join('');

describe('connection', () => {
  it.each([
    ['reset', 'reset'],
    ['close', 'fin'],
  ] as const)('%s before the head', async (fault, end) => {
    expect(await see({ fault }, true)).toEqual({ head: '', body: Buffer.alloc(0), end });
    expect(await see({ fault }, false)).toMatchObject({ head: '', end });
    await provider.waitFor(({ requests }) => requests[0]?.ended === 'broken');
    expect(provider.bill.inputTokens).toBe(0);
  });

  it.each([
    ['reset', 'openai', 'reset'],
    ['close', 'openai', 'fin'],
    ['reset', 'anthropic', 'reset'],
    ['close', 'anthropic', 'fin'],
  ] as const)('%s after two chunks of %s', async (fault, protocol, end) => {
    const seen = await see({ fault, after: 2 }, true, protocol);
    const { text, whole } = unchunk(seen.body);
    expect(seen.end).toBe(end);
    expect(whole).toBe(false);
    expect(content(text)).toBe('one two ');
    await provider.waitFor(({ requests }) => requests[0]?.ended === 'broken');
    expect(provider.bill).toMatchObject({ outputTokens: 2, openStreams: 0, aborted: 0 });
  });

  it('close inside a plain answer leaves half of it', async () => {
    const { head, body } = await see({ fault: 'close', after: 1 }, false);
    const length = Number(/content-length: (\d+)/.exec(head)?.[1]);
    expect(body.length).toBe(Math.floor(length / 2));
  });

  it('hang says nothing at all', async () => {
    expect(await see({ fault: 'hang' }, true)).toMatchObject({ head: '', end: 'silence' });
    await provider.waitFor(({ bill }) => bill.aborted === 1);
  });

  it('headers-then-hang sends the head alone', async () => {
    const seen = await see({ fault: 'headers-then-hang' }, true);
    expect(seen.head).toMatch(/^HTTP\/1.1 200 OK/);
    expect(seen.body.length).toBe(0);
    await provider.waitFor(({ bill }) => bill.aborted === 1 && bill.openStreams === 0);
  });

  it('stall stops after its chunks', async () => {
    const seen = await see({ fault: 'stall' }, true);
    expect(seen.end).toBe('silence');
    expect(content(unchunk(seen.body).text)).toBe('one ');
  });
});

describe('head', () => {
  it('bad-status-line is not HTTP', async () => {
    expect((await see({ fault: 'bad-status-line' }, false)).head).not.toMatch(/^HTTP/);
  });

  it('header-flood exceeds what clients accept', async () => {
    expect((await see({ fault: 'header-flood' }, false)).head.length).toBeGreaterThan(100_000);
  });

  it('wrong-length promises more than it sends', async () => {
    const { head, body, end } = await see({ fault: 'wrong-length' }, false);
    expect(Number(/content-length: (\d+)/.exec(head)?.[1])).toBe(body.length + 100);
    expect(end).toBe('fin');
  });

  it('dup-length and length-and-chunked contradict themselves', async () => {
    const twice = await see({ fault: 'dup-length' }, false);
    expect(new Set([...twice.head.matchAll(/content-length: (\d+)/g)].map(([, length]) => length)).size).toBe(2);
    const both = await see({ fault: 'length-and-chunked' }, false);
    expect(both.head).toMatch(/content-length: \d+\r\ntransfer-encoding: chunked/);
    expect(JSON.parse(unchunk(both.body).text)).toHaveProperty('choices');
  });

  it('bad-chunk breaks the framing', async () => {
    expect((await see({ fault: 'bad-chunk' }, true)).body.toString()).toContain('zz\r\n');
    expect(await fetchError({ fault: 'bad-chunk' })).toBe(true);
  });

  it('wrong-content-type lies about a good answer', async () => {
    const { head, body } = await see({ fault: 'wrong-content-type' }, false);
    expect(head).toContain('content-type: text/plain');
    expect(JSON.parse(body.toString())).toHaveProperty('choices');
  });
});

/** Whether the platform's fetch gives up on the answer. */
function fetchError(reply: FakeReply): Promise<boolean> {
  provider.reset();
  provider.reply({ text: 'x', ...reply });
  return fetch(`${provider.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer k' },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'x' }] }),
  })
    .then((response) => response.text())
    .then(
      () => false,
      () => true,
    );
}

describe('body', () => {
  it.each(['not-json', 'truncated-json', 'empty', 'html'] as const)(
    '%s is no JSON, for a stream neither',
    async (fault) => {
      for (const stream of [false, true]) {
        const { head, body } = await see({ fault }, stream);
        expect(head).toMatch(/^HTTP\/1.1 200/);
        expect(() => JSON.parse(body.toString())).toThrow(SyntaxError);
      }
    },
  );

  it.each([
    ['json-null', null],
    ['wrong-shape', { unexpected: ['shape'] }],
  ] as const)('%s is JSON and no answer', async (fault, expected) => {
    expect(JSON.parse((await see({ fault }, false)).body.toString())).toEqual(expected);
  });

  it('no-choices has nothing in it, in both dialects', async () => {
    expect(JSON.parse((await see({ fault: 'no-choices' }, false)).body.toString())).toMatchObject({ choices: [] });
    const anthropic = await see({ fault: 'no-choices' }, false, 'anthropic');
    expect(JSON.parse(anthropic.body.toString())).toMatchObject({ content: [] });
  });

  it('deep-json nests far', async () => {
    expect((await see({ fault: 'deep-json' }, false)).body.toString()).toMatch(/^\[{100000}\]{100000}$/);
  });

  it('proto-in-answer stays an answer', async () => {
    const body = JSON.parse((await see({ fault: 'proto-in-answer' }, false)).body.toString());
    expect(Object.keys(body)).toEqual(expect.arrayContaining(['__proto__', 'constructor', 'choices']));
  });

  it('bom stands before a good answer', async () => {
    const body = (await see({ fault: 'bom' }, false)).body.toString();
    expect(body.charCodeAt(0)).toBe(0xfeff);
    expect(JSON.parse(body.slice(1))).toHaveProperty('choices');
  });

  it.each([
    ['gzip', gunzipSync],
    ['deflate', inflateSync],
    ['br', brotliDecompressSync],
  ] as const)('%s decodes to the answer', async (fault, decode) => {
    const { head, body } = await see({ fault }, false);
    expect(head).toContain(`content-encoding: ${fault}`);
    expect(JSON.parse(decode(body).toString())).toHaveProperty('choices');
  });

  it('gzip-lie does not', async () => {
    expect(await fetchError({ fault: 'gzip-lie' })).toBe(true);
  });

  it('sse-for-json and json-for-sse swap the two', async () => {
    const stream = await see({ fault: 'sse-for-json' }, false);
    expect(unchunk(stream.body).text).toMatch(/^data: [\s\S]*data: \[DONE\]\n\n$/);
    expect(JSON.parse((await see({ fault: 'json-for-sse' }, true)).body.toString())).toHaveProperty('choices');
  });
});

describe('stream', () => {
  const streamed = async (fault: FakeFault, more: FakeReply = {}) =>
    unchunk((await see({ fault, ...more }, true)).body);
  const plainly = async () => unchunk((await see({}, true)).body).text;

  it.each(['one-packet', 'slow-drip', 'split-events'] as const)('%s sends the same bytes', async (fault) => {
    const same = (text: string) => text.replaceAll(/"created":\d+|fake\d+/g, '');
    expect(same((await streamed(fault)).text)).toBe(same(await plainly()));
    expect(provider.bill.outputTokens).toBe(Math.ceil('one two three'.length / 4));
  });

  it.each([
    ['crlf-sse', '\r\n'],
    ['cr-sse', '\r'],
  ] as const)('%s ends its lines otherwise', async (fault, end) => {
    const { text } = await streamed(fault);
    expect(text.endsWith(`data: [DONE]${end}${end}`)).toBe(true);
    expect(text.replaceAll(end, '')).not.toMatch(/[\r\n]/);
  });

  it('keeps to the grammar in odd ways', async () => {
    expect((await streamed('sse-quirks')).text).toMatch(/^: a comment\nid: 7\nretry: 1000\nunknown: field\ndata:\{/);
    expect((await streamed('newline-flood')).text).toContain('\n'.repeat(10_000));
    expect((await streamed('multi-data-lines')).text).toMatch(/^data: \{\ndata: {2}"id"/);
    expect((await streamed('no-final-newline')).text.endsWith('data: [DONE]')).toBe(true);
  });

  it('bad-sse has one event that is not JSON', async () => {
    const { text, whole } = await streamed('bad-sse');
    expect(text.match(/data: \{"broken":\n/g)).toHaveLength(1);
    expect(whole).toBe(true);
  });

  it('no-done ends well without a terminal event, after-done goes on behind it', async () => {
    const { text, whole } = await streamed('no-done');
    expect(text).not.toContain('[DONE]');
    expect(text).toContain('"finish_reason":"stop"');
    expect(whole).toBe(true);
    expect((await streamed('after-done')).text).toMatch(/\[DONE\]\n\ndata: \{/);
    const anthropic = unchunk((await see({ fault: 'no-done' }, true, 'anthropic')).body).text;
    expect(anthropic).not.toContain('message_stop');
  });

  it('tells an error instead of an answer, or in the middle of one', async () => {
    const error = { status: 529, message: 'Overloaded' };
    const first = await see({ fault: 'error-first-event', error }, true);
    expect(first.head).toMatch(/^HTTP\/1.1 200/);
    expect(unchunk(first.body).text).toMatch(/^data: \{"error":\{"message":"Overloaded"[^\n]*\n\n$/);
    expect(provider.bill.outputTokens).toBe(0);
    const later = await streamed('error-in-stream', { error, after: 2 });
    expect(content(later.text)).toBe('one two ');
    expect(later.text).toMatch(/Overloaded[^\n]*\n\n$/);
    expect(provider.bill.outputTokens).toBe(2);
    const anthropic = unchunk((await see({ fault: 'error-in-stream', error }, true, 'anthropic')).body).text;
    expect(anthropic).toMatch(/event: error\ndata: \{"type":"error","error":\{"type":"overloaded_error"[^\n]*\n\n$/);
  });
});

describe('usage', () => {
  it('usage-missing reports none, and is billed all the same', async () => {
    for (const stream of [false, true]) {
      for (const protocol of ['openai', 'anthropic'] as const) {
        expect((await see({ fault: 'usage-missing' }, stream, protocol)).body.toString()).not.toContain('"usage"');
        expect(provider.bill.outputTokens).toBe(4);
      }
    }
  });

  it('usage-absurd reports what cannot be', async () => {
    const openai = JSON.parse((await see({ fault: 'usage-absurd' }, false)).body.toString());
    expect(openai.usage).toMatchObject({ prompt_tokens: -5, completion_tokens: 9e15 });
    const anthropic = JSON.parse((await see({ fault: 'usage-absurd' }, false, 'anthropic')).body.toString());
    expect(anthropic.usage).toMatchObject({ input_tokens: -5, output_tokens: 9e15 });
  });
});
