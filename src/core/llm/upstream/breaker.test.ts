import { describe, expect, it } from 'vitest';
import { Breaker } from './breaker.ts';

const SETTINGS = { failures: 5, ratio: 0.5, minRequests: 10, window: 60_000, cooldown: 30_000 };

function opened(now = 0): Breaker {
  const breaker = new Breaker(SETTINGS);
  for (let i = 0; i < 5; i++) breaker.fail(now);
  return breaker;
}

describe('Breaker', () => {
  it('opens with the fifth failure in a row, and not before', () => {
    const breaker = new Breaker(SETTINGS);
    for (let i = 0; i < 4; i++) breaker.fail(0);
    expect(breaker.state(0)).toBe('closed');
    breaker.succeed(0);
    for (let i = 0; i < 4; i++) breaker.fail(0);
    expect(breaker.state(0)).toBe('closed');
    breaker.fail(0);
    expect(breaker.state(0)).toBe('open');
  });

  it('opens when half of at least ten calls failed, however they are mixed', () => {
    const breaker = new Breaker({ ...SETTINGS, failures: 100 });
    for (let i = 0; i < 4; i++) {
      breaker.succeed(i);
      breaker.fail(i);
    }
    breaker.succeed(5);
    expect(breaker.state(5)).toBe('closed');
    breaker.fail(6);
    expect(breaker.state(6)).toBe('open');
  });

  it('forgets what has left the window', () => {
    const breaker = new Breaker({ ...SETTINGS, failures: 100, minRequests: 2 });
    breaker.fail(0);
    for (let i = 0; i < 3; i++) breaker.succeed(70_000);
    breaker.fail(70_001);
    expect(breaker.state(70_001)).toBe('closed');
    breaker.fail(200_000);
    breaker.fail(200_001);
    expect(breaker.state(200_001)).toBe('open');
  });

  it('lets one trial through after the cool-down; its success closes it', () => {
    const breaker = opened();
    expect(breaker.state(29_999)).toBe('open');
    expect(breaker.state(30_000)).toBe('half_open');
    breaker.begin(30_000);
    expect(breaker.state(30_001)).toBe('trying');
    breaker.succeed(30_500);
    expect(breaker.state(30_500)).toBe('closed');
    breaker.fail(30_501);
    expect(breaker.state(30_501)).toBe('closed');
  });

  it('doubles its cool-down with every failed trial, up to five minutes', () => {
    const breaker = opened();
    let now = 30_000;
    for (const next of [60_000, 120_000, 240_000, 300_000, 300_000]) {
      breaker.begin(now);
      breaker.fail(now);
      expect(breaker.state(now + next - 1)).toBe('open');
      expect(breaker.state(now + next)).toBe('half_open');
      now += next;
    }
  });

  it('is ready for the next trial when one came to nothing, and takes no harm from late failures', () => {
    const breaker = opened();
    breaker.fail(1);
    breaker.begin(30_000);
    breaker.forget();
    expect(breaker.state(30_001)).toBe('half_open');
  });

  it('tells when it opens by what it has learnt, and not when it is told that another has', () => {
    const told: number[] = [];
    const breaker = new Breaker(
      { failures: 2, ratio: 1, minRequests: 100, window: 60_000, cooldown: 1000 },
      (cooldown) => told.push(cooldown),
    );
    breaker.openUntil(500);
    expect(breaker.state(499)).toBe('open');
    expect(told).toEqual([]);
    breaker.begin(500);
    breaker.fail(501);
    expect(told).toEqual([2000]);
    expect(breaker.state(2500)).toBe('open');
  });

  it('is never opened for less by another than it is already', () => {
    const breaker = opened();
    breaker.openUntil(100);
    expect(breaker.state(29_999)).toBe('open');
    breaker.openUntil(40_000);
    expect(breaker.state(39_999)).toBe('open');
    expect(breaker.state(40_000)).toBe('half_open');
  });
});
