import { utimes } from 'node:fs/promises';
import { createNexus, type NexusConfig, NexusError, type NexusOptions, type RequestRecord } from 'nexus-ai';
import { listen } from 'nexus-ai/node';
import { describe, expect, it } from 'vitest';
import { bothVendors } from '../support/doors.ts';
import { openFileProvider } from '../support/file-provider.ts';
import { Folder } from '../support/test-console.ts';

const { provider, closers } = await openFileProvider();

function open(more: Partial<NexusConfig> = {}, options: NexusOptions = {}) {
  const nexus = createNexus({ ...bothVendors(provider.url), ...more }, options);
  closers.push(() => nexus.close());
  const chat = (model: string) =>
    nexus
      .fetch('http://nexus/llm/v1/chat/completions', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] }),
      })
      .then((response) => response.text());
  return { nexus, chat };
}

const breaker = { failures: 1, cooldown: '1m' };

describe('nexus.status()', () => {
  it('says what there is before anything has happened, and starts nothing', () => {
    const { nexus } = open({ mcp: { servers: { files: { cmd: ['no-such-program'] } } } }, { tools: { add: TOOL } });
    expect(nexus.status()).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      uptimeSeconds: 0,
      generation: 1,
      state: 'starting',
      llm: {
        inFlight: 0,
        providers: [
          { name: 'openai', type: 'openai', models: [], discovery: { state: 'off', models: 0, error: undefined } },
          {
            name: 'anthropic',
            type: 'anthropic',
            models: [],
            discovery: { state: 'off', models: 0, error: undefined },
          },
        ],
        routes: [],
        targets: [],
        prices: [],
      },
      mcp: {
        inFlight: 0,
        servers: [
          { name: 'files', state: 'idle' },
          { name: 'local', state: 'idle' },
        ],
      },
      limits: undefined,
      storeErrors: { limits: 0, rests: 0 },
      records: { queued: 0, dropped: 0, failed: 0, sinks: [] },
      exporters: [],
    });
    expect(provider.requests).toHaveLength(0);
  });

  it('shows targets that rest, discovery, servers, refusals and sinks that fail', async () => {
    const { llm } = bothVendors(provider.url);
    const routes = { fast: { targets: ['openai/a', 'anthropic/b'], breaker } };
    const rateLimits = { enabled: true, global: { limit: 2, interval: '1h' } };
    const sinks = [() => Promise.reject(new Error('no')), () => undefined];
    const { nexus, chat } = open(
      { llm: { ...llm, discovery: { enabled: true }, routes }, server: { rateLimits } },
      { sinks, tools: { add: TOOL }, logger: SILENT },
    );
    provider.script([{ match: { model: 'a' }, reply: { error: { status: 500, message: 'no' } } }]);
    await nexus.ready();
    for (let i = 0; i < 3; i++) await chat('fast');
    await nexus.mcp.listTools();
    await expect.poll(() => nexus.status().llm.providers[0]?.discovery.state).toBe('listed');
    await expect.poll(() => nexus.status().records.failed).toBe(4);
    const status = nexus.status();
    expect(status.state).toBe('ready');
    expect(status.llm.routes).toEqual(['fast']);
    expect(status.llm.targets).toEqual([
      { provider: 'openai', model: 'a', state: 'cooling', inFlight: 0, latencyMs: { whole: expect.any(Number) } },
      { provider: 'anthropic', model: 'b', state: 'up', inFlight: 0, latencyMs: { whole: expect.any(Number) } },
    ]);
    expect(status.mcp.servers).toEqual([{ name: 'local', state: 'ready', tools: 1 }]);
    expect(status.limits).toMatchObject({ storage: 'memory', state: 'ready', refused: { global: 1, ip: 0 } });
    expect(status.records.sinks).toEqual([
      { name: 'sinks[0]', failures: 4 },
      { name: 'sinks[1]', failures: 0 },
    ]);
    expect(JSON.parse(JSON.stringify(status))).toEqual(JSON.parse(JSON.stringify(nexus.status())));
  });

  it('says how old prices are: of the file that is configured, and of the list that comes with the package', async () => {
    const folder = new Folder();
    closers.push(async () => folder.remove());
    const file = folder.file(JSON.stringify({ mine: { litellm_provider: 'openai', input_cost_per_token: 1e-6 } }));
    await utimes(file, 0, Date.parse('2026-01-10T23:00:00Z') / 1000);
    const { llm } = bothVendors(provider.url);
    const telemetry = { prometheus: { enabled: true, public: true } };
    const now = () => Date.parse('2030-01-10T01:00:00Z');
    const { nexus } = open({ llm: { ...llm, prices: { file } }, telemetry }, { runtime: { now } });
    expect(nexus.status().llm.prices).toEqual([]);
    await nexus.ready();
    const [own, shipped] = nexus.status().llm.prices;
    expect(own).toEqual({ source: 'file', asOf: '2026-01-10', ageDays: 1461 });
    expect(shipped).toEqual({ source: 'shipped', asOf: expect.stringMatching(/^20/), ageDays: expect.any(Number) });
    const text = await (await nexus.fetch('http://nexus/metrics')).text();
    expect(text).toContain('nexus_price_file_age_days{source="file"} 1461\n');
  });

  it('says which configuration holds, and that it is over', async () => {
    const { nexus } = open();
    await nexus.reload({ ...bothVendors(provider.url) });
    expect(nexus.status().generation).toBe(2);
    await nexus.close();
    expect(nexus.status().state).toBe('draining');
  });
});

