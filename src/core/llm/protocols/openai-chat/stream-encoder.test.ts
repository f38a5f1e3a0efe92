import { describe, expect, it } from 'vitest';
import { NexusError } from '../../../errors/nexus-error.ts';
import type { CanonicalEvent } from '../../canonical/event.ts';
import { openaiChat } from './index.ts';

const usage = { input: 7, output: 3, cacheRead: 2, cacheWrite: 0, reasoning: 1 };
const start: CanonicalEvent = { type: 'start', id: 'msg_1', model: 'dated' };

function encode(events: readonly CanonicalEvent[], streamUsage = false): string {
  const encoder = openaiChat.createStreamEncoder({ model: 'fast', created: 5, streamUsage, newId: () => 'new' });
  return events.map((event) => encoder.encode(event)).join('');
}

function frames(text: string): string[] {
  expect(text.endsWith('\n\n')).toBe(true);
  return text
    .slice(0, -2)
    .split('\n\n')
    .map((frame) => {
      expect(frame.startsWith('data: ')).toBe(true);
      return frame.slice('data: '.length);
    });
}

const chunk = (delta: unknown, finish_reason: string | null = null) => ({
  id: 'msg_1',
  object: 'chat.completion.chunk',
  created: 5,
  model: 'fast',
  choices: [{ index: 0, delta, finish_reason }],
});

