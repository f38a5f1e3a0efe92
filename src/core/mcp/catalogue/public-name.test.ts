import { describe, expect, it } from 'vitest';
import { publicName } from './public-name.ts';

const SAFE = /^[A-Za-z0-9_-]{1,64}$/;

describe('a public name', () => {
  it.each([
    ['files', 'read', 'files__read'],
    ['files', 'a__b', 'files__a__b'],
    ['my-server', 'get_Time-2', 'my-server__get_Time-2'],
    ['s', 'x'.repeat(61), `s__${'x'.repeat(61)}`],
  ])('of %s and %s is plain', (server, name, expected) => {
    expect(publicName(server, name)).toBe(expected);
  });

  it.each([
    ['files', 'read.all'],
    ['files', 'read/all'],
    ['files', 'ü'],
    ['files', ''],
    ['files', 'a b'],
    ['a server', 'x'],
    ['s', 'x'.repeat(62)],
    ['s'.repeat(200), 'x'.repeat(200)],
    ['ends_', 'x'],
    ['a__b', 'c'],
  ])('of %j and %j is made safe', (server, name) => {
    expect(publicName(server, name)).toMatch(SAFE);
    expect(publicName(server, name)).toMatch(/_[0-9a-f]{8}$/);
    expect(publicName(server, name)).toBe(publicName(server, name));
  });

  it('never stands for two pairs', () => {
    const pairs = [
      ['a', 'b__c'],
      ['a__b', 'c'],
      ['a_', '_b'],
      ['a', '___b'],
      ['a_', 'b'],
      ['a', '_b'],
      ['a', 'x.y'],
      ['a', 'x/y'],
      ['a', 'x_y'],
      ['a', `${'l'.repeat(90)}1`],
      ['a', `${'l'.repeat(90)}2`],
    ] as const;
    expect(new Set(pairs.map(([server, name]) => publicName(server, name))).size).toBe(pairs.length);
  });
});
