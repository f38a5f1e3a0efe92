import { createNexus, type NexusConfig, type RequestRecord } from 'nexus-ai';
import { type ListeningServer, listen } from 'nexus-ai/node';
import { createFakeProvider, type FakeProvider, type FakeReply } from 'nexus-ai/testing';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readStream } from '../support/dialects.ts';

type Llm = NonNullable<NexusConfig['llm']>;
type Routes = NonNullable<Llm['routes']>;

const FIRST = 'first first first first first first first first';
const SECOND = 'second second second second second second second';

let first: FakeProvider;
let second: FakeProvider;
let servers: ListeningServer[] = [];
let records: RequestRecord[] = [];

beforeAll(async () => {
  first = await createFakeProvider();
  second = await createFakeProvider();
});
beforeEach(() => {
  records = [];
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close({ drain: 0 })));
  servers = [];
  first.reset();
  second.reset();
});
afterAll(() => Promise.all([first.close(), second.close()]));

/** Nexus with two providers, and their texts where a test gives no rules of its own. */
async function open(routes: Routes, more: Partial<Llm> = {}) {
  const nexus = createNexus(
    {
      llm: {
        discovery: { enabled: false },
        retry: { attempts: 1 },
        ...more,
        providers: {
          first: { type: 'openai', apiKey: 'sk-first', baseUrl: `${first.url}/v1` },
          second: { type: 'openai', apiKey: 'sk-second', baseUrl: `${second.url}/v1` },
          ...more.providers,
        },
        routes,
      },
    },
    { sinks: [(record) => records.push(record)] },
  );
  const server = await listen(nexus, { port: 0 });
  servers.push(server);
  return { url: server.url, nexus };
}

const both: Routes = { pair: { targets: ['first/a', 'second/b'], breaker: { failures: 1000, minRequests: 100_000 } } };

