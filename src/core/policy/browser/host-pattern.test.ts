import { describe, expect, it } from 'vitest';
import { hostPattern } from './host-pattern.ts';

describe('a pattern of host names', () => {
  it.each([
    [
      '*.example.com',
      ['a.example.com', 'a.b.example.com', '.example.com'],
      ['example.com', 'a.example.com.evil.org', 'xexample.com'],
    ],
    ['app-?.test', ['app-1.test', 'app-x.test'], ['app-.test', 'app-12.test']],
    ['app-[0-9a].test', ['app-7.test', 'app-a.test'], ['app-b.test', 'app--.test']],
    ['app-[!0-9].test', ['app-b.test'], ['app-7.test', 'app-.test']],
    ['{one,two{a,b}}.test', ['one.test', 'twoa.test', 'twob.test'], ['two.test', 'onea.test']],
    ['a\\*b', ['a*b'], ['axb']],
    ['[x', ['[x'], ['x']],
    ['**a*', ['a', 'bab'], ['b', '']],
    ['*', ['anything', ''], []],
  ])('%s', (pattern, good, bad) => {
    const test = hostPattern(pattern);
    expect(good.filter((host) => !test(host))).toEqual([]);
    expect(bad.filter(test)).toEqual([]);
  });

  it('takes no time over names made to take some', () => {
    const test = hostPattern(`${'*a'.repeat(40)}b`);
    const started = performance.now();
    expect(test('a'.repeat(255))).toBe(false);
    expect(performance.now() - started).toBeLessThan(100);
  });

  it('stops at patterns that say too much', () => {
    expect(hostPattern('{a,b}'.repeat(30))('a'.repeat(30))).toBe(false);
  });
});