describe('stream encoder', () => {
  it('writes text as it comes, each event its own frame', () => {
    const encoder = openaiChat.createStreamEncoder({
      model: 'fast',
      created: 5,
      streamUsage: false,
      newId: () => 'new',
    });
    expect(frames(encoder.encode(start)).map((frame) => JSON.parse(frame))).toEqual([
      chunk({ role: 'assistant', content: '' }),
    ]);
    const text = 'line\n\ndata: [DONE] "\u2028 \ud83d\ude00';
    expect(frames(encoder.encode({ type: 'text', text })).map((frame) => JSON.parse(frame))).toEqual([
      chunk({ content: text }),
    ]);
    expect(encoder.encode({ type: 'finish', reason: 'length' })).toBe('');
    expect(encoder.encode({ type: 'usage', usage })).toBe('');
    const last = frames(encoder.encode({ type: 'end' }));
    expect(JSON.parse(last[0] ?? '')).toEqual(chunk({}, 'length'));
    expect(last.slice(1)).toEqual(['[DONE]']);
  });

  it.each([
    ['finish first', ['finish', 'usage']],
    ['usage first', ['usage', 'finish']],
  ])('shows usage after the finish chunk to those who asked: %s', (_, order) => {
    const closing: Record<string, CanonicalEvent> = {
      finish: { type: 'finish', reason: 'stop' },
      usage: { type: 'usage', usage },
    };
    const events = order.flatMap((name) => closing[name] ?? []);
    const written = frames(
      encode([start, { type: 'usage', usage: { ...usage, output: 1 } }, ...events, { type: 'end' }], true),
    );
    expect(written.at(-1)).toBe('[DONE]');
    const chunks = written.slice(0, -1).map((frame) => JSON.parse(frame));
    expect(chunks.map((each) => each.usage)).toEqual([
      null,
      null,
      {
        prompt_tokens: 7,
        completion_tokens: 3,
        total_tokens: 10,
        prompt_tokens_details: { cached_tokens: 2 },
        completion_tokens_details: { reasoning_tokens: 1 },
      },
    ]);
    expect(chunks[1].choices[0].finish_reason).toBe('stop');
    expect(chunks[2].choices).toEqual([]);
  });

  it('invents no usage', () => {
    expect(frames(encode([start, { type: 'end' }], true))).toHaveLength(3);
  });

  it('writes calls: opened, filled, and closed as valid JSON even without arguments', () => {
    const written = frames(
      encode([
        start,
        { type: 'tool_call', index: 0, id: 'a', name: 'f' },
        { type: 'tool_arguments', index: 0, json: '{"x":' },
        { type: 'tool_arguments', index: 0, json: '1}' },
        { type: 'tool_call', index: 1, id: 'b', name: 'g' },
        { type: 'tool_arguments', index: 1, json: '' },
        { type: 'finish', reason: 'tool_calls' },
        { type: 'end' },
      ]),
    );
    const deltas = written.slice(0, -1).map((frame) => JSON.parse(frame).choices[0].delta);
    expect(deltas).toEqual([
      { role: 'assistant', content: '' },
      { tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '{"x":' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '1}' } }] },
      { tool_calls: [{ index: 1, id: 'b', type: 'function', function: { name: 'g', arguments: '' } }] },
      { tool_calls: [{ index: 1, function: { arguments: '{}' } }] },
      {},
    ]);
  });

  it('writes thoughts as they come and the proof of each with the whole of what it proves', () => {
    const written = frames(
      encode([
        { type: 'start', id: '', model: 'dated' },
        { type: 'reasoning', text: 'a' },
        { type: 'reasoning', text: '' },
        { type: 'reasoning', text: 'b' },
        { type: 'reasoning_end', signature: 'S', origin: 'anthropic' },
        { type: 'reasoning', text: 'c' },
        { type: 'reasoning_end' },
        { type: 'reasoning_end', redacted: 'R', origin: 'anthropic' },
        { type: 'refusal', text: 'No' },
        { type: 'citation', citation: { url: 'https://a' } },
        { type: 'citation', citation: { document_index: 1 } },
        { type: 'tool_call', index: 0, id: 'i', name: 'f', signature: 'G' },
        { type: 'tool_arguments', index: 0, json: '{}' },
        { type: 'end' },
      ]),
    );
    expect(JSON.parse(written[0] ?? '').id).toBe('chatcmpl-new');
    const deltas = written.slice(1, -2).map((frame) => JSON.parse(frame).choices[0].delta);
    expect(deltas).toEqual([
      { reasoning_content: 'a' },
      { reasoning_content: 'b' },
      { reasoning_details: [{ type: 'reasoning.text', text: 'ab', signature: 'S', format: 'anthropic' }] },
      { reasoning_content: 'c' },
      { reasoning_details: [{ type: 'reasoning.encrypted', data: 'R', format: 'anthropic' }] },
      { refusal: 'No' },
      { annotations: [{ type: 'url_citation', url_citation: { url: 'https://a' } }] },
      {
        tool_calls: [
          {
            index: 0,
            id: 'i',
            type: 'function',
            function: { name: 'f', arguments: '' },
            extra_content: { google: { thought_signature: 'G' } },
          },
        ],
      },
      { tool_calls: [{ index: 0, function: { arguments: '{}' } }] },
    ]);
  });

  it('ends with the error and nothing after it', () => {
    const error = new NexusError('upstream_failed', 'broken');
    const events: CanonicalEvent[] = [
      start,
      { type: 'finish', reason: 'stop' },
      { type: 'error', error },
      { type: 'text', text: 'late' },
      { type: 'error', error },
      { type: 'end' },
    ];
    const written = frames(encode(events));
    expect(written).toHaveLength(2);
    expect(JSON.parse(written[1] ?? '')).toEqual({
      error: { message: 'broken', type: 'internal_error', param: null, code: 500 },
    });
  });

  it('says nothing after the end', () => {
    expect(encode([start, { type: 'end' }, { type: 'end' }, { type: 'text', text: 'late' }])).toBe(
      encode([start, { type: 'end' }]),
    );
  });

  it('is whole even if the upstream said nothing at all', () => {
    const written = frames(encode([{ type: 'end' }]));
    expect(written.slice(0, -1).map((frame) => JSON.parse(frame).choices[0].finish_reason)).toEqual([null, 'stop']);
    expect(written.at(-1)).toBe('[DONE]');
  });
});
