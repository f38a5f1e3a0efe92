import { describe, expect, it } from 'vitest';
import { Decisions, decisionKey } from './decisions.ts';

describe('Decisions', () => {
  it('are known for ten minutes', () => {
    let now = 5;
    const decisions = new Decisions(() => now);
    decisions.keep('k', 'p/a');
    now += 10 * 60_000 - 1;
    expect(decisions.find('k')).toBe('p/a');
    now += 1;
    expect(decisions.find('k')).toBeUndefined();
  });

  it('are bounded: old ones go when many others come', () => {
    const decisions = new Decisions(() => 0);
    decisions.keep('first', 'p/a');
    for (let i = 0; i < 1999; i++) decisions.keep(String(i), 'p/b');
    decisions.keep('next', 'p/c');
    expect(decisions.find('first')).toBe('p/a');
    for (let i = 0; i < 2000; i++) decisions.keep(`later ${i}`, 'p/b');
    expect(decisions.find('first')).toBeUndefined();
    expect(decisions.find('later 1999')).toBe('p/b');
  });

  it('go by route, offer and text, and show none of them', () => {
    const key = decisionKey('r', ['a', 'b'], 'secret text');
    expect(key).not.toContain('secret');
    expect(key).toBe(decisionKey('r', ['a', 'b'], 'secret text'));
    for (const other of [
      decisionKey('q', ['a', 'b'], 'secret text'),
      decisionKey('r', ['a'], 'secret text'),
      decisionKey('r', ['a', 'b'], 'secret'),
    ])
      expect(other).not.toBe(key);
  });
});
