import { expect, it } from 'vitest';
import { claimText } from './claim.ts';

const CLAIMS = {
  sub: 'ann',
  org: { team: 'red', deep: { level: 3 } },
  'https://example.com/group': 'blue',
  aud: ['first', 'second'],
  admin: true,
  roles: ['a'],
  nothing: null,
  empty: '',
};

it.each([
  ['sub', 'ann'],
  ['org.team', 'red'],
  ['org.deep.level', '3'],
  ['https://example.com/group', 'blue'],
  ['aud', 'first'],
  ['admin', 'true'],
  ['empty', ''],
  ['roles', undefined],
  ['org', undefined],
  ['nothing', undefined],
  ['nothing.more', undefined],
  ['missing', undefined],
  ['sub.length', undefined],
  ['org.team.length', undefined],
  ['constructor.name', undefined],
  ['__proto__', undefined],
  ['org.__proto__', undefined],
  ['', undefined],
])('the claim %s is %s', (path, text) => {
  expect(claimText(CLAIMS, path)).toBe(text);
});
