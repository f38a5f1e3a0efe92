import { describe, expect, it } from 'vitest';
import type { CanonicalEvent } from '../../canonical/event.ts';
import { openaiChat } from './index.ts';

const counted = { input: 3, output: 2, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
const usage = { prompt_tokens: 3, completion_tokens: 2 };
const start = { type: 'start', id: 'c-1', model: 'dated' };
const end = { type: 'end' };
const stop = { type: 'finish', reason: 'stop' };

/** Frames may be chunks or raw data. */
function decode(frames: readonly unknown[], closes = false): CanonicalEvent[] {
  const events: CanonicalEvent[] = [];
  const emit = (event: CanonicalEvent) => events.push(event);
  let next = 0;
  const decoder = openaiChat.createStreamDecoder({ newId: () => `${next++}` });
  for (const frame of frames)
    decoder.decode(typeof frame === 'string' ? frame : JSON.stringify(frame), undefined, emit);
  if (closes) decoder.close?.(emit);
  return events;
}

const chunk = (delta: unknown, finish_reason: string | null = null, rest: object = {}) => ({
  id: 'c-1',
  model: 'dated',
  choices: [{ index: 0, delta, finish_reason }],
  ...rest,
});
const call = (index: number | undefined, fields: object) => chunk({ tool_calls: [{ index, ...fields }] });
const deltas = (...parts: unknown[]) => decode([...parts, chunk({}, 'stop'), '[DONE]']).slice(1, -2);

describe('stream decoder', () => {
  it('reads a plain stream', () => {
    const frames = [
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: 'a' }, null, { usage: null }),
      chunk({ content: 'b' }),
      chunk({}, 'stop'),
      { id: 'c-1', model: 'dated', choices: [], usage },
      '[DONE]',
      chunk({ content: 'late' }),
    ];
    expect(decode(frames)).toEqual([
      start,
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
      stop,
      { type: 'usage', usage: counted },
      end,
    ]);
  });

  it('starts with the first chunk that says whose answer it is', () => {
    const opening = { id: '', model: '', choices: [], prompt_filter_results: [] };
    expect(decode([opening, opening, chunk({ content: 'a' })])).toEqual([start, { type: 'text', text: 'a' }]);
    expect(decode([{ choices: [{ delta: { content: 'a' } }] }])[0]).toEqual({ type: 'start', id: '', model: '' });
  });

  it.each([
    ['in the finish chunk', [chunk({}, 'stop', { usage })]],
    ['under x_groq', [chunk({}, 'stop', { x_groq: { usage } })]],
    ['in the choice', [{ choices: [{ delta: {}, finish_reason: 'stop', usage }], id: 'c-1', model: 'dated' }]],
    ['with an empty choice after the finish', [chunk({}, 'stop'), chunk({ content: '' }, 'stop', { usage })]],
    ['twice', [chunk({}, null, { usage: { prompt_tokens: 9 } }), chunk({}, 'stop', { usage })]],
  ])('finds usage %s', (_, frames) => {
    const events = decode([...frames, '[DONE]']);
    expect(events.findLast(({ type }) => type === 'usage')).toEqual({ type: 'usage', usage: counted });
    expect(events.filter(({ type }) => type === 'finish')).toEqual([stop]);
    expect(events.at(-1)).toEqual(end);
  });

  it('takes an answer for whole that has said why it stopped, and no other', () => {
    expect(decode([chunk({ content: 'a' }), chunk({}, 'length')], true).slice(-2)).toEqual([
      { type: 'finish', reason: 'length' },
      end,
    ]);
    expect(decode([chunk({ content: 'a' })], true).at(-1)).toEqual({ type: 'text', text: 'a' });
    expect(decode([], true)).toEqual([]);
    expect(decode([chunk({}, 'stop'), '[DONE]'], true).filter(({ type }) => type === 'end')).toHaveLength(1);
    expect(decode([chunk({ content: 'a' }), '[DONE]']).slice(-2)).toEqual([stop, end]);
  });

  it('tells calls apart by index and numbers them by appearance', () => {
    expect(
      deltas(
        call(3, { id: 'a', type: 'function', function: { name: 'f', arguments: '' } }),
        call(7, { id: 'b', function: { name: 'g', arguments: '{"y"' } }),
        call(3, { function: { arguments: '{}' } }),
        call(7, { function: { name: 'g', arguments: ':1}' } }),
      ),
    ).toEqual([
      { type: 'tool_call', index: 0, id: 'a', name: 'f' },
      { type: 'tool_call', index: 1, id: 'b', name: 'g' },
      { type: 'tool_arguments', index: 1, json: '{"y"' },
      { type: 'tool_arguments', index: 0, json: '{}' },
      { type: 'tool_arguments', index: 1, json: ':1}' },
    ]);
  });

  it('copes without index or id, and with one index for all', () => {
    const opened = [
      { type: 'tool_call', index: 0, id: 'call_0', name: 'f' },
      { type: 'tool_arguments', index: 0, json: '{}' },
      { type: 'tool_arguments', index: 0, json: ' ' },
      { type: 'tool_call', index: 1, id: 'call_1', name: 'g' },
    ];
    expect(
      deltas(
        call(undefined, { function: { name: 'f', arguments: '{}' } }),
        call(undefined, { function: { arguments: ' ' } }),
        call(undefined, { id: '', function: { name: 'g' } }),
      ),
    ).toEqual(opened);
    const whole = (id: string, name: string) => call(0, { id, function: { name, arguments: '{}' } });
    expect(deltas(whole('a', 'f'), whole('b', 'f')).filter(({ type }) => type === 'tool_call')).toEqual([
      { type: 'tool_call', index: 0, id: 'a', name: 'f' },
      { type: 'tool_call', index: 1, id: 'b', name: 'f' },
    ]);
  });

  it('reads the older form of a call, leaves other tools out, and ends such answers with tool_calls', () => {
    const events = decode([
      chunk({ function_call: { name: '', arguments: '' } }),
      call(0, { id: 'x', type: 'custom', custom: { name: 'h', input: '' } }),
      chunk({ function_call: { name: 'f', arguments: '' } }),
      chunk({ function_call: { arguments: '{}' } }),
      chunk({}, 'stop'),
      '[DONE]',
    ]);
    expect(events).toEqual([
      start,
      { type: 'tool_call', index: 0, id: 'call_0', name: 'f' },
      { type: 'tool_arguments', index: 0, json: '{}' },
      { type: 'finish', reason: 'tool_calls' },
      end,
    ]);
  });

  it("carries Google's proof with the call", () => {
    const extra_content = { google: { thought_signature: 'G' } };
    expect(deltas(call(0, { id: 'a', function: { name: 'f' }, extra_content }))).toEqual([
      { type: 'tool_call', index: 0, id: 'a', name: 'f', signature: 'G' },
    ]);
  });

  it('reads thoughts under every name, and their proof once', () => {
    const text = (signature?: string) => ({ type: 'reasoning.text', text: 'a', signature, format: 'anthropic' });
    expect(deltas(chunk({ reasoning_content: 'a' }), chunk({ reasoning: 'b' }))).toEqual([
      { type: 'reasoning', text: 'a' },
      { type: 'reasoning', text: 'b' },
    ]);
    expect(
      deltas(
        chunk({
          content: [
            { type: 'thinking', thinking: [{ text: 'a' }] },
            { type: 'text', text: 'b' },
          ],
        }),
      ),
    ).toEqual([
      { type: 'reasoning', text: 'a' },
      { type: 'text', text: 'b' },
    ]);
    const proven = [
      { type: 'reasoning', text: 'a' },
      { type: 'reasoning_end', signature: 'S', origin: 'anthropic' },
    ];
    expect(deltas(chunk({ reasoning_details: [text('S')] }))).toEqual(proven);
    expect(deltas(chunk({ reasoning_content: 'a' }), chunk({ reasoning_details: [text('S')] }))).toEqual(proven);
    const sealed = { type: 'reasoning.encrypted', data: 'D', format: 'openai-responses-v1', id: 'rs' };
    expect(deltas(chunk({ reasoning: 'a', reasoning_details: [text(), sealed] }))).toEqual([
      { type: 'reasoning', text: 'a' },
      { type: 'reasoning_end' },
      { type: 'reasoning_end', redacted: 'D', origin: 'openai', id: 'rs' },
    ]);
  });

  it('reads refusals and sources', () => {
    const annotations = [{ type: 'url_citation', url_citation: { url: 'https://a' } }];
    expect(deltas(chunk({ content: null, refusal: 'No' }), chunk({ annotations }))).toEqual([
      { type: 'refusal', text: 'No' },
      { type: 'citation', citation: { type: 'url_citation', url: 'https://a' } },
    ]);
  });

  it('passes by an event that is not JSON', () => {
    expect(decode([chunk({ content: 'a' }), '{"id', chunk({ content: 'b' }, 'stop'), '[DONE]'], true)).toEqual([
      start,
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
      { type: 'finish', reason: 'stop' },
      { type: 'end' },
    ]);
  });

  it('reads the first answer only', () => {
    expect(deltas({ ...chunk({}), choices: [{ index: 1, delta: { content: 'x' }, finish_reason: 'stop' }] })).toEqual(
      [],
    );
  });

  it.each([
    ['[]', 'upstream_invalid'],
    [{ choices: ['x'] }, 'upstream_invalid'],
    [call(0, { function: { arguments: '{' } }), 'upstream_invalid'],
    [{ error: { message: 'm', code: 429 } }, 'upstream_rate_limited'],
    [
      { error: { message: 'm', code: 502 }, choices: [{ delta: { content: '' }, finish_reason: 'error' }] },
      'upstream_unavailable',
    ],
    [{ error: 'm' }, 'upstream_unavailable'],
    [chunk({}, 'error'), 'upstream_failed'],
  ])('ends with an error at %j', (frame, code) => {
    const events = decode([chunk({ content: 'a' }), frame, chunk({ content: 'b' }), '[DONE]'], true);
    expect(events.slice(0, 2)).toEqual([start, { type: 'text', text: 'a' }]);
    const [last, ...others] = events.filter(({ type }) => type === 'error' || type === 'end');
    expect(last).toMatchObject({ type: 'error', error: { code } });
    expect(others).toEqual([]);
    expect(events.at(-1)).toBe(last);
  });

  it('takes the name of a frame for what it is, and an empty stream for no answer', () => {
    const events: CanonicalEvent[] = [];
    const decoder = openaiChat.createStreamDecoder({ newId: () => '' });
    decoder.decode('{"message":"m","code":"x"}', 'error', (event) => events.push(event));
    expect(events).toMatchObject([{ type: 'error', error: { message: 'Provider API error: m', upstreamCode: 'x' } }]);
    expect(decode(['[DONE]'])).toMatchObject([{ type: 'error', error: { code: 'upstream_invalid' } }]);
  });

  it('passes proofs through our own encoder and back unchanged', () => {
    const told: CanonicalEvent[] = [
      { type: 'start', id: 'c', model: 'm' },
      { type: 'reasoning', text: 'a' },
      { type: 'reasoning', text: 'b' },
      { type: 'reasoning_end', signature: 'S+/=', origin: 'anthropic' },
      { type: 'reasoning_end', redacted: 'R', origin: 'anthropic' },
      { type: 'reasoning', text: 'sum' },
      { type: 'reasoning_end', redacted: 'R2', origin: 'openai', id: 'rs_1' },
      { type: 'text', text: 'x' },
      { type: 'tool_call', index: 0, id: 'i', name: 'f', signature: 'G' },
      { type: 'tool_arguments', index: 0, json: '{}' },
      { type: 'finish', reason: 'tool_calls' },
      { type: 'usage', usage: counted },
      { type: 'end' },
    ];
    const encoder = openaiChat.createStreamEncoder({ model: 'm', created: 1, streamUsage: true, newId: () => '' });
    const frames = told.flatMap((event) => encoder.encode(event).split('\n\n').filter(Boolean));
    expect(decode(frames.map((frame) => frame.slice('data: '.length)))).toEqual(told);
  });
});
