import { describe, expect, it } from 'vitest';
import { type StateBinding, StateSeal } from './request-state.ts';

const binding: StateBinding = {
  surface: 'all',
  principal: 'id:ann',
  method: 'tools/call',
  params: { name: 'x', arguments: { a: 1, b: { c: [1, { d: 2, e: 3 }] } } },
};

describe('a sealed state', () => {
  it('opens for the call it was sealed for, answers and order of members aside', () => {
    const seal = new StateSeal(() => 0);
    const token = seal.seal({ kind: 'upstream', state: 'ä"' }, binding);
    const params = {
      arguments: { b: { c: [1, { e: 3, d: 2 }] }, a: 1 },
      name: 'x',
      inputResponses: { q: 1 },
      requestState: token,
      _meta: { x: 1 },
    };
    expect(seal.open(token, { ...binding, params })).toEqual({ kind: 'upstream', state: 'ä"' });
    expect(seal.open(seal.seal({ kind: 'parked', id: 'p' }, binding), binding)).toEqual({ kind: 'parked', id: 'p' });
  });

  it.each<[string, Partial<StateBinding>]>([
    ['surface', { surface: 'server:x' }],
    ['principal', { principal: 'anonymous' }],
    ['method', { method: 'prompts/get' }],
    ['name', { params: { ...binding.params, name: 'y' } }],
    ['argument', { params: { name: 'x', arguments: { a: 2, b: { c: [1, { d: 2, e: 3 }] } } } }],
  ])('is worth nothing for another %s', (_what, other) => {
    const seal = new StateSeal(() => 0);
    expect(seal.open(seal.seal({ kind: 'parked', id: 'p' }, binding), { ...binding, ...other })).toBeUndefined();
  });

  it('is worth nothing when any of it was changed', () => {
    const seal = new StateSeal(() => 0);
    const token = seal.seal({ kind: 'upstream', state: 'abc' }, binding);
    for (let at = 0; at < token.length - 1; at++) {
      const other = token[at] === 'A' ? 'B' : 'A';
      expect(seal.open(token.slice(0, at) + other + token.slice(at + 1), binding)).toBeUndefined();
    }
    for (const nonsense of [
      '',
      '.',
      'a.b',
      `${token}.`,
      `${token}A`,
      token.slice(0, -2),
      5,
      null,
      'x'.repeat(2_000_000),
    ]) {
      expect(seal.open(nonsense, binding)).toBeUndefined();
    }
  });

  it('grows too old', () => {
    let now = 0;
    const seal = new StateSeal(() => now);
    const token = seal.seal({ kind: 'parked', id: 'p' }, binding);
    now = 10 * 60_000;
    expect(seal.open(token, binding)).toBeDefined();
    now++;
    expect(seal.open(token, binding)).toBeUndefined();
  });

  it('is read by replicas that share the secret, and by no others', () => {
    const token = new StateSeal(() => 0, 'shared').seal({ kind: 'upstream', state: 's' }, binding);
    expect(new StateSeal(() => 0, 'shared').open(token, binding)).toBeDefined();
    expect(new StateSeal(() => 0, 'other').open(token, binding)).toBeUndefined();
    expect(new StateSeal(() => 0).open(token, binding)).toBeUndefined();
  });
});
