import { describe, expect, it } from 'vitest';
import { writesDeepJson } from '../../../../../test/support/engine.ts';
import type { CanonicalEvent } from '../../canonical/event.ts';
import { anthropicMessages } from './index.ts';

type Frame = { type: string; [member: string]: unknown };

function decodeTexts(frames: readonly { data: string; event?: string }[]): CanonicalEvent[] {
  const decoder = anthropicMessages.createStreamDecoder();
  const events: CanonicalEvent[] = [];
  for (const { data, event } of frames) decoder.decode(data, event, (decoded) => events.push(decoded));
  return events;
}

const decode = (...frames: Frame[]) =>
  decodeTexts(frames.map((frame) => ({ data: JSON.stringify(frame), event: frame.type })));

const started: Frame = {
  type: 'message_start',
  message: { id: 'msg_1', model: 'claude', usage: { input_tokens: 5, cache_read_input_tokens: 20, output_tokens: 1 } },
};
const text = (piece: string): Frame => ({
  type: 'content_block_delta',
  index: 0,
  delta: { type: 'text_delta', text: piece },
});
const callStart = (index: number, id: string, input: unknown = {}): Frame => ({
  type: 'content_block_start',
  index,
  content_block: { type: 'tool_use', id, name: 'f', input },
});
const json = (index: number, piece: string): Frame => ({
  type: 'content_block_delta',
  index,
  delta: { type: 'input_json_delta', partial_json: piece },
});
const stop = (index: number): Frame => ({ type: 'content_block_stop', index });

