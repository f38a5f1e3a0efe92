import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { readCredential, readTokenHeader } from './bearer-token.ts';

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('an authorization header', () => {
  it.each([
    [undefined, 'missing'],
    ['Bearer', 'missing'],
    ['bearer   ', 'missing'],
    ['', 'other_scheme'],
    ['Basic YTpi', 'other_scheme'],
    ['Token x', 'other_scheme'],
    ['eyJ.x.y', 'other_scheme'],
    ['Bearerx', 'other_scheme'],
    ['Bearer\tx', 'other_scheme'],
    ['Bearer  x', 'malformed'],
    ['Bearer x', 'token'],
    ['bEARER x', 'token'],
  ])('%j is %s', (header, kind) => {
    expect(readCredential(header).kind).toBe(kind);
  });
});

describe('the form of a token', () => {
  const header = part({ alg: 'RS256', kid: 'k' });

  it.each([`${header}.e30.c2ln`, `${header}.e30.`, `${header}..`])('%s has the form', (text) => {
    expect(readTokenHeader(text)).toEqual({ alg: 'RS256', kid: 'k' });
  });

  it.each([
    ['one part', header],
    ['two parts', `${header}.e30`],
    ['four parts', `${header}.e30.x.y`],
    ['five parts, as a JWE has', `${header}.a.b.c.d`],
    ['nothing', '..'],
    ['no JSON', 'abcd.e30.c2ln'],
    ['JSON that is no object', `${part('x')}.e30.c2ln`],
    ['a list', `${part([])}.e30.c2ln`],
    ['null', `${part(null)}.e30.c2ln`],
    ['no algorithm', `${part({ kid: 'k' })}.e30.c2ln`],
    ['an algorithm that is no text', `${part({ alg: 1 })}.e30.c2ln`],
    ['padding', `${header}=.e30.c2ln`],
    ['base64 that is not for URLs', `${header}.a+/b.c2ln`],
    ['a part that cannot end so', `${header}.a.c2ln`],
    ['a blank', `${header}.e30.c2ln `],
    ['two tokens', `${header}.e30.c2ln, Bearer ${header}.e30.c2ln`],
    ['letters beyond ASCII', `${header}.é30.c2ln`],
    ['100 kB of letters', 'a'.repeat(100_000)],
    ['100 kB in three parts', `${header}.${'a'.repeat(100_000)}.c2ln`],
  ])('%s is no token', (_, text) => {
    expect(readTokenHeader(text)).toBeUndefined();
  });
});
