import { describe, expect, it } from 'vitest';
import { KINDS_WITHOUT_BASE_URL, PROVIDER_KINDS } from '../../config/schema/kinds.ts';
import { defineProvider } from './definition.ts';
import { PROVIDERS } from './registry.ts';

const LOOPBACK = /^http:\/\/127\.0\.0\.1:\d+\//;

describe('the built-in kinds', () => {
  it('are those the configuration knows', () => {
    expect([...PROVIDERS.keys()].sort()).toEqual([...PROVIDER_KINDS].sort());
    const homeless = [...PROVIDERS.values()].filter(
      ({ baseUrl, openTransport }) => baseUrl === undefined && openTransport === undefined,
    );
    expect(homeless.map(({ kind }) => kind)).toEqual([...KINDS_WITHOUT_BASE_URL]);
  });

  it.each([...PROVIDERS])('%s is whole', (kind, definition) => {
    expect(defineProvider(definition)).toEqual(definition);
    expect(definition.kind).toBe(kind);
    expect(definition.protocols.length).toBeGreaterThan(0);
    // A transport of its own sees to the key itself.
    const keys = definition.openTransport === undefined ? 1 : 0;
    expect(definition.authorize('the-key').filter((value) => /^(Bearer )?the-key$/.test(value))).toHaveLength(keys);
    // A key may leave the machine over https only.
    const { baseUrl, keyless = false } = definition;
    if (baseUrl !== undefined) expect(baseUrl).toMatch(keyless ? LOOPBACK : /^https:\/\//);
    expect(baseUrl?.endsWith('/') ?? false).toBe(false);
  });
});
