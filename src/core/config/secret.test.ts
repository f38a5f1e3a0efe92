import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from './secret.ts';

describe('Secret', () => {
  const secret = new Secret('sk-very-secret');

  it('reveals its value when asked', () => {
    expect(secret.reveal()).toBe('sk-very-secret');
  });

  it.each([
    ['String', String(secret)],
    ['template', `${secret}`],
    ['JSON', JSON.stringify({ secret })],
    ['inspect', inspect({ deep: { secret } }, { showHidden: true, depth: 9 })],
    ['format', format('%s %o %j', secret, secret, secret)],
    ['spread', JSON.stringify({ ...secret })],
    ['error', inspect(new Error('wrapped', { cause: secret }))],
    ['own keys', Reflect.ownKeys(secret).join()],
  ])('does not show it through %s', (_name, text) => {
    expect(text).not.toContain('very-secret');
  });

  it('says that something was redacted', () => {
    expect(String(secret)).toBe('[redacted]');
    expect(JSON.stringify(secret)).toBe('"[redacted]"');
    expect(inspect(secret)).toBe('[redacted]');
  });
});
