import { describe, expect, it } from 'vitest';
import { NexusError } from '../../../errors/nexus-error.ts';
import type { CanonicalEvent } from '../../canonical/event.ts';
import { googleGenerate } from './index.ts';

const usage = { input: 7, output: 5, cacheRead: 2, cacheWrite: 0, reasoning: 1 };
const start: CanonicalEvent = { type: 'start', id: 'r', model: 'dated' };

function decode(frames: readonly unknown[], close = true): CanonicalEvent[] {
  const events: CanonicalEvent[] = [];
  const decoder = googleGenerate.createStreamDecoder({ newId: () => 'id' });
  const emit = (event: CanonicalEvent) => events.push(event);
  for (const frame of frames) {
    decoder.decode(typeof frame === 'string' ? frame : JSON.stringify(frame), undefined, emit);
  }
  if (close) decoder.close?.(emit);
  return events;
}

const frame = (parts: unknown[] | undefined, finishReason?: unknown, rest: object = {}) => ({
  candidates: [{ content: { role: 'model', ...(parts && { parts }) }, finishReason, index: 0 }],
  responseId: 'r',
  modelVersion: 'dated',
  ...rest,
});

function failure(frames: readonly unknown[]): NexusError {
  const last = decode(frames).at(-1);
  if (last?.type !== 'error') throw new Error('the stream was accepted');
  return last.error;
}

