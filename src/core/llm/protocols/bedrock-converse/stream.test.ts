import { describe, expect, it } from 'vitest';
import type { CanonicalEvent } from '../../canonical/event.ts';
import { bedrockConverse } from './index.ts';
import { EXCEPTION_EVENT } from './stream.ts';

type Frame = readonly [string, unknown];

function decode(frames: readonly Frame[], upstreamModel = 'anthropic.claude-x'): CanonicalEvent[] {
  const events: CanonicalEvent[] = [];
  const emit = (event: CanonicalEvent) => events.push(event);
  const decoder = bedrockConverse.createStreamDecoder({ newId: () => 'id', upstreamModel });
  for (const [type, payload] of frames) {
    decoder.decode(typeof payload === 'string' ? payload : JSON.stringify(payload), type, emit);
  }
  decoder.close(emit);
  return events;
}

const start: Frame = ['messageStart', { role: 'assistant', p: 'abc' }];
const stop: Frame = ['messageStop', { stopReason: 'end_turn' }];
const delta = (contentBlockIndex: number, is: object): Frame => ['contentBlockDelta', { contentBlockIndex, delta: is }];
const close = (contentBlockIndex: number): Frame => ['contentBlockStop', { contentBlockIndex }];
const failureOf = (events: CanonicalEvent[]) => {
  const last = events.at(-1);
  return last?.type === 'error' ? [last.error.code, last.error.status, last.error.message] : undefined;
};

