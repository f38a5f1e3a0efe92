import { describe, expect, it } from 'vitest';
import { readLogprobs, writeLogprobs } from './logprobs.ts';

const entry = { token: 'a', logprob: -1, bytes: [97], top_logprobs: [{ token: 'b', logprob: -2, bytes: null }] };

describe('readLogprobs', () => {
  it('reads the text first, then the refusal', () => {
    const refusal = [{ token: 'no', logprob: 0, bytes: null, top_logprobs: [] }];
    expect(readLogprobs({ content: [entry], refusal })).toEqual([
      { token: 'a', logprob: -1, bytes: [97], top: [{ token: 'b', logprob: -2 }] },
      { token: 'no', logprob: 0 },
    ]);
    expect(readLogprobs({ content: null, refusal })).toEqual([{ token: 'no', logprob: 0 }]);
  });

  it.each([
    [undefined],
    [null],
    ['x'],
    [{ content: null, refusal: null }],
    [{ content: 'x' }],
    // The form of the older completions.
    [{ tokens: ['a'], token_logprobs: [-1] }],
    [{ content: [null, 1, { token: 'a' }, { logprob: -1 }, { token: 'a', logprob: Number.NaN }] }],
  ])('finds nothing in %j', (logprobs) => {
    expect(readLogprobs(logprobs)).toEqual([]);
  });

  it('leaves out bytes that are none', () => {
    expect(readLogprobs({ content: [{ token: 'a', logprob: -1, bytes: ['x'] }] })).toEqual([
      { token: 'a', logprob: -1 },
    ]);
  });
});

describe('writeLogprobs', () => {
  it('writes what it reads', () => {
    expect(JSON.parse(writeLogprobs(readLogprobs({ content: [entry] })))).toEqual({ content: [entry], refusal: null });
  });

  it('is null where there are none', () => {
    expect(writeLogprobs(undefined)).toBe('null');
    expect(writeLogprobs([])).toBe('null');
  });
});
