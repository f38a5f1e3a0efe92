import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadPackages, neededPackages } from './packages.ts';

describe('neededPackages', () => {
  const all = (['grpc', 'http'] as const).flatMap((protocol) =>
    neededPackages([
      ['traces', protocol],
      ['metrics', protocol],
      ['logs', protocol],
    ]),
  );

  it('names packages that the package offers to bring along', () => {
    const { peerDependencies, peerDependenciesMeta } = JSON.parse(
      readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8'),
    );
    for (const name of all) {
      expect(peerDependencies).toHaveProperty([name]);
      expect(peerDependenciesMeta[name]).toEqual({ optional: true });
    }
  });

  it('names no more than is configured', () => {
    expect(neededPackages([['traces', 'http']])).toEqual([
      '@opentelemetry/api',
      '@opentelemetry/exporter-trace-otlp-proto',
      '@opentelemetry/resources',
      '@opentelemetry/sdk-trace-base',
    ]);
    expect(neededPackages([])).toEqual(['@opentelemetry/api']);
  });
});

describe('loadPackages', () => {
  it.each(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'])(
    'tells of a missing package (%s) by one command',
    async (code) => {
      const missing = Object.assign(new Error('Cannot find package'), { code });
      const loading = loadPackages(() => Promise.reject(missing), ['a', 'b']);
      await expect(loading).rejects.toMatchObject({
        code: 'config_invalid',
        message: 'telemetry needs packages that are not installed; run: npm install a b',
      });
    },
  );

  it('leaves other failures alone', async () => {
    const broken = new Error('broken');
    await expect(loadPackages(() => Promise.reject(broken), ['a'])).rejects.toBe(broken);
  });
});
