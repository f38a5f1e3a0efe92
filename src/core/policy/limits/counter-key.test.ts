import { describe, expect, it } from 'vitest';
import { counterKey } from './counter-key.ts';
import { ModelPattern } from './model-pattern.ts';

const RATE = { limit: 5, interval: 60_000 };
const key = (...names: string[]) => counterKey('ip', names, RATE);

describe('counterKey', () => {
  it('reads well where names are plain', () => {
    expect(key('203.0.113.7')).toBe('ip:203.0.113.7:5/60000');
    expect(counterKey('token', ['ann@example.com', 'default', 'openai', 'gpt-5'], RATE)).toBe(
      'token:ann@example.com:default:openai:gpt-5:5/60000',
    );
  });

  it.each([
    [['a:b'], ['a', 'b']],
    [
      ['a', 'b:c'],
      ['a:b', 'c'],
    ],
    [['a%3Ab'], ['a:b']],
    [['~'], ['%7E']],
    [[''], []],
    [['x'.repeat(5000)], ['x'.repeat(5001)]],
    [[':'.repeat(100)], [':'.repeat(101)]],
  ])('tells %j from %j', (one, other) => {
    expect(key(...one)).not.toBe(key(...other));
  });

  it('is short whatever callers send, and never fails', () => {
    for (const name of ['x'.repeat(100_000), '\u{1F600}'.repeat(1000), '\ud800', 'a\0b', '\r\n', '{tag}', '::1']) {
      expect(key(name).length).toBeLessThan(160);
      expect(key(name)).toMatch(/^[\x21-\x7e]+$/);
    }
  });

  it('tells limits of one caller apart', () => {
    expect(counterKey('ip', ['a'], { limit: 6, interval: 60_000 })).not.toBe(key('a'));
    expect(counterKey('ip', ['a'], { limit: 5, interval: 1000 })).not.toBe(key('a'));
  });
});

describe('ModelPattern', () => {
  it.each([
    ['openai/*', 'openai/gpt-5', true],
    ['openai/*', 'openai/', true],
    ['openai/*', 'xopenai/gpt', false],
    ['*', '', true],
    ['*/gpt-*-mini', 'azure/gpt-5-mini', true],
    ['*/gpt-*-mini', 'azure/gpt-mini', false],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['*b*c*', 'abcd', true],
    ['*c*b*', 'abcd', false],
    ['ab*bc', 'abc', false],
    ['openai/gpt-5', 'openai/gpt-5', true],
    ['openai/gpt-5', 'openai/gpt-5.1', false],
    ['gpt.5', 'gpt-5', false],
  ])('%s and %s: %s', (pattern, text, expected) => {
    expect(new ModelPattern(pattern).matches(text)).toBe(expected);
  });

  it('is linear whatever the text', () => {
    const pattern = new ModelPattern(`${'*a'.repeat(30)}*b`);
    const begun = performance.now();
    expect(pattern.matches('a'.repeat(1_000_000))).toBe(false);
    expect(performance.now() - begun).toBeLessThan(500);
  });
});
