import { describe, expect, it } from 'vitest';
import { Secret } from '../config/secret.ts';
import { NexusError } from '../errors/nexus-error.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { accessCheck } from './access.ts';

function exchange(headers: Record<string, string>, remoteAddress?: string): Exchange {
  return {
    header: (name: string) => headers[name],
    host: { mountPath: '', remoteAddress },
  } as Partial<Exchange> as Exchange;
}

function verdict(check: ReturnType<typeof accessCheck>, headers: Record<string, string>, address?: string): string {
  try {
    check?.(exchange(headers, address));
    return 'in';
  } catch (error) {
    return NexusError.is(error) ? `${error.status} ${error.code}` : 'crash';
  }
}

describe('a token', () => {
  const check = accessCheck({ token: new Secret('s3cret-token'), public: false }, false, 'telemetry.prometheus');

  it.each([
    [{ authorization: 'Bearer s3cret-token' }, 'in'],
    [{ authorization: 'bearer s3cret-token' }, 'in'],
    [{ authorization: 'Bearer s3cret-toke' }, '401 token_invalid'],
    [{ authorization: 'Bearer s3cret-token2' }, '401 token_invalid'],
    [{ authorization: 'Bearer ' }, '401 key_missing'],
    [{ authorization: 'Basic s3cret-token' }, '401 key_missing'],
    [{ authorization: `Bearer ${'x'.repeat(100_000)}` }, '401 token_invalid'],
    [{}, '401 key_missing'],
  ])('%j: %s', (headers, expected) => {
    expect(verdict(check, headers as Record<string, string>, '127.0.0.1')).toBe(expected);
  });
});

describe('without a token', () => {
  const check = accessCheck({ public: false }, false, 'telemetry.status');

  it.each([
    ['127.0.0.1', {}, 'in'],
    ['127.8.9.10', {}, 'in'],
    ['::1', {}, 'in'],
    ['::ffff:127.0.0.1', {}, 'in'],
    ['10.0.0.7', {}, '401 key_missing'],
    ['::ffff:10.0.0.7', {}, '401 key_missing'],
    [undefined, {}, '401 key_missing'],
    // A proxy on this machine asks for somebody else.
    ['127.0.0.1', { 'x-forwarded-for': '127.0.0.1' }, '401 key_missing'],
    ['127.0.0.1', { forwarded: 'for=1.2.3.4' }, '401 key_missing'],
    ['127.0.0.1', { via: '1.1 proxy' }, '401 key_missing'],
  ])('from %s with %j: %s', (address, headers, expected) => {
    expect(verdict(check, headers as Record<string, string>, address)).toBe(expected);
  });

  it('asks nobody where everybody may, or the gate asks', () => {
    expect(accessCheck({ public: true }, false, 'telemetry.status')).toBeUndefined();
    expect(accessCheck({ public: false }, true, 'telemetry.status')).toBeUndefined();
  });
});
