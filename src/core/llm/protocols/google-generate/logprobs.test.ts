import { describe, expect, it } from 'vitest';
import { readLogprobs, writeLogprobs } from './logprobs.ts';

describe('readLogprobs', () => {
  it('reads tokens and, where there are some, the likeliest in their place', () => {
    const chosen = [{ token: 'Hel', logProbability: -0.5, tokenId: 7 }, { token: 'lo' }];
    expect(readLogprobs({ chosenCandidates: chosen })).toEqual([
      { token: 'Hel', logprob: -0.5 },
      { token: 'lo', logprob: 0 },
    ]);
    const topCandidates = [{ candidates: [chosen[0], { token: 'Hi', logProbability: -2 }] }, {}];
    expect(readLogprobs({ chosenCandidates: chosen, topCandidates })).toEqual([
      {
        token: 'Hel',
        logprob: -0.5,
        top: [
          { token: 'Hel', logprob: -0.5 },
          { token: 'Hi', logprob: -2 },
        ],
      },
      { token: 'lo', logprob: 0, top: [] },
    ]);
  });

  it.each([
    [undefined],
    [null],
    ['x'],
    [{}],
    [{ chosenCandidates: {} }],
    [{ chosenCandidates: [null, 1, { logProbability: -1 }, { token: 1 }, { token: 'a', logProbability: '0' }] }],
    [{ chosenCandidates: [{ token: 'a', logProbability: Number.POSITIVE_INFINITY }] }],
  ])('finds nothing in %j', (result) => {
    expect(readLogprobs(result)).toEqual([]);
  });

  it('survives lists of the likeliest that are none', () => {
    const chosenCandidates = [{ token: 'a', logProbability: -1 }];
    expect(readLogprobs({ chosenCandidates, topCandidates: 'x' })).toEqual([{ token: 'a', logprob: -1 }]);
    expect(readLogprobs({ chosenCandidates, topCandidates: [{ candidates: 'x' }] })).toEqual([
      { token: 'a', logprob: -1, top: [] },
    ]);
  });
});

describe('writeLogprobs', () => {
  const written = (tokens: Parameters<typeof writeLogprobs>[0]) => JSON.parse(`{"":0${writeLogprobs(tokens)}}`);

  it('writes what it reads', () => {
    const result = {
      chosenCandidates: [
        { token: '"', logProbability: -0.25 },
        { token: '\u{1F600}', logProbability: 0 },
      ],
      topCandidates: [{ candidates: [{ token: '"', logProbability: -0.25 }] }, { candidates: [] }],
    };
    expect(written(readLogprobs(result)).logprobsResult).toEqual(result);
  });

  it('leaves out what nobody asked for', () => {
    expect(writeLogprobs(undefined)).toBe('');
    expect(writeLogprobs([])).toBe('');
    expect(written([{ token: 'a', logprob: -1, bytes: [97] }]).logprobsResult).toEqual({
      chosenCandidates: [{ token: 'a', logProbability: -1 }],
    });
  });
});
