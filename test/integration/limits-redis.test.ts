// Limits that several processes share, and what becomes of them while Redis is away. The numbers are those promised.
import { fileURLToPath } from 'node:url';
import { createNexus, type Nexus, type NexusConfig } from 'nexus-ai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { leastUntil } from '../support/least.ts';
import { freePort, noRedis, startRedis, type TestRedis } from '../support/redis.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

type RateLimits = NonNullable<NonNullable<NexusConfig['server']>['rateLimits']>;

const PLENTY = { limit: 1_000_000, interval: '60s' };

let open: Nexus[] = [];
let warnings: string[] = [];

function gateway(port: number, rateLimits: RateLimits = {}): Nexus {
  const storage = { type: 'redis', url: `redis://127.0.0.1:${port}`, ...rateLimits.storage } as const;
  const warn = (message: string, fields?: object): void => void warnings.push(`${message} ${JSON.stringify(fields)}`);
  const instance = createNexus(
    {
      server: { rateLimits: { enabled: true, global: PLENTY, ...rateLimits, storage } },
      llm: { discovery: { enabled: false }, providers: { openai: { type: 'openai', apiKey: 'k' } } },
    },
    { logger: { debug() {}, info() {}, warn, error: warn } },
  );
  open.push(instance);
  return instance;
}

/** A gateway that limits tokens, in front of an upstream of this process. */
function tokenGateway(port: number, llm: NonNullable<NexusConfig['llm']> = {}): Nexus {
  const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
  const choices = [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Hi' } }];
  const answer = { id: 'c', object: 'chat.completion', created: 1, model: 'm', choices, usage };
  const rateLimits = { perUser: { inputTokenLimit: 100, interval: '60s' } };
  const openai = { type: 'openai', apiKey: 'k', ...(llm.tokenLimits === undefined && { rateLimits }) };
  const storage = { type: 'redis', url: `redis://127.0.0.1:${port}`, responseTimeout: '5s' } as const;
  const instance = createNexus(
    {
      server: { rateLimits: { onError: 'deny', storage } },
      llm: { discovery: { enabled: false }, ...llm, providers: { openai } },
    },
    {
      fetch: async () => Response.json(answer),
      identify: (exchange) => ({ id: exchange.header('x-user') ?? 'nobody' }),
    },
  );
  open.push(instance);
  return instance;
}

async function hello(instance: Nexus | undefined, headers: Record<string, string>, more: object = {}) {
  const body = JSON.stringify({ model: 'openai/m', messages: [{ role: 'user', content: 'Hello' }], ...more });
  const request = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body };
  const response = await instance?.fetch('http://nexus/llm/v1/chat/completions', request);
  if (response === undefined) throw new Error('there is no gateway');
  await response.text();
  return response;
}

interface Seen {
  readonly status: number;
  readonly ms: number;
}

async function ask(instance: Nexus): Promise<Seen> {
  const begun = performance.now();
  const response = await instance.fetch('http://nexus/llm/v1/models');
  await response.text();
  return { status: response.status, ms: performance.now() - begun };
}