describe('stream decoder', () => {
  it('reads text, finish and usage, merging the counts of start and end', () => {
    const events = decode(
      started,
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'ping' },
      text('Hel'),
      text(''),
      text('lo'),
      stop(0),
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } },
      { type: 'message_stop' },
    );
    expect(events).toEqual([
      { type: 'start', id: 'msg_1', model: 'claude' },
      { type: 'usage', usage: { input: 25, output: 1, cacheRead: 20, cacheWrite: 0, reasoning: 0 } },
      { type: 'text', text: 'Hel' },
      { type: 'text', text: 'lo' },
      { type: 'text_end' },
      { type: 'finish', reason: 'stop' },
      { type: 'usage', usage: { input: 25, output: 9, cacheRead: 20, cacheWrite: 0, reasoning: 0 } },
      { type: 'end' },
    ]);
  });

  it('prefers the counts of the end where it repeats them', () => {
    const usage = { input_tokens: 50, cache_read_input_tokens: 0, cache_creation_input_tokens: 3, output_tokens: 9 };
    const events = decode(started, { type: 'message_delta', delta: {}, usage });
    expect(events.at(-1)).toEqual({
      type: 'usage',
      usage: { input: 53, output: 9, cacheRead: 0, cacheWrite: 3, reasoning: 0 },
    });
  });

  it('numbers calls by first appearance, whatever their blocks are called', () => {
    const events = decode(
      started,
      { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'hm' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 's' } },
      { type: 'content_block_start', index: 1, content_block: { type: 'server_tool_use', id: 's', name: 'web' } },
      json(1, '{"q":1}'),
      callStart(4, 'a'),
      json(4, ''),
      json(4, '{"x":'),
      json(4, '1}'),
      stop(4),
      callStart(7, 'b'),
      json(7, ''),
      stop(7),
      json(9, '{"lost":1}'),
    );
    expect(events.slice(2)).toEqual([
      { type: 'reasoning', text: 'hm' },
      { type: 'tool_call', index: 0, id: 'a', name: 'f' },
      { type: 'tool_arguments', index: 0, json: '{"x":' },
      { type: 'tool_arguments', index: 0, json: '1}' },
      { type: 'tool_call', index: 1, id: 'b', name: 'f' },
    ]);
  });

  it('takes input that came whole with its block, unless pieces follow', () => {
    const whole = { type: 'tool_arguments', index: 0, json: '{"x":1}' };
    expect(decode(started, callStart(0, 'a', { x: 1 }), stop(0)).at(-1)).toEqual(whole);
    const events = decode(started, callStart(0, 'a', { x: 0 }), json(0, '{"x":1}'), stop(0));
    expect(events.filter(({ type }) => type === 'tool_arguments')).toEqual([whole]);
  });

  it('reads thoughts with their proofs, citations and the sequence that stopped it', () => {
    const block = (index: number, content_block: object): Frame => ({
      type: 'content_block_start',
      index,
      content_block,
    });
    const delta = (index: number, change: object): Frame => ({ type: 'content_block_delta', index, delta: change });
    const citation = { type: 'char_location', cited_text: 'x' };
    const events = decode(
      started,
      block(0, { type: 'thinking', thinking: '', signature: '' }),
      delta(0, { type: 'thinking_delta', thinking: 'h' }),
      delta(0, { type: 'thinking_delta', thinking: 'm' }),
      delta(0, { type: 'signature_delta', signature: 'c2ln' }),
      stop(0),
      block(1, { type: 'redacted_thinking', data: 'ZGF0YQ==' }),
      stop(1),
      block(2, { type: 'thinking', thinking: 'whole' }),
      stop(2),
      block(3, { type: 'text', text: '', citations: [] }),
      delta(3, { type: 'citations_delta', citation }),
      stop(3),
      { type: 'message_delta', delta: { stop_reason: 'stop_sequence', stop_sequence: 'END' } },
    );
    expect(events.slice(2, -1)).toEqual([
      { type: 'reasoning', text: 'h' },
      { type: 'reasoning', text: 'm' },
      { type: 'reasoning_end', signature: 'c2ln', origin: 'anthropic' },
      { type: 'reasoning_end', redacted: 'ZGF0YQ==', origin: 'anthropic' },
      { type: 'reasoning', text: 'whole' },
      { type: 'reasoning_end', origin: 'anthropic' },
      { type: 'citation', citation },
      { type: 'text_end' },
      { type: 'finish', reason: 'stop', stopSequence: 'END' },
    ]);
  });

  it('passes frames by that it does not know', () => {
    const events = decode(
      { type: 'ping' },
      started,
      { type: 'brand_new_event', anything: [] },
      { type: 'content_block_delta', index: 0, delta: { type: 'brand_new_delta', anything: 1 } },
      {
        type: 'content_block_start',
        index: 0,
        content_block: { type: 'server_tool_use', id: 's', name: 'web_search' },
      },
      { type: 'content_block_stop' },
      { type: 'message_delta' },
    );
    expect(events.map(({ type }) => type)).toEqual(['start', 'usage', 'usage']);
  });

  it('needs no event names, and believes no name but ping', () => {
    const frames = [started, text('a'), { type: 'message_stop' }].map((frame) => ({ data: JSON.stringify(frame) }));
    expect(decodeTexts(frames).map(({ type }) => type)).toEqual(['start', 'usage', 'text', 'end']);
    expect(decodeTexts([{ data: 'not even JSON', event: 'ping' }])).toEqual([]);
  });

  it('says nothing after the end', () => {
    expect(decode(started, { type: 'message_stop' }, text('late'), { type: 'message_stop' }).at(-1)).toEqual({
      type: 'end',
    });
    expect(decode(started, { type: 'message_stop' }, text('late'))).toHaveLength(3);
  });

  it.each([
    ['overloaded_error', 'upstream_unavailable', 502],
    ['rate_limit_error', 'upstream_rate_limited', 429],
    ['invalid_request_error', 'upstream_rejected', 400],
    ['not_found_error', 'upstream_rejected', 404],
    ['request_too_large', 'upstream_rejected', 413],
    ['authentication_error', 'upstream_auth', 502],
    ['permission_error', 'upstream_auth', 502],
    ['timeout_error', 'upstream_timeout', 504],
    ['api_error', 'upstream_failed', 500],
    ['constructor', 'upstream_failed', 500],
  ])('an error event of type %s is %s (%i)', (type, code, status) => {
    for (const before of [[], [started, text('x')]]) {
      const events = decode(...before, { type: 'error', error: { type, message: 'said so' } }, text('late'));
      const last = events.at(-1);
      if (last?.type !== 'error') throw new Error('no error event');
      expect([last.error.code, last.error.status, last.error.upstreamCode]).toEqual([code, status, type]);
      expect(last.error.message === 'said so').toBe(code !== 'upstream_auth');
    }
  });

  it.each(['{"type":', '', '[DONE]'])('passes by a frame that is not JSON: %j', (data) => {
    const events: CanonicalEvent[] = [];
    const decoder = anthropicMessages.createStreamDecoder();
    const frames = [started, data, text('x'), { type: 'message_stop' }];
    for (const frame of frames) {
      decoder.decode(typeof frame === 'string' ? frame : JSON.stringify(frame), undefined, (event) =>
        events.push(event),
      );
    }
    expect(events.map(({ type }) => type)).toEqual(['start', 'usage', 'text', 'end']);
  });

  it('takes an answer that said why it stopped for whole, and no other', () => {
    const close = (...frames: readonly object[]) => {
      const events: CanonicalEvent[] = [];
      const decoder = anthropicMessages.createStreamDecoder();
      for (const frame of frames) decoder.decode(JSON.stringify(frame), undefined, (event) => events.push(event));
      for (let time = 0; time < 2; time++) decoder.close?.((event) => events.push(event));
      return events.filter(({ type }) => type === 'end').length;
    };
    const stopped = { type: 'message_delta', delta: { stop_reason: 'end_turn' } };
    expect(close(started, text('x'), stopped)).toBe(1);
    expect(close(started, text('x'), stopped, { type: 'message_stop' })).toBe(1);
    expect(close(started, text('x'))).toBe(0);
  });

  const unreadable: [string, string][] = [
    ['null', 'null'],
    ['an array', '[]'],
    ['text', '"message_stop"'],
    ['an error event without error', '{"type":"error"}'],
    ['a second start', JSON.stringify(started)],
    ['a delta without delta', '{"type":"content_block_delta","index":0}'],
    ['text that is no text', '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":1}}'],
    ['pieces that are no text', '{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta"}}'],
    ['a block start without block', '{"type":"content_block_start","index":0}'],
    ['a text block without text', '{"type":"content_block_start","index":0,"content_block":{"type":"text"}}'],
    ['a call without name', '{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a"}}'],
    ['a call without id', '{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","name":"f"}}'],
  ];
  const tooDeep = `{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a","name":"f","input":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_001)}}`;
  // Left out where the engine has no such limit.
  if (!writesDeepJson) unreadable.push(['arguments nested too deeply', tooDeep]);

  it.each(unreadable)('ends with upstream_invalid on %s', (_, data) => {
    const events = decodeTexts([{ data: JSON.stringify(started) }, { data }, { data: JSON.stringify(text('late')) }]);
    const last = events.at(-1);
    if (last?.type !== 'error') throw new Error('no error event');
    expect(last.error.code).toBe('upstream_invalid');
    expect(events).toHaveLength(3);
  });

  it.each([
    ['text', text('x')],
    ['an end', { type: 'message_stop' }],
    ['a start without message', { type: 'message_start' }],
    ['a start with a wrong id', { type: 'message_start', message: { id: 4 } }],
  ])('does not begin with %s', (_, frame) => {
    const events = decode(frame, started);
    expect(events.map((event) => event.type === 'error' && event.error.code)).toEqual(['upstream_invalid']);
  });

  it('lets a listener’s own failure through', () => {
    const decoder = anthropicMessages.createStreamDecoder();
    const fail = () => {
      throw new TypeError('of the listener');
    };
    expect(() => decoder.decode(JSON.stringify(started), undefined, fail)).toThrow(TypeError);
  });
});
