import { describe, expect, it } from 'vitest';
import { parseConfig } from './parse.ts';
import { saysTheSame } from './same.ts';
import { Secret } from './secret.ts';

const parse = (key: string, more: object = {}) =>
  parseConfig({
    llm: { providers: { a: { type: 'openai', apiKey: key, modelFilter: '^gpt', models: { m: {} } } } },
    mcp: { servers: { s: { url: 'http://127.0.0.1:1/mcp', auth: { token: key } } } },
    ...more,
  }).config;

describe('two configurations', () => {
  it('say the same when they were read from the same', () => {
    expect(saysTheSame(parse('k'), parse('k'))).toBe(true);
    expect(saysTheSame(parse('k'), parse('k', { server: { maxBody: '32MiB' } }))).toBe(true);
  });

  it('differ in a key, which nothing shows', () => {
    const [one, other] = [parse('k'), parse('l')];
    expect(JSON.stringify(one)).toBe(JSON.stringify(other));
    expect(saysTheSame(one, other)).toBe(false);
    expect(saysTheSame(one.mcp, other.mcp)).toBe(false);
    expect(saysTheSame(one.server, other.server)).toBe(true);
  });

  it.each([
    ['a number', 1, 2],
    ['a kind', 1, '1'],
    ['nothing', null, {}],
    ['a member', { a: 1 }, { a: 1, b: 2 }],
    ['a name', { a: 1 }, { b: 1 }],
    ['the order of names', { a: 1, b: 2 }, { b: 2, a: 1 }],
    ['a deep value', { a: [{ b: 1 }] }, { a: [{ b: 2 }] }],
    ['a length', [1], [1, 2]],
    ['a list for a record', [], {}],
    ['a pattern', /a/, /b/],
    ['a flag', /a/, /a/i],
    ['a secret', new Secret('a'), new Secret('b')],
    ['a secret for a record', new Secret('a'), {}],
    ['what nobody knows', new Date(0), new Date(0)],
    ['an own __proto__', JSON.parse('{"__proto__":{"a":1}}'), JSON.parse('{"__proto__":{"a":2}}')],
  ])('differ in %s', (_name, one, other) => {
    expect(saysTheSame(one, other)).toBe(false);
    expect(saysTheSame(other, one)).toBe(false);
  });

  it.each([
    ['nothing', undefined, undefined],
    ['not a number', Number.NaN, Number.NaN],
    ['an absent member and an undefined one', { a: undefined }, {}],
    ['records with and without a prototype', { a: 1 }, Object.assign(Object.create(null), { a: 1 })],
    ['patterns', /a/i, /a/i],
    ['secrets', [new Secret('a')], [new Secret('a')]],
  ])('are the same with %s', (_name, one, other) => {
    expect(saysTheSame(one, other)).toBe(true);
  });
});
