// Processes with the same Redis tell each other which targets rest. Two instances stand for two processes: they share
// nothing but what the server tells them.
import { createNexus, type Nexus, type NexusConfig } from 'nexus-ai';
import { createFakeProvider, type FakeProvider } from 'nexus-ai/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { noRedis, startRedis, type TestRedis } from '../support/redis.ts';

type Breaker = NonNullable<NonNullable<NonNullable<NexusConfig['llm']>['routes']>[string]['breaker']>;

describe.skipIf(noRedis !== undefined)('rests that are shared through Redis', () => {
  let redis: TestRedis;
  let provider: FakeProvider;
  let warnings: string[] = [];
  let instances: Nexus[] = [];

  beforeAll(async () => {
    [redis, provider] = await Promise.all([startRedis(), createFakeProvider()]);
  });
  afterEach(async () => {
    await Promise.all(instances.map((nexus) => nexus.close()));
    instances = [];
    warnings = [];
    provider.reset();
    await redis.client.flushall();
  });
  afterAll(() => Promise.all([redis.close(), provider.close()]));

  function configOf(breaker: Breaker, url: string): NexusConfig {
    const account = { type: 'openai' as const, apiKey: 'k', baseUrl: `${provider.url}/v1` };
    return {
      server: { rateLimits: { storage: { type: 'redis', url } } },
      llm: {
        discovery: { enabled: false },
        retry: { attempts: 1 },
        providers: { p: account, q: account },
        routes: { r: { targets: ['p/a', 'q/b'], breaker } },
      },
    };
  }

  async function open(breaker: Breaker = {}, url = redis.url): Promise<Nexus> {
    const logger = {
      debug: () => undefined,
      info: () => undefined,
      warn: (message: string) => warnings.push(message),
      error: (message: string) => warnings.push(message),
    };
    const nexus = createNexus(configOf(breaker, url), { logger });
    instances.push(nexus);
    await nexus.ready();
    return nexus;
  }

  const request = () => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'r', messages: [{ role: 'user', content: 'hi' }] }),
  });
  const ask = (nexus: Nexus) => nexus.fetch('http://n/llm/v1/chat/completions', request());
  const statesIn = async (nexus: Nexus): Promise<Record<string, string>> => {
    const { targets } = await nexus.explain('http://n/llm/v1/chat/completions', request());
    return Object.fromEntries(targets.map(({ target, state }) => [target, state]));
  };
  /** Until the other knows, or far longer than it may take. */
  const soon = (assertion: () => Promise<void>) => vi.waitFor(assertion, { timeout: 5000, interval: 20 });
  const limited = { error: { status: 429, message: 'not now', retryAfter: 30 } };

  it('keeps a second process from a target that has limited the first', async () => {
    const [one, other] = [await open(), await open()];
    provider.script([{ match: { model: 'a' }, times: 1, reply: limited }]);
    const begun = performance.now();
    expect((await ask(one)).headers.get('x-nexus-attempts')).toBe('2');
    await soon(async () => expect(await statesIn(other)).toEqual({ 'p/a': 'resting', 'q/b': 'healthy' }));
    // It looks twice a second; the rest is the machine's.
    expect(performance.now() - begun).toBeLessThan(3000);
    const answer = await ask(other);
    expect(answer.headers.get('x-nexus-routed-model')).toBe('b');
    expect(answer.headers.get('x-nexus-attempts')).toBe('1');
  });

  it('tells one that starts later what rests already, and for how long', async () => {
    const one = await open();
    provider.script([{ match: { model: 'a' }, times: 1, reply: limited }]);
    await ask(one);
    const other = await open();
    await soon(async () => expect((await statesIn(other))['p/a']).toBe('resting'));
    const [[name, row] = []] = Object.entries(await redis.client.hgetall('nexus:rate_limit:rests'));
    expect(name).toBe('p\na\n');
    const left = Number(row?.split(' ')[0]) - Number((await redis.client.time())[0]) * 1000;
    expect(left).toBeGreaterThan(20_000);
    expect(left).toBeLessThan(31_000);
    expect(await redis.client.pttl('nexus:rate_limit:rests')).toBeGreaterThan(20_000);
  });

  it('opens the same breaker in the other, which then tries for itself', async () => {
    const breaker = { failures: 1, cooldown: '700ms' };
    const [one, other] = [await open(breaker), await open(breaker)];
    provider.script([{ match: { model: 'a' }, times: 1, reply: { error: { status: 503, message: 'no' } } }]);
    await ask(one);
    await soon(async () => expect((await statesIn(other))['p/a']).toBe('open'));
    await soon(async () => expect((await statesIn(other))['p/a']).toBe('half_open'));
    expect((await ask(other)).headers.get('x-nexus-routed-model')).toBe('a');
    expect((await statesIn(other))['p/a']).toBe('healthy');
  });

  it('leaves a target alone that got well before its time', async () => {
    const breaker = { failures: 1, cooldown: '60s' };
    const [one, other] = [await open(breaker), await open(breaker)];
    const error = { error: { status: 503, message: 'no' } };
    provider.script([{ times: 2, reply: error }]);
    expect((await ask(one)).status).toBe(502);
    await soon(async () => expect(await statesIn(other)).toEqual({ 'p/a': 'open', 'q/b': 'open' }));
    // All are open, so the first is asked, and answers.
    expect((await ask(other)).headers.get('x-nexus-routed-model')).toBe('a');
    provider.script([{ match: { model: 'none' }, reply: error }]);
    // Several looks at the board later, what it says of the first is old news.
    const looked = await looks();
    await soon(async () => expect(await looks()).toBeGreaterThan(looked + 6));
    expect(await statesIn(other)).toEqual({ 'p/a': 'healthy', 'q/b': 'open' });
  });

  it('does without Redis: each knows what it has seen, and nothing waits', async () => {
    const [one, other] = [await open({}, 'redis://127.0.0.1:1'), await open({}, 'redis://127.0.0.1:1')];
    provider.script([{ match: { model: 'a' }, times: 1, reply: limited }]);
    const begun = performance.now();
    expect((await ask(one)).headers.get('x-nexus-attempts')).toBe('2');
    expect((await ask(one)).headers.get('x-nexus-attempts')).toBe('1');
    expect(performance.now() - begun).toBeLessThan(2000);
    expect((await statesIn(one))['p/a']).toBe('resting');
    expect((await statesIn(other))['p/a']).toBe('healthy');
    expect(warnings).toContain('Redis is away; each process rests its own targets');
    expect(one.status().storeErrors.rests).toBeGreaterThan(0);
  });

  it('shares again when Redis has come back', async () => {
    const [one, other] = [await open(), await open()];
    await redis.kill();
    await soon(async () => expect(told('Redis is away; each process rests its own targets')).toBe(2));
    await redis.start();
    await soon(async () => expect(told('Redis is back; rests are shared again')).toBe(2));
    provider.script([{ match: { model: 'a' }, times: 1, reply: limited }]);
    await ask(one);
    await soon(async () => expect((await statesIn(other))['p/a']).toBe('resting'));
  });

  it('goes on telling and hearing after a reload, which keeps what is known', async () => {
    const [one, other] = [await open(), await open()];
    const changed = configOf({ failures: 7 }, redis.url);
    await Promise.all([one.reload(changed), other.reload(changed)]);
    provider.script([{ match: { model: 'a' }, times: 1, reply: limited }]);
    await ask(one);
    await soon(async () => expect((await statesIn(other))['p/a']).toBe('resting'));
    await other.reload(configOf({ failures: 8 }, redis.url));
    expect((await statesIn(other))['p/a']).toBe('resting');
  });

  it('takes no harm from what it cannot read, nor from targets it does not have', async () => {
    const key = 'nexus:rate_limit:rests';
    const later = Date.now() + 60_000;
    await redis.client.hset(key, { x: 'nonsense', 'z\nz\n': `${later} them`, 'p\na\nno,such': `${later} them` });
    const one = await open();
    await redis.client.hset(key, 'q\nb\n', `${later} them`);
    await soon(async () => expect(await statesIn(one)).toEqual({ 'p/a': 'healthy', 'q/b': 'resting' }));
    expect(await redis.client.hexists(key, 'x')).toBe(0);
    expect(warnings).toEqual([]);
  });

  const told = (message: string): number => warnings.filter((warning) => warning === message).length;

  /** How many scripts the server has run. */
  async function looks(): Promise<number> {
    const stats = await redis.client.info('commandstats');
    return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
  }
});