describe('stream decoder', () => {
  it('reports thoughts, words and calls, each proof where it belongs', () => {
    expect(
      decode([
        frame([{ text: 'hm', thought: true }]),
        frame([
          { text: 'A', thoughtSignature: 's1' },
          { functionCall: { name: 'f' }, thoughtSignature: 's2' },
        ]),
        frame([
          { functionCall: { id: 'given', name: 'g', args: { x: 1 } } },
          { executableCode: {} },
          { inlineData: {} },
        ]),
        frame([{ text: '', thoughtSignature: 's3' }], 'STOP', { usageMetadata: { promptTokenCount: 3 } }),
        { usageMetadata: { promptTokenCount: 2, thoughtsTokenCount: 1 } },
      ]),
    ).toEqual([
      start,
      { type: 'reasoning', text: 'hm' },
      { type: 'reasoning_end', origin: 'google' },
      { type: 'reasoning_end', origin: 'google', signature: 's1' },
      { type: 'text', text: 'A' },
      { type: 'tool_call', index: 0, id: 'call_nexus_id', name: 'f', signature: 's2' },
      { type: 'tool_arguments', index: 0, json: '{}' },
      { type: 'tool_call', index: 1, id: 'given', name: 'g' },
      { type: 'tool_arguments', index: 1, json: '{"x":1}' },
      { type: 'reasoning_end', origin: 'google', signature: 's3' },
      { type: 'finish', reason: 'tool_calls' },
      { type: 'usage', usage: { input: 3, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 } },
      { type: 'usage', usage: { input: 2, output: 1, cacheRead: 0, cacheWrite: 0, reasoning: 1 } },
      { type: 'end' },
    ]);
  });

  it.each([
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content_filter'],
    ['RECITATION', 'content_filter'],
    ['MODEL_ARMOR', 'content_filter'],
    ['NEWEST', 'stop'],
    [1, 'stop'],
    [2, 'length'],
    [3, 'content_filter'],
  ])('takes %s for %s', (reason, finish) => {
    const events = decode([frame(undefined, reason)]);
    expect(events.slice(1)).toEqual([{ type: 'finish', reason: finish }, { type: 'end' }]);
  });

  const piece = (functionCall: object, finishReason?: string) => frame([{ functionCall }], finishReason);
  const opened = { ...piece({ name: 'f', willContinue: true }) };
  const words = (stringValue: string, more: object = {}) => [{ jsonPath: '$.a', stringValue, ...more }];

  it('reports arguments as they come in pieces, and where one call ends', () => {
    const events = decode([
      opened,
      piece({ partialArgs: words('x', { willContinue: true }), willContinue: true }),
      piece({ partialArgs: words(''), willContinue: true }),
      piece({}),
      opened,
      piece({ partialArgs: words('y') }),
      piece({ name: 'g' }),
      frame([{ text: '' }], 'STOP'),
    ]);
    const json = ['', '', ''];
    for (const event of events) if (event.type === 'tool_arguments') json[event.index] += event.json;
    expect(json).toEqual(['{"a":"x"}', '{"a":"y"}', '{}']);
    expect(events.filter(({ type }) => type === 'tool_call')).toHaveLength(3);
    expect(events.at(-2)).toEqual({ type: 'finish', reason: 'tool_calls' });
  });

  it.each([
    ['text', frame([{ text: 'then' }])],
    ['another call', piece({ name: 'g', args: {} })],
    ['a picture', frame([{ inlineData: { mimeType: 'image/png', data: 'QQ==' } }])],
    ['the end', frame(undefined, 'STOP')],
  ])('closes a call that nobody closed before %s', (_, next) => {
    const going = piece({ partialArgs: words('x', { willContinue: true }), willContinue: true });
    const events = decode([opened, going, next, frame(undefined, 'STOP')]);
    const first = events.filter((event) => event.type === 'tool_arguments' && event.index === 0);
    expect(first.map((event) => (event.type === 'tool_arguments' ? event.json : '')).join('')).toBe('{"a":"x"}');
    const closing = first.at(-1);
    expect(closing && events.indexOf(closing)).toBe(3);
  });

  it.each([
    ['a piece of no call', [piece({ partialArgs: words('x') })]],
    ['a piece that is none', [opened, piece({ partialArgs: [1] })]],
    ['a piece without a place', [opened, piece({ partialArgs: [{ stringValue: 'x' }] })]],
    ['pieces out of order', [opened, piece({ partialArgs: [...words('x'), ...words('y')], willContinue: true })]],
  ])('refuses %s', (_, frames) => {
    expect(failure(frames).code).toBe('upstream_invalid');
  });

  it('ends a blocked prompt by the filter', () => {
    const events = decode([{ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, responseId: 'r' }]);
    expect(events.slice(1)).toEqual([
      { type: 'safety', report: { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } } },
      { type: 'finish', reason: 'content_filter' },
      { type: 'end' },
    ]);
  });

  it('does not end without a finish reason, nor twice', () => {
    expect(decode([frame([{ text: 'A' }])]).map(({ type }) => type)).toEqual(['start', 'text']);
    expect(decode([frame([{ text: 'A' }], 0)]).map(({ type }) => type)).toEqual(['start', 'text']);
    const events: CanonicalEvent[] = [];
    const decoder = googleGenerate.createStreamDecoder({ newId: () => 'id' });
    decoder.decode(JSON.stringify(frame([], 'STOP')), undefined, (event) => events.push(event));
    for (let time = 0; time < 2; time++) decoder.close?.((event) => events.push(event));
    expect(events.filter(({ type }) => type === 'end')).toHaveLength(1);
  });

  it.each([
    ['no object', ['[]'], 'upstream_invalid'],
    ['a nameless call', [frame([{ functionCall: {} }])], 'upstream_invalid'],
    ['arguments that are no object', [frame([{ functionCall: { name: 'f', args: 'x' } }])], 'upstream_invalid'],
    ['a part that is no object', [frame([null])], 'upstream_invalid'],
    ['candidates that are no list', [{ candidates: {} }], 'upstream_invalid'],
    ['a failed call', [frame(undefined, 'MALFORMED_FUNCTION_CALL')], 'upstream_invalid'],
    [
      'thoughts and a failed call',
      [frame([{ text: 'hm', thought: true }], 'UNEXPECTED_TOOL_CALL')],
      'upstream_invalid',
    ],
    ['an overload', [{ error: { code: 503, message: 'm', status: 'UNAVAILABLE' } }], 'upstream_unavailable'],
    ['a limit', [{ error: { code: 429, message: 'm', status: 'RESOURCE_EXHAUSTED' } }], 'upstream_rate_limited'],
  ])('ends with an error after %s, and says nothing more', (_, frames, code) => {
    expect(failure([...frames, frame([{ text: 'late' }], 'STOP')]).code).toBe(code);
  });

  it('hands on words that came before a failed call', () => {
    const events = decode([frame([{ text: 'A' }]), frame(undefined, 'MALFORMED_FUNCTION_CALL')]);
    expect(events.slice(1).map(({ type }) => type)).toEqual(['text', 'finish', 'end']);
  });

  it('keeps to itself what the vendor says about our key', () => {
    const details = [{ reason: 'API_KEY_INVALID' }];
    const error = failure([{ error: { code: 400, message: 'key AIza', status: 'INVALID_ARGUMENT', details } }]);
    expect(error).toMatchObject({ code: 'upstream_auth', upstreamCode: 'API_KEY_INVALID' });
    expect(error.message).not.toContain('AIza');
  });
});

