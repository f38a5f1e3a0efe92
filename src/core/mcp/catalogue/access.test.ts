import { describe, expect, it } from 'vitest';
import { AccessRules } from './access.ts';

const inGroup = (group: string | undefined) => ({ id: 'ann', group, claims: {}, token: undefined });

const rules = new AccessRules([
  ['free', {}],
  ['none', { allow: [] }],
  ['staff', { allow: ['staff'], deny: ['intern'] }],
  ['denied', { deny: ['intern'] }],
  [
    'mixed',
    {
      allow: ['staff'],
      tools: { open: { deny: ['x'] }, shut: { allow: [] }, timed: {}, constructor: { allow: ['x'] } },
    },
  ],
]);

describe('a server', () => {
  it.each([
    ['free', undefined, true],
    ['free', 'any', true],
    ['never configured', 'any', true],
    ['none', undefined, false],
    ['none', 'staff', false],
    ['staff', undefined, false],
    ['staff', 'staff', true],
    ['staff', 'intern', false],
    ['staff', 'other', false],
    ['denied', undefined, true],
    ['denied', 'intern', false],
    ['denied', 'other', true],
  ])('%s for the group %s: %s', (server, group, allowed) => {
    expect(rules.server(server, inGroup(group))).toBe(allowed);
    expect(rules.tool(server, 'anything', inGroup(group))).toBe(allowed);
  });

  it('lets nobody in who is in both lists', () => {
    const both = new AccessRules([['s', { allow: ['a'], deny: ['a'] }]]);
    expect(both.server('s', inGroup('a'))).toBe(false);
  });
});

describe('a rule of a tool', () => {
  it.each([
    ['open', undefined, true],
    ['open', 'other', true],
    ['open', 'x', false],
    ['shut', 'staff', false],
    ['timed', 'staff', true],
    ['timed', 'other', false],
    ['toString', 'other', false],
    ['toString', 'staff', true],
    ['constructor', 'x', true],
    ['constructor', 'staff', false],
  ])('%s replaces those of the server for %s: %s', (tool, group, allowed) => {
    expect(rules.tool('mixed', tool, inGroup(group))).toBe(allowed);
  });

  it('makes its server one of which something may be used', () => {
    expect(rules.reaches('mixed', inGroup('other'))).toBe(true);
    expect(rules.server('mixed', inGroup('other'))).toBe(false);
    expect(rules.reaches('none', inGroup('other'))).toBe(false);
  });
});

describe('standings', () => {
  it('are as many as the rules tell apart, whatever groups callers bring', () => {
    const standings = ['staff', 'intern', 'x', 'made up', 'made up too', undefined].map((group) =>
      rules.standing(inGroup(group)),
    );
    expect(new Set(standings).size).toBe(5);
    expect(rules.standing(inGroup('none'))).not.toBe(rules.standing(undefined));
    expect(rules.standing(inGroup('other'))).toBe(rules.standing(inGroup('made up')));
  });
});

describe('callers without a group', () => {
  it('can be kept from everything', () => {
    const hiding = new AccessRules([['free', {}]], { groupless: 'hidden' });
    expect([undefined, inGroup(undefined), inGroup('any')].map((one) => hiding.reaches('free', one))).toEqual([
      false,
      false,
      true,
    ]);
  });
});