describe('the status endpoint', () => {
  it('serves the same, to whoever has the token', async () => {
    const { nexus } = open({ telemetry: { status: { enabled: true, token: 'look' } } });
    const server = await listen(nexus, { port: 0 });
    closers.push(() => server.close({ drain: 0 }));
    expect((await fetch(`${server.url}/status`)).status).toBe(401);
    const response = await fetch(`${server.url}/status`, { headers: { authorization: 'Bearer look' } });
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toMatchObject({ generation: 1, llm: { providers: [{ name: 'openai' }, {}] } });
  });

  it('is not there unless it is switched on', () => {
    expect(open({ telemetry: { status: {} } }).nexus.owns('/status')).toBe(false);
  });
});

describe('nexus.on(request)', () => {
  it('tells of settled requests until it is ended, and of nothing before', async () => {
    const { nexus, chat } = open();
    const seen: Readonly<RequestRecord>[] = [];
    await chat('openai/gpt-5');
    const stop = nexus.on('request', (record) => seen.push(record));
    await chat('openai/gpt-5');
    await expect.poll(() => seen.length).toBe(1);
    expect(seen[0]).toMatchObject({ provider: 'openai', model: 'gpt-5', status: 200 });
    expect(seen[0]?.cost?.nanoUsd).toBeGreaterThan(0);
    stop();
    await chat('openai/gpt-5');
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toHaveLength(1);
    expect(nexus.status().records.sinks).toEqual([]);
  });

  it('survives listeners that throw or reject, reports each once and goes on through a reload', async () => {
    const errors: unknown[] = [];
    const logger = { ...SILENT, error: (_: string, fields?: object) => errors.push(fields) };
    const { nexus, chat } = open({}, { logger });
    const seen: string[] = [];
    nexus.on('request', () => {
      throw new Error('now');
    });
    nexus.on('request', async () => {
      throw new Error('later');
    });
    nexus.on('request', ({ id }) => seen.push(id));
    await chat('openai/gpt-5');
    await nexus.reload({ ...bothVendors(provider.url) });
    await chat('openai/gpt-5');
    await expect.poll(() => seen.length).toBe(2);
    await nexus.close();
    expect(errors).toEqual([
      { sink: "on('request')", error: new Error('now') },
      { sink: "on('request')", error: new Error('later') },
    ]);
    expect(nexus.status().records.failed).toBe(4);
  });

  it('refuses events there are none of', () => {
    const { nexus } = open();
    const misspelt = () => nexus.on('requests' as 'request', () => {});
    expect(misspelt).toThrow(NexusError);
    expect(misspelt).toThrow("There is no event 'requests'; there is 'request'");
  });
});

const TOOL = { description: 'Adds', run: () => 3 };
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
