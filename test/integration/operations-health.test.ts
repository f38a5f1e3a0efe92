// What those who watch over a process are told, and what faults of the application's own code come to.

import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import {
  createNexus,
  type Logger,
  type Nexus,
  type NexusConfig,
  type NexusOptions,
  type RequestRecord,
} from 'nexus-ai';
import { listen } from 'nexus-ai/node';
import { createFakeProvider, type FakeProvider } from 'nexus-ai/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bothVendors } from '../support/doors.ts';

let provider: FakeProvider;
const closers: (() => Promise<unknown>)[] = [];
const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);

beforeEach(async () => {
  provider = await createFakeProvider();
  process.on('unhandledRejection', note).on('uncaughtException', note);
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await provider.close();
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note).off('uncaughtException', note);
  expect(unhandled.splice(0)).toEqual([]);
});

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

function open(config: NexusConfig, options: NexusOptions = {}): Nexus {
  const instance = createNexus(config, { logger: silent, ...options });
  closers.push(() => instance.close());
  return instance;
}

async function health(instance: Nexus, path = '/health'): Promise<string> {
  const answer = await instance.fetch(`http://nexus${path}`);
  return `${answer.status} ${await answer.text()}`;
}

const READY = '200 {"status":"ready"}';

function ask(instance: Nexus, more: object = {}): Promise<Response> {
  return instance.fetch('http://nexus/llm/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'openai/x', messages: [{ role: 'user', content: 'hi' }], ...more }),
  });
}