function encode(events: readonly CanonicalEvent[]): string[] {
  let ids = 0;
  const newId = () => `new${++ids}`;
  const encoder = googleGenerate.createStreamEncoder({ model: 'fast', created: 5, streamUsage: true, newId });
  return events.map((event) => encoder.encode(event)).filter((text) => text !== '');
}

function parse(text: string | undefined) {
  const [, json = ''] = /^data: ([^\r\n]*)\r\n\r\n$/.exec(text ?? '') ?? [];
  return JSON.parse(json);
}

const shown = (parts: unknown[], rest: object = {}, closing: object = {}) => ({
  candidates: [{ content: { parts, role: 'model' }, index: 0, ...rest }],
  ...closing,
  modelVersion: 'fast',
  responseId: 'r',
});

describe('stream encoder', () => {
  it('writes words as they come, and finish and usage in the last frame', () => {
    const text = 'line\r\n\r\ndata: "\u2028 \ud83d\ude00';
    const frames = encode([
      start,
      { type: 'reasoning', text: 'hm' },
      { type: 'reasoning_end', signature: 's', origin: 'google' },
      { type: 'reasoning_end', signature: 'foreign', origin: 'anthropic' },
      { type: 'usage', usage: { ...usage, input: 1 } },
      { type: 'text', text },
      { type: 'finish', reason: 'length' },
      { type: 'usage', usage },
      { type: 'end' },
      { type: 'end' },
      { type: 'text', text: 'late' },
    ]);
    const usageMetadata = {
      promptTokenCount: 7,
      candidatesTokenCount: 4,
      thoughtsTokenCount: 1,
      cachedContentTokenCount: 2,
      totalTokenCount: 12,
    };
    expect(frames.map(parse)).toEqual([
      shown([{ text: 'hm', thought: true }]),
      shown([{ text: '', thought: true, thoughtSignature: 's' }]),
      shown([{ text }]),
      shown([{ text: '' }], { finishReason: 'MAX_TOKENS' }, { usageMetadata }),
    ]);
  });

  it('writes calls whole, though their arguments come in turns', () => {
    const frames = encode([
      start,
      { type: 'tool_call', index: 0, id: 'a', name: 'f', signature: 's' },
      { type: 'tool_arguments', index: 0, json: '{"x":' },
      { type: 'tool_call', index: 1, id: '', name: 'g' },
      { type: 'tool_arguments', index: 0, json: '\n12}' },
      { type: 'text', text: 'then' },
      { type: 'tool_call', index: 2, id: 'c', name: 'h' },
      { type: 'tool_arguments', index: 2, json: '{"n":12345678901234567890}' },
      { type: 'finish', reason: 'tool_calls' },
      { type: 'end' },
    ]);
    expect(frames).toHaveLength(2);
    expect(parse(frames[0]).candidates[0].content.parts).toEqual([
      { functionCall: { id: 'a', name: 'f', args: { x: 12 } }, thoughtSignature: 's' },
      { functionCall: { name: 'g', args: {} } },
      { text: 'then' },
    ]);
    expect(frames[1]).toContain('"args":{"n":12345678901234567890}');
    expect(parse(frames[1]).candidates[0].finishReason).toBe('STOP');
  });

  it.each([
    ['tool_calls', 'MALFORMED_FUNCTION_CALL'],
    ['length', 'MAX_TOKENS'],
  ] as const)('leaves out a call that cannot be read: %s', (reason, finishReason) => {
    const frames = encode([
      start,
      { type: 'tool_call', index: 0, id: 'a', name: 'f' },
      { type: 'tool_arguments', index: 0, json: '{"x":' },
      { type: 'finish', reason },
      { type: 'end' },
    ]);
    expect(frames.map(parse)).toEqual([shown([{ text: '' }], { finishReason })]);
  });

  it('makes one id where the upstream gives none, and is whole even if it said nothing', () => {
    const ids = encode([{ ...start, id: '' }, { type: 'text', text: 'A' }, { type: 'end' }]).map(
      (text) => parse(text).responseId,
    );
    expect(ids).toEqual(['new1', 'new1']);
    expect(parse(encode([{ type: 'end' }])[0]).candidates[0].finishReason).toBe('STOP');
  });

  it('ends with the error and nothing after it', () => {
    const error = new NexusError('upstream_timeout', 'late');
    const frames = encode([start, { type: 'error', error }, { type: 'text', text: 'later' }, { type: 'end' }]);
    expect(frames.map(parse)).toEqual([{ error: { code: 504, message: 'late', status: 'DEADLINE_EXCEEDED' } }]);
  });
});
