import { afterEach, describe, expect, it, vi } from 'vitest';
import { type NexusConfig, NexusError } from '../../core/index.ts';
import { holdInstance } from './instance.ts';

const config = (timeout = '1m'): NexusConfig => ({
  llm: { timeout, discovery: { enabled: false }, providers: { openai: { type: 'openai', apiKey: 'k' } } },
});
let serial = 0;
const place = () => `/test/${++serial}`;

afterEach(() => vi.unstubAllEnvs());

describe('an instance that Next makes again and again', () => {
  it('stays the same for the same place and configuration', () => {
    const at = place();
    const first = holdInstance(at, config(), {}).instance;
    expect(holdInstance(at, config(), { sinks: [] }).instance).toBe(first);
    expect(holdInstance(place(), config(), {}).instance).not.toBe(first);
  });

  it('is replaced and closed after a change, also for handlers made before', async () => {
    const at = place();
    const early = holdInstance(at, config(), {});
    const first = early.instance;
    const late = holdInstance(at, config('2m'), {});
    expect(late.instance).not.toBe(first);
    expect(early.instance).toBe(late.instance);
    expect((await first.fetch('http://nexus/llm/v1/models')).status).toBe(503);
    expect((await late.instance.fetch('http://nexus/llm/v1/models')).status).toBe(200);
  });

  it('serves on when the new configuration is wrong', async () => {
    const at = place();
    const held = holdInstance(at, config(), {});
    const first = held.instance;
    expect(() => holdInstance(at, { llm: { timeout: 'soon' } }, {})).toThrow(NexusError);
    expect(held.instance).toBe(first);
    expect((await first.fetch('http://nexus/llm/v1/models')).status).toBe(200);
  });

  it('takes edited functions while developing', () => {
    vi.stubEnv('NODE_ENV', 'development');
    const at = place();
    const first = holdInstance(at, config(), { identify: () => undefined }).instance;
    expect(holdInstance(at, config(), { identify: () => undefined }).instance).not.toBe(first);
  });

  it('is not made, and its configuration not judged, while Next builds', () => {
    vi.stubEnv('NEXT_PHASE', 'phase-production-build');
    const held = holdInstance(place(), { llm: { timeout: 'soon' } }, {});
    expect(() => held.instance).toThrow(NexusError);
  });

  it('is judged at once otherwise', () => {
    expect(() => holdInstance(place(), { llm: { timeout: 'soon' } }, {})).toThrow(NexusError);
  });
});
