import { describe, expect, it } from 'vitest';
import { abOrder, betterOfTwo, cheapestFirst, hash, type Random, stickyFirst, weightedOrder } from './ordering.ts';

const option = (name: string, weight = 1) => ({ name, weight });
const nameOf = ({ name }: { name: string }): string => name;

/** A small generator with a seed: the same numbers in every run. */
function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('weightedOrder', () => {
  it('comes within 1.5 points of 80 to 20 over 10,000 draws', () => {
    const random = seeded(7);
    const options = [option('a', 80), option('b', 20)];
    let first = 0;
    for (let i = 0; i < 10_000; i++) if (weightedOrder(options, random)[0]?.name === 'a') first++;
    expect(Math.abs(first / 10_000 - 0.8)).toBeLessThan(0.015);
  });

  it('has every option once, and leaves its argument alone', () => {
    const options = [option('a', 3), option('b', 1), option('c', 0.5)];
    const order = weightedOrder(options, seeded(1));
    expect(order.map(nameOf).sort()).toEqual(['a', 'b', 'c']);
    expect(options.map(nameOf)).toEqual(['a', 'b', 'c']);
    expect(weightedOrder([], seeded(1))).toEqual([]);
  });

  it('draws the second by the weights of those that are left', () => {
    const random = seeded(3);
    const options = [option('a', 60), option('b', 30), option('c', 10)];
    let b = 0;
    let afterA = 0;
    for (let i = 0; i < 10_000; i++) {
      const [first, second] = weightedOrder(options, random);
      if (first?.name !== 'a') continue;
      afterA++;
      if (second?.name === 'b') b++;
    }
    expect(Math.abs(b / afterA - 0.75)).toBeLessThan(0.02);
  });

  it.each([0, 0.999_999_999])('is at home at the ends of chance: %d', (value) => {
    const order = weightedOrder([option('a'), option('b')], () => value);
    expect(order.map(nameOf)).toEqual(value === 0 ? ['a', 'b'] : ['b', 'a']);
  });
});

describe('abOrder', () => {
  it('sends a unit to the same arm always, in every process', () => {
    const arms = [option('a'), option('b')];
    expect(abOrder(arms, 'test', 'user-1').map(nameOf)).toEqual(abOrder([...arms], 'test', 'user-1').map(nameOf));
    // Fixed numbers: a change of them would move the users of every test that is running.
    expect([hash(''), hash('test\nuser-1')]).toEqual([2_872_998_923, 1_389_872_395]);
  });

  it('splits units by weight, and differently for each experiment', () => {
    const arms = [option('a', 3), option('b', 1)];
    const units = Array.from({ length: 10_000 }, (_, at) => `user-${at}`);
    const inA = (experiment: string) => units.filter((unit) => abOrder(arms, experiment, unit)[0]?.name === 'a');
    expect(Math.abs(inA('one').length / units.length - 0.75)).toBeLessThan(0.015);
    const other = new Set(inA('two'));
    const both = inA('one').filter((unit) => other.has(unit)).length;
    expect(Math.abs(both / units.length - 0.5625)).toBeLessThan(0.02);
  });
});

describe('stickyFirst', () => {
  const options = [option('a', 2), option('b', 1), option('c', 1)];
  const chosen = (unit: string, among = options) => stickyFirst(among, unit, nameOf)[0]?.name;

  it('keeps a unit where it is, whatever the order, and splits units by weight', () => {
    const units = Array.from({ length: 10_000 }, (_, at) => `session-${at}`);
    for (const unit of units.slice(0, 50)) expect(chosen(unit, [...options].reverse())).toBe(chosen(unit));
    const share = units.filter((unit) => chosen(unit) === 'a').length / units.length;
    expect(Math.abs(share - 0.5)).toBeLessThan(0.02);
  });

  it('moves only the units of an option that goes', () => {
    const left = options.filter(({ name }) => name !== 'b');
    for (let at = 0; at < 200; at++) {
      const before = chosen(`s${at}`);
      if (before !== 'b') expect(chosen(`s${at}`, left)).toBe(before);
    }
  });
});

describe('betterOfTwo', () => {
  const score = ({ weight }: { weight: number }): number => weight;

  it('of two always takes the better one, but for the explored share', () => {
    const options = [option('slow', 500), option('fast', 50)];
    const random = seeded(5);
    let slow = 0;
    for (let i = 0; i < 1000; i++) if (betterOfTwo(options, score, random)[0]?.name === 'slow') slow++;
    expect(slow).toBe(0);
    for (let i = 0; i < 10_000; i++) if (betterOfTwo(options, score, random, 0.02)[0]?.name === 'slow') slow++;
    expect(slow / 10_000).toBeGreaterThan(0.01);
    expect(slow / 10_000).toBeLessThan(0.03);
  });

  it('lets chance decide between equals', () => {
    const options = [option('a'), option('b')];
    const random = seeded(11);
    let a = 0;
    for (let i = 0; i < 1000; i++) if (betterOfTwo(options, score, random)[0]?.name === 'a') a++;
    expect(Math.abs(a / 1000 - 0.5)).toBeLessThan(0.06);
  });

  it('never puts the worst first, and orders the rest by score', () => {
    const options = [option('c', 3), option('a', 1), option('b', 2)];
    const random = seeded(2);
    for (let i = 0; i < 500; i++) {
      const [first, ...rest] = betterOfTwo(options, score, random).map(nameOf);
      expect(first).not.toBe('c');
      expect(rest).toEqual(['a', 'b', 'c'].filter((name) => name !== first));
    }
    expect(betterOfTwo([option('a')], score, random).map(nameOf)).toEqual(['a']);
  });
});

describe('cheapestFirst', () => {
  it('puts what has no price last, and the faster of equals first', () => {
    const costs: Record<string, number | undefined> = { a: undefined, b: 2, c: 2, d: 1 };
    const times: Record<string, number> = { a: 1, b: 9, c: 3, d: 50 };
    const order = cheapestFirst(
      ['a', 'b', 'c', 'd'],
      (name) => costs[name],
      (name) => times[name] ?? 0,
    );
    expect(order).toEqual(['d', 'c', 'b', 'a']);
  });
});