describe('readiness', () => {
  it('is false until all is loaded, which asking begins', async () => {
    const instance = open(bothVendors(provider.url));
    expect(await health(instance)).toBe('200 {"status":"healthy"}');
    expect(await health(instance, '/health/ready')).toBe('503 {"status":"starting"}');
    await expect.poll(() => health(instance, '/health/ready')).toBe(READY);
  });

  it('is true at once after ready(), and has the place of health', async () => {
    const instance = open({ ...bothVendors(provider.url), server: { health: { path: '/' } } });
    await instance.ready();
    expect(await health(instance, '/ready')).toBe(READY);
    expect(await health(instance, '/')).toBe('200 {"status":"healthy"}');
    expect(await health(instance, '/anything')).toMatch(/^404/);
  });

  it('stays false while required discovery fails, and comes with it', async () => {
    provider.listModels({ error: { status: 500, message: 'no' } });
    const discovery = { enabled: true, required: true, interval: '1s' };
    const instance = open(bothVendors(provider.url, { discovery }));
    await expect(instance.ready()).rejects.toMatchObject({ code: 'upstream_unavailable' });
    expect(await health(instance, '/health/ready')).toBe('503 {"status":"starting"}');
    provider.listModels(['m']);
    await expect.poll(() => health(instance, '/health/ready'), { timeout: 10_000 }).toBe(READY);
  });

  it('does not ask whether providers are well: their absence is answered request by request', async () => {
    const instance = open(bothVendors('http://127.0.0.1:9'));
    await instance.ready();
    expect((await ask(instance)).status).toBe(502);
    expect(await health(instance, '/health/ready')).toBe(READY);
  });

  it('is false while every request would be refused for want of its counters', async () => {
    const storage = { type: 'redis', url: `redis://127.0.0.1:${await freePort()}`, connectionTimeout: '50ms' } as const;
    const limited = (onError: 'deny' | 'memory'): NexusConfig => ({
      ...bothVendors(provider.url),
      server: { rateLimits: { enabled: true, storage, onError, global: { limit: 5, interval: '1m' } } },
    });
    const strict = open(limited('deny'));
    await strict.ready();
    expect((await ask(strict)).status).toBe(503);
    expect(await health(strict, '/health/ready')).toBe('503 {"status":"limits_away"}');
    expect(await health(strict)).toBe('200 {"status":"healthy","limits":"away"}');
    const lenient = open(limited('memory'));
    await lenient.ready();
    expect((await ask(lenient)).status).toBe(200);
    expect(await health(lenient, '/health/ready')).toBe(READY);
  });

  it('is false, and so is health, from the moment it drains; other requests are refused with the connection', async () => {
    const instance = open(bothVendors(provider.url));
    await instance.ready();
    provider.reply({ text: 'slow and steady', chunkSize: 3, pace: 30 });
    const stream = await ask(instance, { stream: true });
    const closing = instance.close({ drain: 10_000 });
    expect(await health(instance)).toBe('503 {"status":"draining"}');
    expect(await health(instance, '/health/ready')).toBe('503 {"status":"draining"}');
    const refused = await ask(instance);
    expect([refused.status, refused.headers.get('connection')]).toEqual([503, 'close']);
    expect(await stream.text()).toContain('[DONE]');
    await closing;
  });

  it('has the listener of its own, which stays open while the other drains', async () => {
    const instance = createNexus(bothVendors(provider.url), { logger: silent });
    const server = await listen(instance, { port: 0, health: { host: '127.0.0.1', port: 0, path: '/health' } });
    const healthUrl = String(server.healthUrl);
    const status = async (url: string) => (await fetch(url)).status;
    expect(await status(healthUrl)).toBe(200);
    expect(await status(`${healthUrl}/ready`)).toBe(200);
    expect(await status(`${server.url}/health/ready`)).toBe(404);
    expect(await status(healthUrl.replace('/health', '/llm/v1/models'))).toBe(404);
    provider.reply({ text: 'slow and steady', chunkSize: 3, pace: 50 });
    const stream = await fetch(`${server.url}/llm/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'openai/x', stream: true, messages: [{ role: 'user', content: 'hi' }] }),
    });
    const closing = server.close({ drain: 10_000 });
    expect(await status(`${healthUrl}/ready`)).toBe(503);
    await expect(fetch(`${server.url}/health`)).rejects.toThrow();
    expect(await stream.text()).toContain('[DONE]');
    await closing;
    await expect(fetch(healthUrl)).rejects.toThrow();
  });
});

describe('R-40: faults of the application’s own code', () => {
  const fault = (): never => {
    throw new Error('fault of the application: secret-detail');
  };
  const late = async (): Promise<never> => fault();

  it.each([
    ['throws', fault],
    ['rejects', late],
  ])('a logger that %s costs nobody anything', async (_how, log) => {
    const logger = { debug: log, info: log, warn: log, error: log } as unknown as Logger;
    const instance = open(bothVendors(provider.url), { logger, identify: fault, sinks: [fault] });
    const failed = await ask(instance);
    expect(failed.status).toBe(500);
    expect(await failed.text()).not.toContain('secret-detail');
    expect((await ask(open(bothVendors(provider.url), { logger, sinks: [fault] }))).status).toBe(200);
  });

  it.each([
    ['throws', fault],
    ['rejects', late],
    ['names nobody', () => ({ id: '' })],
    ['gives what is no identity', () => 'ann' as never],
    ['has a fault in its thenable', () => Object.fromEntries([['then', fault]]) as never],
  ])('an identify that %s is that request’s masked 500', async (_how, identify) => {
    const instance = open(bothVendors(provider.url), { identify });
    const answer = await ask(instance);
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toMatch(/secret-detail|identify/);
    expect(provider.requests).toHaveLength(0);
  });

  it.each([
    ['throws', fault],
    ['rejects', late as unknown as () => void],
  ])('a sink that %s loses only its own output', async (_how, broken) => {
    const seen: RequestRecord[] = [];
    const instance = open(bothVendors(provider.url), { sinks: [broken, (record) => seen.push(record)] });
    for (let call = 0; call < 3; call++) expect((await ask(instance)).status).toBe(200);
    await expect.poll(() => seen.length).toBe(3);
  });

  it('a fetch of its own that fails is a 502', async () => {
    for (const fetch of [fault, late, async () => ({}) as Response]) {
      expect((await ask(open(bothVendors(provider.url), { fetch }))).status).toBe(502);
    }
  });

  it('a tool that fails is a result, whatever it throws', async () => {
    const tools = Object.fromEntries(
      [fault, late, () => Promise.reject(undefined), () => ({ toJSON: fault })].map((run, index) => [
        `t${index}`,
        { description: 'fails', run: run as () => unknown },
      ]),
    );
    const instance = open({}, { tools });
    for (const name of Object.keys(tools)) {
      expect(await instance.mcp.execute(`local__${name}`)).toMatchObject({ isError: true });
    }
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
