import { describe, expect, it } from 'vitest';
import type { Demand, TakeMode } from './counter-store.ts';
import { MemoryCounters } from './memory-counters.ts';

const SECOND = 1000;

function createCounters(most?: number) {
  const clock = { now: 0 };
  const counters = new MemoryCounters({ now: () => clock.now, most });
  const take = (limit: number, interval: number, amount = 1, key = 'k') =>
    counters.take([{ key, limit, interval, amount }], 'each');
  return { clock, counters, take };
}

const at = (key: string, limit: number, amount = 1): Demand => ({ key, limit, interval: 10 * SECOND, amount });

/** `[seconds, admitted?]` of each call in turn. */
type Step = readonly [number, boolean];

describe('one counter', () => {
  it.each<[string, number, number, readonly Step[]]>([
    [
      '2 in 10 s',
      2,
      10,
      [
        [0, true],
        [0, true],
        [0, false],
      ],
    ],
    [
      '3 in 60 s admits three at once and nothing until a minute later',
      3,
      60,
      [
        [0, true],
        [0, true],
        [0, true],
        [1, false],
        [30, false],
        [59.999, false],
        [60, true],
        [60, true],
        [60, true],
        [60, false],
      ],
    ],
    [
      'a call one interval after the last one',
      1,
      2,
      [
        [0, true],
        [1.9, false],
        [2, true],
        [3.9, false],
        [4, true],
      ],
    ],
    [
      'no burst at the edge of an interval',
      2,
      10,
      [
        [9.8, true],
        [9.9, true],
        [10.1, false],
        [19.7, false],
        [20, true],
      ],
    ],
    [
      'what was refused costs nothing',
      1,
      10,
      [
        [0, true],
        [5, false],
        [9, false],
        [10, true],
      ],
    ],
    [
      'calls spread over the interval come back one by one',
      2,
      10,
      [
        [0, true],
        [5, true],
        [9, false],
        [10, true],
        [14, false],
        [15, true],
      ],
    ],
  ])('%s', (_, limit, interval, steps) => {
    const { clock, take } = createCounters();
    const admitted = steps.map(([seconds]) => {
      clock.now = seconds * SECOND;
      return [seconds, take(limit, interval * SECOND).refused === undefined];
    });
    expect(admitted).toEqual(steps);
  });

  it('admits the whole limit at once: 100 in a minute are 100', () => {
    const { take } = createCounters();
    const admitted = Array.from({ length: 150 }, () => take(100, 60 * SECOND).refused === undefined);
    expect(admitted.filter(Boolean)).toHaveLength(100);
  });

  it('admits 12 of 20 calls of 8 tokens on 100', () => {
    const { take } = createCounters();
    const admitted = Array.from({ length: 20 }, () => take(100, 60 * SECOND, 8).refused === undefined);
    expect(admitted.filter(Boolean)).toHaveLength(12);
    expect(admitted.lastIndexOf(true)).toBe(11);
  });

  it('says how long to wait, and keeps its word', () => {
    const { clock, take } = createCounters();
    take(10, 10 * SECOND, 6);
    clock.now = 4 * SECOND;
    take(10, 10 * SECOND, 4);
    clock.now = 5 * SECOND;
    expect(take(10, 10 * SECOND, 5).retryAfter).toBe(5 * SECOND);
    expect(take(10, 10 * SECOND, 7).retryAfter).toBe(9 * SECOND);
    clock.now = 10 * SECOND - 1;
    expect(take(10, 10 * SECOND, 5).refused).toBe(0);
    clock.now = 10 * SECOND;
    expect(take(10, 10 * SECOND, 5).refused).toBeUndefined();
  });

  it('says what is left and when all of it is back', () => {
    const { clock, take } = createCounters();
    expect(take(3, 10 * SECOND).standings).toMatchObject([{ remaining: 2, reset: 10 * SECOND }]);
    clock.now = 4 * SECOND;
    expect(take(3, 10 * SECOND, 5).standings).toMatchObject([{ remaining: 2, reset: 6 * SECOND }]);
  });

  it('keeps counters of different keys and intervals apart', () => {
    const { take } = createCounters();
    expect(take(1, SECOND, 1, 'a').refused).toBeUndefined();
    expect(take(1, SECOND, 1, 'b').refused).toBeUndefined();
    expect(take(1, 2 * SECOND, 1, 'a').refused).toBeUndefined();
    expect(take(1, SECOND, 1, 'a').refused).toBe(0);
  });

  it('corrects the slot that was booked, for as long as it counts', () => {
    const { clock, counters, take } = createCounters();
    const { standings } = take(10, 10 * SECOND, 8);
    const [standing] = standings;
    const fix = (delta: number) =>
      counters.correct([{ key: 'k', interval: 10 * SECOND, slot: standing?.slot ?? -1, delta }]);
    expect(take(10, 10 * SECOND, 3).refused).toBe(0);
    fix(-6);
    expect(take(10, 10 * SECOND, 8).refused).toBeUndefined();
    fix(+5);
    expect(take(20, 10 * SECOND, 6).refused).toBe(0);
    clock.now = 30 * SECOND;
    fix(+5);
    expect(take(10, 10 * SECOND, 10).refused).toBeUndefined();
  });
});

describe('several counters in one call', () => {
  const asks = (counters: MemoryCounters, mode: TakeMode, ...demands: Demand[]) => counters.take(demands, mode).refused;

  it.each<[TakeMode, number]>([
    ['each', 1],
    ['all', 2],
  ])('%s: a refusal by the second leaves %i in the first', (mode, left) => {
    const { counters } = createCounters();
    expect(asks(counters, mode, at('b', 1))).toBeUndefined();
    expect(asks(counters, mode, at('a', 2), at('b', 1))).toBe(1);
    const [standing] = counters.take([at('a', 2, 5)], 'each').standings;
    expect(standing?.remaining).toBe(left);
  });

  it('does not look at what comes after a refusal', () => {
    const { counters } = createCounters();
    expect(asks(counters, 'each', at('a', 1, 2), at('b', 1))).toBe(0);
    expect(asks(counters, 'each', at('b', 1))).toBeUndefined();
  });

  it('all: waits for the one that takes longest', () => {
    const { clock, counters } = createCounters();
    counters.take([at('a', 1)], 'all');
    clock.now = 4 * SECOND;
    counters.take([at('b', 1)], 'all');
    clock.now = 6 * SECOND;
    const { refused, retryAfter } = counters.take([at('a', 1), at('b', 1)], 'all');
    expect([refused, retryAfter]).toEqual([0, 8 * SECOND]);
  });
});

describe('memory', () => {
  it('holds 200,000 callers within its bound, and forgets them after an interval', () => {
    const { clock, counters, take } = createCounters();
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 200_000; i++) take(5, 10 * SECOND, 1, `client:user-${i}@example.com`);
    expect(counters.size).toBeLessThanOrEqual(100_000);
    globalThis.gc?.();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(96 * 1024 * 1024);
    clock.now = 10 * SECOND;
    take(5, 10 * SECOND, 1, 'somebody');
    clock.now = 20 * SECOND;
    take(5, 10 * SECOND, 1, 'somebody');
    expect(counters.size).toBeLessThanOrEqual(2);
  });

  it('keeps what is in use while strangers come and go', () => {
    const { take } = createCounters(100);
    let admitted = 0;
    for (let i = 0; i < 5000; i++) {
      if (take(10, 10 * SECOND, 1, 'everybody').refused === undefined) admitted++;
      take(10, 10 * SECOND, 1, `stranger-${i}`);
    }
    expect(admitted).toBe(10);
  });
});
