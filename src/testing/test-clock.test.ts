import { describe, expect, it } from 'vitest';
import { createTestClock } from './test-clock.ts';

describe('createTestClock', () => {
  it('stands still until it is moved, and moves both clocks', () => {
    const clock = createTestClock({ start: '2026-03-01T12:00:00Z' });
    const { now, elapsed } = clock.runtime;
    expect([now(), elapsed(), now()]).toEqual([Date.UTC(2026, 2, 1, 12), 0, Date.UTC(2026, 2, 1, 12)]);
    clock.advance(1500);
    expect([now(), elapsed(), clock.now]).toEqual([Date.UTC(2026, 2, 1, 12, 0, 1, 500), 1500, now()]);
    clock.setNow(new Date(0));
    expect([now(), elapsed()]).toEqual([0, 1500]);
  });

  it('numbers its ids and repeats its chance', () => {
    const [one, same, other] = [createTestClock(), createTestClock(), createTestClock({ seed: 2 })];
    const draw = ({ runtime }: typeof one) => Array.from({ length: 100 }, runtime.random);
    const drawn = draw(one);
    expect(drawn).toEqual(draw(same));
    expect(drawn).not.toEqual(draw(other));
    expect(new Set(drawn).size).toBe(100);
    expect(drawn.every((number) => number >= 0 && number < 1)).toBe(true);
    expect([one.runtime.id(), one.runtime.id(), same.runtime.id()]).toEqual(['test-1', 'test-2', 'test-1']);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('does not go on by %s', (step) => {
    expect(() => createTestClock().advance(step)).toThrow('A clock goes on by milliseconds');
  });

  it.each(['yesterday', Number.NaN, new Date('x')])('does not start at %s', (start) => {
    expect(() => createTestClock({ start })).toThrow('is no point in time');
  });
});
