import { describe, expect, it } from 'vitest';
import { Latency } from './latency.ts';

const DECAY = 30_000;

describe('Latency', () => {
  it('takes a worse sample at once and a better one slowly', () => {
    const latency = new Latency();
    latency.learn(100, 0, DECAY);
    latency.learn(2000, 10, DECAY);
    expect(latency.estimate).toBe(2000);
    latency.learn(100, 20, DECAY);
    expect(latency.estimate).toBeGreaterThan(1900);
    latency.learn(100, 20 + 10 * DECAY, DECAY);
    expect(latency.estimate).toBeLessThan(101);
  });

  it('counts a failure as five seconds at least', () => {
    const latency = new Latency();
    latency.fail(0, DECAY);
    expect(latency.estimate).toBe(5000);
    latency.learn(9000, 1, DECAY);
    latency.fail(2, DECAY);
    expect(latency.estimate).toBe(9000);
  });

  it('takes a call that was given up for as long as it lasted, if that is longer', () => {
    const latency = new Latency();
    latency.giveUp(700, 0);
    expect(latency.estimate).toBeUndefined();
    latency.learn(500, 0, DECAY);
    latency.giveUp(300, 1);
    expect(latency.estimate).toBe(500);
    latency.giveUp(800, 1);
    expect(latency.estimate).toBe(800);
  });

  it('is the best known one while nobody has measured it, and comes back to it when it is not renewed', () => {
    const latency = new Latency();
    expect(latency.read(0, DECAY, undefined)).toBe(1000);
    expect(latency.read(0, DECAY, 40)).toBe(40);
    latency.learn(5000, 0, DECAY);
    expect(latency.read(0, DECAY, 50)).toBe(5000);
    expect(latency.read(4 * DECAY, DECAY, 50)).toBeCloseTo(50 + 4950 / Math.E, 0);
    expect(latency.read(100 * DECAY, DECAY, 50)).toBeLessThan(51);
  });
});
