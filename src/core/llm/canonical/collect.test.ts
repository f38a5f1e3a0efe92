import { describe, expect, it } from 'vitest';
import { AnswerCollector } from './collect.ts';
import type { CanonicalEvent } from './event.ts';
import type { CanonicalResponse } from './response.ts';
import { unfold } from './unfold.ts';

function collect(events: readonly CanonicalEvent[]): CanonicalResponse | undefined {
  const collector = new AnswerCollector();
  for (const event of events) collector.take(event);
  return collector.answer();
}

const start: CanonicalEvent = { type: 'start', id: 'i', model: 'm' };
const end: CanonicalEvent = { type: 'end' };

describe('AnswerCollector', () => {
  it('gives back what was unfolded', () => {
    const answer: CanonicalResponse = {
      id: 'i',
      model: 'm',
      parts: [
        { type: 'reasoning', text: 'hm', signature: 's', origin: 'google' },
        { type: 'text', text: 'a', citations: [{ url: 'u' }] },
        { type: 'text', text: 'b' },
        { type: 'tool_call', id: 'c', name: 'f', arguments: '{}' },
      ],
      finish: 'tool_calls',
      logprobs: [{ token: 'a', logprob: -1 }],
      safety: { ratings: [{ category: 'x' }] },
      usage: undefined,
    };
    expect(collect(unfold(answer))).toEqual(answer);
  });

  it('keeps the last word of filters, member by member, and every token', () => {
    const answer = collect([
      start,
      { type: 'safety', report: { promptFeedback: { a: 1 }, ratings: [{ b: 1 }] } },
      { type: 'logprobs', tokens: [{ token: 'a', logprob: -1 }] },
      { type: 'safety', report: { ratings: [{ b: 2 }] } },
      { type: 'logprobs', tokens: [{ token: 'b', logprob: -2 }] },
      end,
    ]);
    expect(answer?.safety).toEqual({ promptFeedback: { a: 1 }, ratings: [{ b: 2 }] });
    expect(answer?.logprobs?.map(({ token }) => token)).toEqual(['a', 'b']);
  });

  it('lets the end of a text leave an open thought alone', () => {
    const answer = collect([
      start,
      { type: 'text', text: 'a' },
      { type: 'reasoning', text: 'x' },
      { type: 'text_end' },
      { type: 'reasoning', text: 'y' },
      end,
    ]);
    expect(answer?.parts).toEqual([
      { type: 'text', text: 'a' },
      { type: 'reasoning', text: 'xy' },
    ]);
  });

  it('has no answer before the end', () => {
    expect(collect([start, { type: 'text', text: 'a' }])).toBeUndefined();
  });
});
