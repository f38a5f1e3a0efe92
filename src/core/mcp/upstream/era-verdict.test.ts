import { expect, it } from 'vitest';
import { EraVerdict } from './era-verdict.ts';

it('remembers for a day, counted from when it was found out', () => {
  let now = 0;
  const verdict = new EraVerdict('auto', () => now);
  expect(verdict.current).toBeUndefined();
  verdict.record({ era: 'legacy', sse: false });
  now = 23 * 3_600_000;
  verdict.record({ era: 'legacy', sse: false });
  expect(verdict.current).toEqual({ era: 'legacy', sse: false });
  now = 24 * 3_600_000;
  expect(verdict.current).toBeUndefined();
});

it('forgets when told to, and takes what is found next', () => {
  const verdict = new EraVerdict('auto', () => 0);
  verdict.record({ era: 'legacy', sse: true });
  verdict.record({ era: 'modern', sse: false });
  expect(verdict.current?.era).toBe('modern');
  verdict.forget();
  expect(verdict.current).toBeUndefined();
});

it.each([
  ['auto', undefined],
  ['legacy', 'legacy'],
  ['modern', 'modern'],
] as const)('is pinned by era = %s to %s', (era, pinned) => {
  expect(new EraVerdict(era, () => 0).pinned).toBe(pinned);
});
