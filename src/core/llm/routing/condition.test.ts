import { describe, expect, it } from 'vitest';
import { parseCondition } from '../../config/schema/condition.ts';
import { holds, matchesGlob } from './condition.ts';

const FIELDS: Record<string, unknown> = {
  'request.model': 'assistant',
  'request.stream': true,
  'request.input_tokens': 1000,
  'subject.team': 'research',
  'subject.groups': ['a', 'b'],
  'headers.x-tier': 'gold-2',
};

function judge(when: object): boolean {
  const condition = parseCondition(when);
  if (typeof condition === 'string') throw new Error(condition);
  return holds(condition, (path) => FIELDS[path]);
}

describe('a condition', () => {
  it.each<[object, boolean]>([
    [{ 'request.model': 'assistant' }, true],
    [{ 'request.stream': 'true' }, false],
    [{ 'request.input_tokens': { gt: 999, lte: 1000 } }, true],
    [{ 'request.input_tokens': { gt: 1000 } }, false],
    [{ 'subject.team': { gt: 1 } }, false],
    [{ 'subject.team': { in: ['research', 'sales'] } }, true],
    [{ 'subject.groups': { contains: 'b' } }, true],
    [{ 'headers.x-tier': { glob: 'gold-?' } }, true],
    [{ 'headers.x-tier': { regex: '^gold-[0-9]+$' } }, true],
    [{ 'subject.none': 'x' }, false],
    [{ 'subject.none': { ne: 'x' } }, true],
    [{ 'subject.none': { nin: ['x'] } }, true],
    [{ 'subject.none': { exists: false } }, true],
    [{ 'subject.team': { exists: false } }, false],
    [{ not: { 'subject.team': 'research' } }, false],
    [{ not: [{ 'subject.team': 'x' }, { 'request.model': 'y' }] }, true],
    [{ any: [{ 'subject.team': 'x' }, { 'request.stream': true }] }, true],
    [{ all: [{ 'subject.team': 'research' }, { 'request.stream': false }] }, false],
    [{ 'subject.team': 'research', 'request.stream': false }, false],
  ])('%j is %s', (when, expected) => {
    expect(judge(when)).toBe(expected);
  });

  it.each<[object, RegExp]>([
    [{}, /must not be empty/],
    [{ 'request.colour': 'red' }, /is no field/],
    [{ 'headers.authorization': { exists: true } }, /credential/],
    [{ 'request.model': { like: 'x' } }, /unknown operator "like"/],
    [{ 'request.input_tokens': { gt: '5' } }, /needs a number/],
    [{ 'request.model': { regex: '(a+)+$' } }, /must not repeat/],
    [{ 'request.model': { regex: '(' } }, /cannot be read/],
    [{ 'request.model': {} }, /must have an operator/],
    [{ all: [] }, /must be a list/],
  ])('%j is refused', (when, message) => {
    expect(parseCondition(when)).toMatch(message);
  });
});

describe('matchesGlob', () => {
  it.each<[string, string, boolean]>([
    ['', '', true],
    ['', '*', true],
    ['abc', 'a*c', true],
    ['abc', 'a*b', false],
    ['a.c', 'a?c', true],
    ['abcabc', '*abc', true],
    ['[x]', '[x]', true],
  ])('%j by %j: %s', (text, glob, expected) => {
    expect(matchesGlob(text, glob)).toBe(expected);
  });

  it('takes no long time over a text made for it', () => {
    expect(matchesGlob('a'.repeat(4000), `${'a*'.repeat(200)}b`)).toBe(false);
  });
});