function ask(url: string, body: object, options: { signal?: AbortSignal; headers?: Record<string, string> } = {}) {
  return fetch(`${url}/llm/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...options.headers },
    body: JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }], ...body }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

const error = (status: number, more: object = {}): FakeReply => ({ error: { status, message: 'not now', ...more } });
const sentTo = (provider: FakeProvider): number => provider.bill.requests;
const lastRecord = async (): Promise<RequestRecord | undefined> => {
  await new Promise((resolve) => setImmediate(resolve));
  return records.at(-1);
};

describe('a route', () => {
  it('answers the stock client under both of its names, says who answered, and keeps its own name in the answer', async () => {
    const { url } = await open(both);
    first.script([{ reply: error(503) }]);
    const client = new OpenAI({ apiKey: 'k', baseURL: `${url}/llm/v1`, maxRetries: 0 });
    for (const model of ['pair', 'route:pair']) {
      const { data, response } = await client.chat.completions
        .create({ model, messages: [{ role: 'user', content: 'Hi' }] })
        .withResponse();
      expect(data.model).toBe(model);
      const told = ['provider', 'model'].map((name) => response.headers.get(`x-nexus-routed-${name}`));
      expect(told).toEqual(['second', 'b']);
      expect(response.headers.get('x-nexus-route')).toBe('pair');
      expect(response.headers.get('x-nexus-attempts')).toBe('2');
    }
    expect(await lastRecord()).toMatchObject({
      route: 'pair',
      provider: 'second',
      model: 'b',
      attempts: [
        { provider: 'first', model: 'a', status: 503, failure: 'server', sent: true },
        { provider: 'second', model: 'b', status: 200, failure: undefined, sent: true },
      ],
    });
  });

  it('is no header of a target that the client names itself', async () => {
    const { url } = await open(both);
    const { headers } = await ask(url, { model: 'first/a' });
    expect([...headers.keys()].filter((name) => /^x-nexus-(route|attempts)/.test(name))).toEqual([]);
  });

  it('goes before a model of the same name, and is missed in its own words', async () => {
    const { url } = await open({ 'gpt-4o': { targets: ['second/b'] } });
    expect((await ask(url, { model: 'gpt-4o' })).headers.get('x-nexus-routed-provider')).toBe('second');
    const missing = await ask(url, { model: 'route:nobody' });
    expect([missing.status, await missing.text()]).toEqual([
      404,
      expect.stringContaining("There is no route 'nobody'"),
    ]);
  });

  it.each<[string, FakeReply, number]>([
    ['400 that is the request’s fault', error(400), 1],
    ['422', error(422), 1],
    ['400 for its length', error(400, { code: 'context_length_exceeded' }), 2],
    ['401 for our key', error(401), 2],
    ['404 for the model', error(404, { code: 'model_not_found' }), 2],
    ['429 for the account', error(429, { code: 'insufficient_quota' }), 2],
    ['429', error(429), 2],
    ['500', error(500), 2],
    ['529', error(529), 2],
  ])('after a %s', async (_, reply, attempts) => {
    const { url } = await open(both);
    first.script([{ reply }]);
    const response = await ask(url, { model: 'pair' });
    expect(response.headers.get('x-nexus-attempts')).toBe(String(attempts));
    expect(sentTo(first) + sentTo(second)).toBe(attempts);
    expect(response.status).toBe(attempts === 2 ? 200 : reply.error?.status);
  });

  it.each<[string, FakeReply, FakeReply, number, string]>([
    ['limited', error(429, { retryAfter: 40 }), error(429, { retryAfter: 20 }), 429, 'upstream_rate_limited'],
    ['different', error(429), error(500), 502, 'upstream_unavailable'],
    [
      'refused for its length first',
      error(400, { code: 'context_length_exceeded' }),
      error(500),
      400,
      'upstream_rejected',
    ],
    ['the wrong keys', error(401), error(401), 502, 'upstream_auth'],
  ])('tells what came of it when all targets fail: %s', async (_, one, other, status, code) => {
    const { url } = await open(both);
    first.script([{ reply: one }]);
    second.script([{ reply: other }]);
    const response = await ask(url, { model: 'pair' });
    expect([response.status, response.headers.get('x-nexus-error')]).toEqual([status, code]);
    expect(response.headers.get('x-nexus-attempts')).toBe('2');
    if (status === 429) expect(response.headers.get('retry-after')).toBe('20');
  });

  it('leaves a limited target alone for as long as it asked', async () => {
    const { url } = await open(both);
    first.script([{ reply: error(429, { retryAfter: 30 }) }]);
    for (let i = 0; i < 5; i++) expect((await ask(url, { model: 'pair' })).status).toBe(200);
    expect([sentTo(first), sentTo(second)]).toEqual([1, 5]);
  });

  it('opens the breaker of a target that keeps failing, and still asks when there is nobody else', async () => {
    const { url } = await open({ pair: { targets: ['first/a', 'second/b'] }, alone: { targets: ['first/a'] } });
    first.script([{ reply: error(500) }]);
    for (let i = 0; i < 20; i++) expect((await ask(url, { model: 'pair' })).status).toBe(200);
    expect(sentTo(first)).toBe(5);
    expect((await ask(url, { model: 'alone' })).status).toBe(500);
    expect(sentTo(first)).toBe(6);
  });

  it('nests, drains, and tries its fallback last', async () => {
    const { url } = await open({
      outer: { targets: [{ model: 'second/drained', weight: 0 }, 'route:inner'], fallback: ['second/last'] },
      inner: { targets: ['first/a', 'first/b'] },
    });
    first.script([{ reply: error(500) }]);
    const response = await ask(url, { model: 'outer' });
    expect(response.headers.get('x-nexus-routed-model')).toBe('last');
    expect((await lastRecord())?.attempts.map(({ model }) => model)).toEqual(['a', 'b', 'last']);
  });

  it('keeps the arm of an ab test for a user, also when it fails', async () => {
    const { url } = await open({ test: { strategy: 'ab', targets: ['first/a', 'second/b'] } });
    const variants = new Map<string, Set<string | null>>();
    for (let i = 0; i < 24; i++) {
      const user = `user-${i % 8}`;
      const { headers } = await ask(url, { model: 'test', user });
      variants.set(user, (variants.get(user) ?? new Set()).add(headers.get('x-nexus-variant')));
    }
    expect([...variants.values()].every(({ size }) => size === 1)).toBe(true);
    expect(new Set([...variants.values()].flatMap((arms) => [...arms]))).toEqual(
      new Set(['test/first/a', 'test/second/b']),
    );
    first.script([{ reply: error(500) }]);
    second.script([{ reply: error(500) }]);
    await ask(url, { model: 'test', user: 'user-1' });
    expect((await lastRecord())?.attempts).toHaveLength(1);
  });

  it('takes the branch whose condition holds', async () => {
    const { url } = await open({
      smart: {
        strategy: 'conditional',
        default: 'first/small',
        branches: [
          { when: { 'request.has_tools': true, 'headers.x-team': { in: ['ops'] } }, use: 'second/tools' },
          { when: { any: [{ 'request.max_tokens': { gt: 500 } }, { 'metadata.tier': 'gold' }] }, use: 'second/big' },
        ],
      },
    });
    const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }];
    const modelFor = async (body: object, headers: Record<string, string> = {}) =>
      (await ask(url, { model: 'smart', ...body }, { headers })).headers.get('x-nexus-routed-model');
    expect(await modelFor({})).toBe('small');
    expect(await modelFor({ tools })).toBe('small');
    expect(await modelFor({ tools }, { 'x-team': 'ops' })).toBe('tools');
    expect(await modelFor({ max_tokens: 501 })).toBe('big');
    expect(await modelFor({ metadata: { tier: 'gold' } })).toBe('big');
  });

  it('leaves out what a model is known not to be able to do, and says so when nobody is left', async () => {
    const providers: NonNullable<Llm['providers']> = {
      first: {
        type: 'openai',
        apiKey: 'k',
        baseUrl: `${first.url}/v1`,
        models: { plain: { capabilities: [], contextWindow: 50 }, able: { capabilities: ['tools'] } },
      },
    };
    const routes = { pair: { targets: ['first/plain', 'first/able'] }, plain: { targets: ['first/plain'] } };
    const { url } = await open(routes, { providers });
    const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }];
    expect((await ask(url, { model: 'pair' })).headers.get('x-nexus-routed-model')).toBe('plain');
    expect((await ask(url, { model: 'pair', tools })).headers.get('x-nexus-routed-model')).toBe('able');
    const long = [{ role: 'user', content: 'many words of a long question '.repeat(40) }];
    expect((await ask(url, { model: 'pair', messages: long })).headers.get('x-nexus-routed-model')).toBe('able');
    const refused = await ask(url, { model: 'plain', tools });
    expect([refused.status, refused.headers.get('x-nexus-error')]).toEqual([400, 'no_capable_target']);
    expect(await refused.text()).toContain('first/plain lacks tools');
  });

  it('prefers what costs least, and never what has no price', async () => {
    const providers: NonNullable<Llm['providers']> = {
      first: {
        type: 'openai',
        apiKey: 'k',
        baseUrl: `${first.url}/v1`,
        models: {
          dear: { price: { input: 10, output: 30 } },
          cheap: { price: { input: 1, output: 2 } },
          unpriced: {},
        },
      },
    };
    const routes: Routes = {
      thrifty: { strategy: 'cost', targets: ['first/unpriced', 'first/dear', 'first/cheap'] },
      bounded: { targets: ['first/dear', 'first/cheap', 'first/unpriced'], maxOutputPrice: 5 },
    };
    const { url, nexus } = await open(routes, { providers });
    expect((await ask(url, { model: 'thrifty' })).headers.get('x-nexus-routed-model')).toBe('cheap');
    expect(await lastRecord()).toMatchObject({ cost: { source: 'config' }, modelAlias: 'cheap' });
    const { targets } = await nexus.explain('http://nexus/llm/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'bounded', messages: [{ role: 'user', content: 'Hi' }] }),
    });
    expect(targets.map(({ target, position }) => [target, position])).toEqual([
      ['first/cheap', 1],
      ['first/dear', undefined],
      ['first/unpriced', undefined],
    ]);
  });
});

describe('calling again', () => {
  it('tries the same target twice by default, with nothing left over from the first try', async () => {
    const { url } = await open({}, { retry: { backoffInitial: '1ms' } });
    first.reply({ text: FIRST, fault: 'error-first-event' });
    const response = await ask(url, { model: 'first/a', stream: true });
    expect(readStream('chat', await response.text())).toMatchObject({ ended: true, failures: 0 });
    expect(sentTo(first)).toBe(2);
    expect((await lastRecord())?.attempts.map(({ failure }) => failure)).toEqual(['server', undefined]);
  });

  it.each<[string, FakeReply]>([
    ['seconds', error(429, { retryAfter: 0 })],
    ['milliseconds', { ...error(429), headers: { 'retry-after-ms': '5' } }],
    ['a date in the past', error(429, { retryAfter: 'Sat, 01 Jan 2022 00:00:00 GMT' })],
  ])('waits as long as the provider asks: %s', async (_, reply) => {
    const { url } = await open({}, { retry: { backoffInitial: '5s' } });
    first.reply(reply);
    expect((await ask(url, { model: 'first/a' })).status).toBe(200);
    expect(sentTo(first)).toBe(2);
  });

  it('does not wait longer than it may, and hands the wait on', async () => {
    const { url } = await open({}, { retry: { maxRetryAfter: '1s' } });
    first.script([{ reply: error(429, { retryAfter: 7 }) }]);
    const response = await ask(url, { model: 'first/a' });
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '7']);
    expect(sentTo(first)).toBe(1);
  });

  it.each([400, 401, 404, 413])('never repeats a request that was refused with %i', async (status) => {
    const { url } = await open({}, { retry: { backoffInitial: '1ms', attempts: 5 } });
    first.script([{ reply: error(status) }]);
    await (await ask(url, { model: 'first/a' })).text();
    expect(sentTo(first)).toBe(1);
  });

  it('goes to another key of the provider when one is limited or refused', async () => {
    const apiKeys = ['sk-one', 'sk-two'];
    const providers = { first: { type: 'openai' as const, apiKeys, baseUrl: `${first.url}/v1` } };
    const { url } = await open({}, { providers });
    first.reply(error(429, { retryAfter: 30 }));
    for (let i = 0; i < 4; i++) expect((await ask(url, { model: 'first/a' })).status).toBe(200);
    const keys = first.requests.map(({ headers }) => headers.authorization);
    expect(keys).toEqual(['Bearer sk-one', ...Array.from({ length: 4 }, () => 'Bearer sk-two')]);
    expect(records[0]?.attempts.map(({ key }) => key)).toEqual([0, 1]);
  });

  it('spends no more than its budget when everything fails', async () => {
    const { url } = await open({}, { retry: { backoffInitial: '1ms' } });
    first.script([{ reply: error(500) }]);
    for (let i = 0; i < 60; i++) await (await ask(url, { model: 'first/a' })).text();
    // Ten to begin with, and a fifth of sixty.
    expect(sentTo(first)).toBeLessThanOrEqual(60 + 10 + 12);
    expect(sentTo(first)).toBeGreaterThan(60 + 10);
  });

  it('stops when the client leaves while it waits', async () => {
    const { url, nexus } = await open(
      { pair: { ...both['pair'], targets: ['first/a'] } },
      { retry: { backoffInitial: '150ms', jitter: 0 } },
    );
    first.script([{ reply: error(500) }]);
    const leaving = new AbortController();
    const asked = ask(url, { model: 'pair' }, { signal: leaving.signal });
    await first.waitFor(({ bill }) => bill.requests === 1);
    await new Promise((resolve) => setTimeout(resolve, 60));
    leaving.abort();
    await expect(asked).rejects.toThrow();
    // Twice as long as the wait that was cut short.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(sentTo(first)).toBe(1);
    expect(await lastRecord()).toMatchObject({ status: 499, error: 'client_closed' });
    expect(await inFlight(nexus, 'pair')).toEqual([0]);
  });
});

async function inFlight(nexus: Awaited<ReturnType<typeof open>>['nexus'], model: string): Promise<number[]> {
  const { targets } = await nexus.explain('http://nexus/llm/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi' }] }),
  });
  return targets.map((target) => target.inFlight);
}

describe('a stream whose content is late', () => {
  const slow: Routes = { pair: { targets: ['first/a', 'second/b'], firstByteTimeout: '400ms', timeout: '5s' } };

  it('sends signs of life and may still go to another target', async () => {
    const { url } = await open(slow, { keepaliveAfter: '100ms' });
    first.script([{ reply: { fault: 'headers-then-hang' } }]);
    second.script([{ reply: { text: SECOND } }]);
    const response = await ask(url, { model: 'pair', stream: true });
    const text = await response.text();
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(text.startsWith(': keep-alive\n\n')).toBe(true);
    expect(readStream('chat', text)).toMatchObject({ said: SECOND, ended: true, failures: 0 });
    expect(await lastRecord()).toMatchObject({ status: 200, provider: 'second', error: undefined });
  });

  it('fails inside the stream, without a terminator, when nobody is left', async () => {
    const { url, nexus } = await open(slow, { keepaliveAfter: '100ms' });
    first.script([{ reply: { fault: 'hang' } }]);
    second.script([{ reply: { fault: 'hang' } }]);
    const response = await ask(url, { model: 'pair', stream: true });
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text).not.toContain('[DONE]');
    expect(readStream('chat', text)).toMatchObject({ said: '', ended: false, failedLast: true });
    expect(await lastRecord()).toMatchObject({ status: 200, error: 'upstream_timeout' });
    expect(await inFlight(nexus, 'pair')).toEqual([0, 0]);
  });

  it('lets go of the provider when its client leaves', async () => {
    const { url, nexus } = await open({ pair: { targets: ['first/a', 'second/b'] } }, { keepaliveAfter: '50ms' });
    first.script([{ reply: { fault: 'hang' } }]);
    const leaving = new AbortController();
    const response = await ask(url, { model: 'pair', stream: true }, { signal: leaving.signal });
    leaving.abort();
    await expect(response.text()).rejects.toThrow();
    await first.waitFor(({ bill }) => bill.aborted === 1);
    expect(sentTo(second)).toBe(0);
    expect(await inFlight(nexus, 'pair')).toEqual([0, 0]);
    expect(await lastRecord()).toMatchObject({ error: 'client_closed' });
  });
});

describe('X-Nexus-Explain', () => {
  const routes: Routes = {
    split: {
      strategy: 'weighted',
      targets: [
        { model: 'first/a', weight: 3 },
        { model: 'second/b', weight: 1 },
      ],
    },
  };

  it('answers where a request would go and calls nobody, where that is allowed', async () => {
    const { url } = await open(routes, { explain: true });
    const response = await ask(url, { model: 'split' }, { headers: { 'x-nexus-explain': 'true' } });
    const { route, strategy, targets } = JSON.parse(await response.text());
    expect({ route, strategy }).toEqual({ route: 'split', strategy: 'weighted' });
    const shares = targets.map((one: { target: string; probability: number }) => [one.target, one.probability]);
    expect(new Map(shares)).toEqual(
      new Map([
        ['first/a', 0.75],
        ['second/b', 0.25],
      ]),
    );
    expect(sentTo(first) + sentTo(second)).toBe(0);
  });

  it('is nothing special where it is not', async () => {
    const { url } = await open(routes);
    const response = await ask(url, { model: 'split' }, { headers: { 'x-nexus-explain': 'true' } });
    expect(JSON.parse(await response.text()).choices).toHaveLength(1);
  });
});

it('1,000 streams, 30 % of them meeting a fault: no client sees one, no text is mixed, and every attempt is on the bill', async () => {
  const { url } = await open({
    pair: {
      targets: ['first/a', 'second/b'],
      firstByteTimeout: '3s',
      breaker: { failures: 1000, minRequests: 100_000 },
    },
  });
  const FAULTS: FakeReply[] = [
    { fault: 'reset' },
    { fault: 'close' },
    { fault: 'error-first-event' },
    { fault: 'empty' },
    { fault: 'html' },
    { fault: 'stall', after: 0 },
    { fault: 'reset', after: 0 },
    error(500),
    error(503),
  ];
  const rules = Array.from({ length: 1000 }, (_, at) => {
    const fault = at % 10 < 3 ? FAULTS[Math.floor(at / 10) % FAULTS.length] : undefined;
    return { times: 1, reply: { text: FIRST, ...fault } };
  });
  first.script(rules);
  second.script([{ reply: { text: SECOND } }]);
  let begun = 0;
  let rescued = 0;
  const client = async (): Promise<void> => {
    while (begun < 1000) {
      begun++;
      const response = await ask(url, { model: 'pair', stream: true });
      const { said, ended, failures } = readStream('chat', await response.text());
      if (said === SECOND) rescued++;
      expect([FIRST, SECOND]).toContain(said);
      expect({ status: response.status, ended, failures }).toEqual({ status: 200, ended: true, failures: 0 });
    }
  };
  await Promise.all(Array.from({ length: 40 }, client));
  await new Promise((resolve) => setImmediate(resolve));
  expect(rescued).toBe(300);
  const attempts = records.flatMap((record) => record.attempts).filter(({ sent }) => sent);
  expect(records).toHaveLength(1000);
  expect([attempts.length, sentTo(first), sentTo(second)]).toEqual([1300, 1000, 300]);
}, 60_000);