describe('a stream', () => {
  it('says what its frames say, usage after the stop', () => {
    const usage = { inputTokens: 3, outputTokens: 2, cacheReadInputTokens: 4, cacheReadInputTokenCount: 4 };
    const events = decode([
      start,
      delta(0, { text: '' }),
      close(0),
      delta(1, { text: 'Hel' }),
      delta(1, { text: 'lo' }),
      close(1),
      stop,
      ['metadata', { usage, metrics: {} }],
    ]);
    expect(events.slice(0, 4)).toEqual([
      { type: 'start', id: '', model: 'anthropic.claude-x' },
      { type: 'text', text: 'Hel' },
      { type: 'text', text: 'lo' },
      { type: 'finish', reason: 'stop' },
    ]);
    expect(events[4]).toMatchObject({ type: 'usage', usage: { input: 7, output: 2, cacheRead: 4, cacheWrite: 0 } });
    expect(events.at(-1)).toEqual({ type: 'end' });
  });

  it('closes thoughts with their proof, piece by piece', () => {
    const thought = (is: object) => delta(0, { reasoningContent: is });
    const events = decode([
      start,
      thought({ text: 'Hm' }),
      thought({ signature: 'ab' }),
      thought({ signature: 'cd' }),
      close(0),
    ]);
    expect(events.slice(1)).toEqual([
      { type: 'reasoning', text: 'Hm' },
      { type: 'reasoning_end', signature: 'abcd', origin: 'anthropic' },
    ]);
    const other = decode([start, thought({ text: 'Hm' }), close(0)], 'deepseek.r1');
    expect(other.at(-1)).toEqual({ type: 'reasoning_end' });
  });

  it('numbers calls by appearance and leaves those of the vendor out', () => {
    const call = (index: number, toolUse: object): Frame => [
      'contentBlockStart',
      { contentBlockIndex: index, start: { toolUse } },
    ];
    const events = decode([
      start,
      call(0, { toolUseId: 'v', name: 'nova_code_interpreter', type: 'server_tool_use' }),
      delta(0, { toolUse: { input: '{"x":1}' } }),
      close(0),
      ['contentBlockStart', { contentBlockIndex: 1, start: { toolResult: { toolUseId: 'v', status: 'success' } } }],
      delta(1, { toolResult: [{ json: {} }] }),
      close(1),
      call(3, { toolUseId: 'a', name: 'f', type: 'tool_use' }),
      close(3),
      call(5, { toolUseId: 'b', name: 'g' }),
      delta(5, { toolUse: { input: '{}' } }),
    ]);
    expect(events.slice(1)).toEqual([
      { type: 'tool_call', index: 0, id: 'a', name: 'f' },
      { type: 'tool_call', index: 1, id: 'b', name: 'g' },
      { type: 'tool_arguments', index: 1, json: '{}' },
    ]);
  });

  it('reads citations into the form their readers know', () => {
    const citation = {
      title: 'policy',
      sourceContent: [{ text: '20 days' }],
      location: { documentChar: { documentIndex: 0, start: 0, end: 7 } },
    };
    const web = { title: 'Site', location: { web: { url: 'https://x.example', domain: 'x.example' } } };
    const events = decode([
      start,
      delta(0, { citation }),
      delta(0, { citation: web }),
      delta(0, { citation: { a: 1 } }),
    ]);
    expect(events.slice(1)).toEqual([
      {
        type: 'citation',
        citation: {
          type: 'char_location',
          cited_text: '20 days',
          document_index: 0,
          document_title: 'policy',
          start_char_index: 0,
          end_char_index: 7,
        },
      },
      { type: 'citation', citation: { type: 'url_citation', url: 'https://x.example', title: 'Site' } },
      { type: 'citation', citation: { a: 1 } },
    ]);
  });

  it.each([
    ['guardrail_intervened', 'content_filter'],
    ['content_filtered', 'content_filter'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['tool_use', 'tool_calls'],
    ['stop_sequence', 'stop'],
    ['brand_new', 'stop'],
  ])('ends with %s as %s', (stopReason, reason) => {
    const events = decode([start, delta(0, { text: 'a' }), ['messageStop', { stopReason }]]);
    expect(events).toContainEqual({ type: 'finish', reason });
  });

  it('tells which sequence stopped it', () => {
    const payload = { stopReason: 'stop_sequence', additionalModelResponseFields: { stop_sequence: 'END' } };
    expect(decode([start, ['messageStop', payload]])).toContainEqual({
      type: 'finish',
      reason: 'stop',
      stopSequence: 'END',
    });
  });
});

describe('a stream that fails', () => {
  it.each([
    ['throttlingException', 'upstream_rate_limited', 429],
    ['com.amazon.coral.service#ThrottlingException:http://x', 'upstream_rate_limited', 429],
    ['validationException', 'upstream_rejected', 400],
    ['resourceNotFoundException', 'upstream_rejected', 404],
    ['modelTimeoutException', 'upstream_timeout', 504],
    ['serviceUnavailableException', 'upstream_unavailable', 502],
    ['modelStreamErrorException', 'upstream_unavailable', 502],
    ['internalServerException', 'upstream_failed', 500],
    ['somethingNewException', 'upstream_failed', 500],
  ])('with %s is %s', (type, code, status) => {
    const failure = failureOf(
      decode([start, [EXCEPTION_EVENT, { __type: type, message: 'why' }], delta(0, { text: 'x' })]),
    );
    expect(failure).toEqual([code, status, 'why']);
  });

  it('keeps what concerns our credentials to itself', () => {
    const [code, , message] = failureOf(
      decode([start, [EXCEPTION_EVENT, { __type: 'accessDeniedException', message: 'arn:aws:iam::1:user/me' }]]),
    ) ?? [''];
    expect(code).toBe('upstream_auth');
    expect(message).not.toContain('arn');
  });

  it('without a word says at least that it broke off', () => {
    expect(failureOf(decode([start, [EXCEPTION_EVENT, {}]]))?.[2]).toContain('broke off');
  });

  it.each([
    ['no JSON', [start, ['contentBlockDelta', '{"a":']]],
    ['no object', [start, ['contentBlockDelta', '[]']]],
    ['no delta', [start, ['contentBlockDelta', {}]]],
    ['text that is a number', [start, delta(0, { text: 1 })]],
    ['input that is an object', [start, delta(0, { toolUse: { input: {} } })]],
    ['a call without a name', [start, ['contentBlockStart', { start: { toolUse: { toolUseId: 'x' } } }]]],
    ['two beginnings', [start, start]],
    ['nothing but a failed call', [start, ['messageStop', { stopReason: 'malformed_tool_use' }]]],
  ] as [string, Frame[]][])('as it is: %s', (_, frames) => {
    expect(failureOf(decode(frames))?.slice(0, 2)).toEqual(['upstream_invalid', 502]);
  });

  it('because it was cut has no end', () => {
    expect(decode([start, delta(0, { text: 'a' }), close(0)]).at(-1)?.type).toBe('text');
    expect(decode([])).toEqual([]);
  });

  it('does not mind frames it does not know, nor a missing beginning', () => {
    const frames: Frame[] = [['news', { a: 1 }], delta(0, { text: 'a' }), ['news', {}], stop];
    expect(decode(frames).map(({ type }) => type)).toEqual(['start', 'text', 'finish', 'end']);
  });
});
