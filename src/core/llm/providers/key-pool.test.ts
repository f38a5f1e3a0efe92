import { describe, expect, it } from 'vitest';
import { KeyPool, PooledKey } from './key-pool.ts';

const keys = (count: number) => Array.from({ length: count }, (_, index) => new PooledKey(index));
const taken = (pool: KeyPool, now: number, times: number) => Array.from({ length: times }, () => pool.take(now)?.index);

describe('KeyPool', () => {
  it('takes its keys in turn', () => {
    expect(taken(new KeyPool(keys(3)), 0, 4)).toEqual([0, 1, 2, 0]);
  });

  it('passes over one that rests until it may be used again', () => {
    const [a, b] = keys(2);
    if (a === undefined || b === undefined) throw new Error('two keys');
    const pool = new KeyPool([a, b]);
    a.rest(1000);
    expect(taken(pool, 10, 3)).toEqual([1, 1, 1]);
    expect(taken(pool, 1000, 2)).toEqual([0, 1]);
  });

  it('takes the first to wake when all rest, and one that is alone always', () => {
    const [a, b] = keys(2);
    if (a === undefined || b === undefined) throw new Error('two keys');
    const pool = new KeyPool([a, b]);
    a.rest(2000);
    b.rest(1000);
    expect(pool.hasUsable(10)).toBe(false);
    expect(pool.take(10)?.index).toBe(1);
    expect(new KeyPool([a]).take(10)?.index).toBe(0);
  });

  it('takes a key for revoked after three refusals in a row', () => {
    const [a, b] = keys(2);
    if (a === undefined || b === undefined) throw new Error('two keys');
    const pool = new KeyPool([a, b]);
    a.refused();
    a.refused();
    a.accepted();
    a.refused();
    a.refused();
    expect(a.usableAt).toBe(0);
    a.refused();
    expect(taken(pool, 0, 2)).toEqual([1, 1]);
  });
});
