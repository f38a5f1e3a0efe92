import { describe, expect, it } from 'vitest';
import { pattern } from './pattern.ts';

const parse = (source: string) => pattern('model_filter').safeParse(source);
const message = (source: string) => parse(source).error?.issues[0]?.message;

describe('pattern', () => {
  it.each([
    ['gpt', 'my-GPT-4', true],
    ['^gpt', 'my-gpt-4', false],
    ['  ^gpt-  ', 'gpt-4', true],
    ['(?i)^claude', 'Claude-3', true],
    ['^(gpt|claude)-\\d+(\\.\\d+)?$', 'claude-4.5', true],
    ['org/.*', 'org/model', true],
    ['[(+*]{2}', 'a(+', true],
    ['\\(a+\\)+', '(aa))', true],
    ['(?:x-)?trace', 'TRACE', true],
    ['(abc)+', 'abcabc', true],
    ['a{2', 'a{2', true],
  ])('%j on %j is %j', (source, name, expected) => {
    expect(parse(source).data?.test(name)).toBe(expected);
  });

  it.each([
    ['', 'cannot be empty'],
    ['  ', 'cannot be empty'],
    ['(?i)', 'cannot be empty'],
    ['[a', 'invalid model_filter regex'],
    ['a**', 'invalid model_filter regex'],
    ['a'.repeat(513), 'must be at most 512 characters long'],
  ])('refuses %j', (source, expected) => {
    expect(message(source)).toBe(expected);
  });

  it.each([
    '(a+)+$',
    '(a*)*',
    '(.*,){11}x',
    '((a+)b?)*',
    '((a+))+',
    '(?:\\w+-)*$',
    '(a|a)*$',
    '(a|ab){2,}',
    '(?<n>[ab]+)+',
    '(a?){30}',
    '([)(]+)+',
    '(\\)+)+',
  ])('refuses %j, which a name can stall', (source) => {
    expect(message(source)).toBe('must not repeat a group that itself repeats or has alternatives');
  });

  it.each(['(a+)?', '(a+){1}', '(a|b)', '(a+)(b+)', 'a+b+', '(?=a+)b', '(a{2})x+'])('accepts %j', (source) => {
    expect(parse(source).success).toBe(true);
  });
});