/** Calls for a while, one every few milliseconds, each on its own. */
async function askFor(milliseconds: number, instance: Nexus): Promise<Seen[]> {
  const until = performance.now() + milliseconds;
  const calls: Promise<Seen>[] = [];
  while (performance.now() < until) {
    calls.push(ask(instance));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return Promise.all(calls);
}

function percentile(share: number, seen: readonly Seen[]): number {
  const sorted = seen.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

const statusesOf = (seen: readonly Seen[]) => [...new Set(seen.map(({ status }) => status))].sort();

async function isAway(instance: Nexus): Promise<boolean> {
  const response = await instance.fetch('http://nexus/health');
  expect(response.status).toBe(200);
  return (await response.text()) === '{"status":"healthy","limits":"away"}';
}

/** Milliseconds until Redis has seen another request, while requests come. */
async function healing(instance: Nexus, redis: TestRedis): Promise<number> {
  const begun = performance.now();
  const count = async () => (await redis.client.keys('nexus:rate_limit:*')).length;
  await redis.client.flushall();
  while ((await count()) === 0) {
    if (performance.now() - begun > 10_000) throw new Error('Redis is not used again');
    await ask(instance);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return performance.now() - begun;
}

const pem = (name: string): string => fileURLToPath(new URL(`../fixtures/mcp/tls/${name}.pem`, import.meta.url));

const BURST = { limit: 5, interval: '60s' };
const burst = async (instance: Nexus, calls: number) => {
  const seen: number[] = [];
  for (let i = 0; i < calls; i++) seen.push((await ask(instance)).status);
  return seen;
};

describe.skipIf(noRedis !== undefined)('with Redis', () => {
  let redis: TestRedis;
  let proxy: TcpProxy;

  beforeAll(async () => {
    redis = await startRedis();
    proxy = await startTcpProxy(redis.port);
  });
  beforeEach(async () => {
    proxy.weather = 'fine';
    warnings = [];
    await redis.client.flushall();
  });
  afterEach(async () => {
    await Promise.all(open.map((instance) => instance.close()));
    open = [];
  });
  afterAll(async () => {
    await proxy.close();
    await redis.close();
  });

  it('two instances share a limit, others with another prefix do not, and a restart of theirs changes nothing', async () => {
    const [first, second] = [gateway(redis.port, { global: BURST }), gateway(redis.port, { global: BURST })];
    expect([await burst(first, 3), await burst(second, 3)]).toEqual([
      [200, 200, 200],
      [200, 200, 429],
    ]);
    const other = gateway(redis.port, { global: BURST, storage: { keyPrefix: 'other:' } });
    expect(await burst(other, 1)).toEqual([200]);
    await first.close();
    expect(await burst(gateway(redis.port, { global: BURST }), 1)).toEqual([429]);
    expect(await redis.client.keys('*')).toEqual(
      expect.arrayContaining(['nexus:rate_limit:global:5/60000', 'other:global:5/60000']),
    );
    expect(warnings).toEqual([]);
  });

  it('R-27: tokens of one caller over two instances: no call more than the limit holds', async () => {
    const instances = [tokenGateway(redis.port), tokenGateway(redis.port)];
    const calls = Array.from({ length: 80 }, (_, i) => hello(instances[i % 2], { 'x-user': 'ann' }));
    const statuses = (await Promise.all(calls)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(12);
    expect(statuses.filter((status) => status === 429)).toHaveLength(68);
    expect(await redis.client.keys('*token:*')).toEqual(['nexus:rate_limit:token:ann:default:openai:m:100/60000']);
  });

  it('tokens are settled in Redis, for all instances', async () => {
    const limits = { tokenLimits: { team: { limit: 1000, interval: '60s', by: 'everyone' } } } as const;
    const [first, second] = [tokenGateway(redis.port, limits), tokenGateway(redis.port, limits)];
    const answer = await hello(first, {}, { max_tokens: 900 });
    expect(Number(answer.headers.get('x-ratelimit-remaining-tokens'))).toBeLessThan(100);
    // The upstream said 3 and 4; what the second call reserves is its prompt alone.
    let left = 0;
    for (let calls = 0; left < 900 && calls < 50; calls++) {
      left = Number((await hello(second, {})).headers.get('x-ratelimit-remaining-tokens'));
    }
    expect(left).toBeGreaterThan(900);
  });

  it('R-23: not there at the start: ready at once, policy, health, and back by itself', async () => {
    const port = await freePort();
    const begun = performance.now();
    const [memory, allow, deny] = (['memory', 'allow', 'deny'] as const).map((onError) =>
      gateway(port, { onError, global: BURST, headers: true }),
    ) as [Nexus, Nexus, Nexus];
    await Promise.all(open.map((instance) => instance.ready()));
    expect(performance.now() - begun).toBeLessThan(2000);
    expect(await burst(memory, 7)).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect(await burst(allow, 7)).toEqual([200, 200, 200, 200, 200, 200, 200]);
    expect(await burst(deny, 2)).toEqual([503, 503]);
    const refused = await deny.fetch('http://nexus/llm/v1/models');
    expect(refused.headers.get('x-nexus-error')).toBe('store_unavailable');
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.json()).toMatchObject({
      error: { code: 503, message: expect.stringContaining('Rate limits') },
    });
    expect(await Promise.all(open.map((instance) => isAway(instance)))).toEqual([true, true, true]);
    expect(warnings.filter((line) => line.startsWith('Redis is away'))).toHaveLength(3);
    expect(warnings.join()).not.toContain('redis://');

    const late = await startTcpProxy(redis.port, port);
    try {
      expect(await healing(deny, redis)).toBeLessThan(5000);
      expect(await isAway(deny)).toBe(false);
    } finally {
      await late.close();
    }
  });

  it('R-24: dies and comes back in mid-run', async () => {
    const instance = gateway(redis.port);
    await askFor(300, instance);
    await redis.kill();
    const slowest = await leastUntil(50, async () => {
      const without = await askFor(1500, instance);
      expect(statusesOf(without)).toEqual([200]);
      return percentile(0.99, without);
    });
    expect(slowest).toBeLessThanOrEqual(50);
    expect(await isAway(instance)).toBe(true);
    const { storeErrors } = instance.status();
    expect([storeErrors.limits > 0, storeErrors.rests]).toEqual([true, 0]);
    await redis.start();
    expect(await healing(instance, redis)).toBeLessThan(5000);
    console.log(`R-24: p99 ${slowest.toFixed(1)} ms while Redis is dead`);
  });

  it.each(['slow', 'silent', 'refused'] as const)('R-25: %s', async (weather) => {
    const instance = gateway(proxy.port);
    await askFor(300, instance);
    proxy.weather = weather;
    const slowest = await leastUntil(150, async () => {
      const under = await askFor(2500, instance);
      expect(statusesOf(under)).toEqual([200]);
      return percentile(0.99, under);
    });
    expect(slowest).toBeLessThanOrEqual(150);
    expect(await isAway(instance)).toBe(true);
    proxy.weather = 'fine';
    const healed = await healing(instance, redis);
    expect(healed).toBeLessThan(5000);
    console.log(`R-25 ${weather}: p99 ${slowest.toFixed(1)} ms; healed in ${healed.toFixed(0)} ms`);
  });

  it('counts on from what it was admitted when Redis goes', async () => {
    const instance = gateway(proxy.port, { global: BURST });
    expect(await burst(instance, 3)).toEqual([200, 200, 200]);
    proxy.weather = 'refused';
    expect(await burst(instance, 3)).toEqual([200, 200, 429]);
  });

  it('R-26: scripts flushed: nobody notices', async () => {
    const instance = gateway(redis.port, { global: BURST, onError: 'deny' });
    expect(await burst(instance, 2)).toEqual([200, 200]);
    await redis.client.script('FLUSH');
    expect(await burst(instance, 4)).toEqual([200, 200, 200, 429]);
    expect(warnings).toEqual([]);
  });

  it('R-26: a server that has become a replica, and then is none', async () => {
    const instance = gateway(redis.port);
    await ask(instance);
    await redis.client.replicaof('127.0.0.1', String(await freePort()));
    try {
      const under = await askFor(600, instance);
      expect(statusesOf(under)).toEqual([200]);
      // Each time it connects again to what is still a replica, it stays away, and says so once.
      expect(await isAway(instance)).toBe(true);
      expect(warnings).toHaveLength(1);
    } finally {
      // The tests after this one write.
      await redis.client.replicaof('NO', 'ONE');
    }
    expect(await healing(instance, redis)).toBeLessThan(3000);
  });

  it('wrong passwords and wrong certificates are an away Redis, and told without a secret', async () => {
    await redis.client.config('SET', 'requirepass', 'correct');
    const url = `redis://:hunter2@127.0.0.1:${redis.port}`;
    const denied = gateway(redis.port, { global: BURST, storage: { url } });
    try {
      expect(await burst(denied, 6)).toEqual([200, 200, 200, 200, 200, 429]);
      expect(await isAway(denied)).toBe(true);
    } finally {
      await redis.client.config('SET', 'requirepass', '');
    }
    expect(warnings.join('\n')).toContain('WRONGPASS');
    const tls = { caCertPath: '/nowhere/ca.pem' };
    const unread = gateway(redis.port, { global: BURST, storage: { tls } });
    expect(await burst(unread, 6)).toEqual([200, 200, 200, 200, 200, 429]);
    expect(warnings.join('\n')).toContain('ENOENT');
    expect(warnings.join('\n')).not.toContain('hunter2');
  });

  it('speaks TLS: both sides show a certificate, and an authority nobody knows is refused', async () => {
    const tlsPort = await freePort();
    const files = { caCertPath: pem('ca'), clientCertPath: pem('client'), clientKeyPath: pem('client-key') };
    const secured = await startRedis([
      ...['--tls-port', String(tlsPort), '--tls-ca-cert-file', pem('ca')],
      ...['--tls-cert-file', pem('server'), '--tls-key-file', pem('server-key'), '--tls-auth-clients', 'yes'],
    ]);
    try {
      const url = `rediss://localhost:${tlsPort}`;
      const storage = { url, responseTimeout: '5s' };
      const trusted = gateway(tlsPort, { global: BURST, onError: 'deny', storage: { ...storage, tls: files } });
      expect(await burst(trusted, 6)).toEqual([200, 200, 200, 200, 200, 429]);
      const careless = { ...files, caCertPath: undefined, insecure: true };
      const sharing = gateway(tlsPort, { global: BURST, onError: 'deny', storage: { ...storage, tls: careless } });
      expect(await burst(sharing, 1)).toEqual([429]);
      const suspicious = gateway(tlsPort, { global: BURST, onError: 'deny', storage });
      expect(await burst(suspicious, 1)).toEqual([503]);
      expect(warnings.join('\n')).toMatch(/certificate/);
    } finally {
      await Promise.all(open.map((instance) => instance.close()));
      await secured.close();
    }
  });

  it('close leaves no connection', async () => {
    const connections = async () => {
      const list = String(await redis.client.client('LIST'));
      return list.trim().split('\n').length;
    };
    const before = await connections();
    const instance = gateway(redis.port);
    await instance.ready();
    expect(await connections()).toBe(before + 1);
    await instance.close();
    while ((await connections()) !== before) await new Promise((resolve) => setImmediate(resolve));
  });
});
