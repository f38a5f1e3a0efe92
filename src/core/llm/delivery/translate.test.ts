import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { anthropicMessages } from '../protocols/anthropic-messages/index.ts';
import { googleGenerate } from '../protocols/google-generate/index.ts';
import { openaiChat } from '../protocols/openai-chat/index.ts';
import type { UpstreamProtocol } from '../protocols/protocol.ts';
import { translate } from './translate.ts';

const context = { model: 'asked', created: 0, streamUsage: false, newId: () => 'id' };
const deliver = (upstream: UpstreamProtocol) => translate(openaiChat, upstream, context);

const message = (text: string) =>
  JSON.stringify({ type: 'message', content: [{ type: 'text', text }], stop_reason: 'end_turn' });
const candidate = (text: string, more: object = {}) => ({ candidates: [{ content: { parts: [{ text }] }, ...more }] });

/** What a client reads from a stream that comes in these pieces, and why it failed. */
function stream(upstream: UpstreamProtocol, pieces: readonly (string | Buffer)[]) {
  const opened = deliver(upstream).openStream();
  let text = '';
  for (const piece of pieces) text += opened.push(Buffer.from(piece)) ?? '';
  if (opened.failure === undefined) text += opened.end() ?? '';
  const said = [...text.matchAll(/"content":"([^"]+)"/g)].map(([, words]) => words).join('');
  return { said, done: text.endsWith('data: [DONE]\n\n'), failure: opened.failure?.code };
}

const whole = (upstream: UpstreamProtocol, bytes: Buffer) =>
  JSON.parse(String(deliver(upstream).whole(bytes, {}).body)).choices[0].message.content;

describe('a whole answer', () => {
  it('is read without its byte order mark, and in Latin-1 where it is not UTF-8', () => {
    expect(whole(anthropicMessages, Buffer.from(`\uFEFF${message('é')}`))).toBe('é');
    expect(whole(anthropicMessages, Buffer.from(message('é ß'), 'latin1'))).toBe('é ß');
  });

  it('that came as a stream is put together, if all of it came', () => {
    const events = [candidate('one '), candidate('two', { finishReason: 'STOP' })];
    const text = events.map((event) => `data: ${JSON.stringify(event)}\r\n\r\n`);
    expect(whole(googleGenerate, Buffer.from(text.join('')))).toBe('one two');
    expect(() => whole(googleGenerate, Buffer.from(text[0] ?? ''))).toThrow();
    const failed = 'data: {"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}\n\n';
    expect(() => whole(googleGenerate, Buffer.from(failed))).toThrow('busy');
  });
});

describe('a stream', () => {
  const done = (said: string) => ({ said, done: true, failure: undefined });

  it('is made of a whole answer, however it is cut', () => {
    const bytes = Buffer.from(`\uFEFF\n \r\n${message('hello')}`);
    for (const size of [1, 2, 3, 7, bytes.length]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      );
      expect(stream(anthropicMessages, pieces)).toEqual(done('hello'));
    }
  });

  it('is made of a list of events', () => {
    const events = [candidate('one '), candidate('two', { finishReason: 'STOP' })];
    expect(stream(googleGenerate, [JSON.stringify(events)])).toEqual(done('one two'));
    expect(stream(googleGenerate, [JSON.stringify(events.slice(0, 1))]).failure).toBe('upstream_invalid');
  });

  it.each([
    ['markup', '<html>'],
    ['half an answer', message('x').slice(0, 20)],
    ['another object', '{}'],
    ['a list of nothing', '[]'],
    ['nested lists', '['.repeat(50_000) + ']'.repeat(50_000)],
    ['nothing', ''],
    ['blank lines', '\n\n\n'],
  ])('is not made of %s', (_, body) => {
    expect(stream(anthropicMessages, [body])).toEqual({ said: '', done: false, failure: 'upstream_invalid' });
  });

  it('tells what a failure in place of a stream says', () => {
    const body = '{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED"}}';
    expect(stream(googleGenerate, [body]).failure).toBeDefined();
  });
});
