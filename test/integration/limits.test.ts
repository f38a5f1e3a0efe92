import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { McpServer } from '@modelcontextprotocol/server';
import { createNexus, type NexusConfig, type NexusOptions, type RequestRecord } from 'nexus-ai';
import { type ListeningServer, listen } from 'nexus-ai/node';
import { createFakeProvider, type FakeProvider } from 'nexus-ai/testing';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bothVendors } from '../support/doors.ts';
import { serveModern } from '../support/mcp-http-servers.ts';
import { postModern } from '../support/mcp-post.ts';

const MINUTE = '60s';

let provider: FakeProvider;
let server: ListeningServer | undefined;
let records: RequestRecord[];

beforeAll(async () => {
  provider = await createFakeProvider();
});
beforeEach(() => {
  provider.reset();
  records = [];
});
afterEach(async () => {
  await server?.close({ drain: 0 });
  server = undefined;
});
afterAll(() => provider.close());

type Server = NonNullable<NexusConfig['server']>;
type RateLimits = NonNullable<Server['rateLimits']>;

/** Callers say who they are in `x-user` and `x-group`. */
const identify: NonNullable<NexusOptions['identify']> = (exchange) => {
  const id = exchange.header('x-user');
  return id === undefined ? undefined : { id, group: exchange.header('x-group') };
};

async function serve(
  rateLimits: RateLimits,
  more: NonNullable<NexusConfig['llm']> = {},
  options: Partial<NexusOptions> = { identify },
  other: Server = {},
) {
  const vendors = bothVendors(provider.url, more).llm;
  const google = { type: 'google', apiKey: 'k', baseUrl: `${provider.url}/v1beta` } as const;
  const [openai, anthropic] = [vendors?.providers?.['openai'], vendors?.providers?.['anthropic']];
  const providers = { openai: { type: 'openai', ...openai }, anthropic: { type: 'anthropic', ...anthropic }, google };
  for (const [name, given] of Object.entries(more.providers ?? {})) {
    const place = name as keyof typeof providers;
    Object.assign(providers[place], given, { type: providers[place].type });
  }
  const config: NexusConfig = { server: { ...other, rateLimits }, llm: { ...vendors, providers } };
  const instance = createNexus(config, { sinks: [(record) => records.push(record)], ...options });
  server = await listen(instance, { port: 0 });
  return server.url;
}

const perUser = (limit: number) => ({ perUser: { inputTokenLimit: limit, interval: MINUTE } });

const openaiAt = (url: string, options: { maxRetries?: number; user?: string } = {}) =>
  new OpenAI({
    apiKey: 'k',
    baseURL: `${url}/llm/v1`,
    maxRetries: options.maxRetries ?? 0,
    defaultHeaders: options.user === undefined ? {} : { 'x-user': options.user },
  });

const hello = (model = 'openai/gpt-5') => ({ model, messages: [{ role: 'user' as const, content: 'Hello' }] });

async function ask(url: string, headers: Record<string, string> = {}, body: object = hello()) {
  const response = await fetch(`${url}/llm/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

async function statuses(count: number, call: () => Promise<{ status: number }>): Promise<number[]> {
  const seen: number[] = [];
  for (let i = 0; i < count; i++) seen.push((await call()).status);
  return seen;
}

describe('requests', () => {
  const once: RateLimits = { enabled: true, global: { limit: 1, interval: MINUTE } };

  it("are refused in the caller's dialect, which the stock clients know", async () => {
    const url = await serve(once);
    await ask(url);
    const openai = openaiAt(url).chat.completions.create(hello());
    await expect(openai).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    await expect(openai).rejects.toMatchObject({
      status: 429,
      type: 'rate_limit_error',
      message: '429 Rate limit exceeded',
    });
    const anthropic = new Anthropic({ apiKey: 'k', baseURL: `${url}/llm`, maxRetries: 0 }).messages.create({
      ...hello('anthropic/claude'),
      max_tokens: 9,
    });
    await expect(anthropic).rejects.toBeInstanceOf(Anthropic.RateLimitError);
    await expect(anthropic).rejects.toMatchObject({
      error: { type: 'error', error: { type: 'rate_limit_error', message: 'Rate limit exceeded' } },
    });
    const google = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: `${url}/llm/google` } });
    await expect(google.models.generateContent({ model: 'google/gemini', contents: 'Hello' })).rejects.toMatchObject({
      status: 429,
      message: expect.stringContaining('RESOURCE_EXHAUSTED'),
    });
    const list = await fetch(`${url}/llm/v1/models`);
    expect([list.status, list.headers.get('x-nexus-error')]).toEqual([429, 'rate_limited']);
    expect(records.map(({ error }) => error)).toContain('rate_limited');
  });

  it('are not told about unless that is on', async () => {
    const url = await serve(once);
    await ask(url);
    const { status, headers } = await ask(url);
    expect([status, [...headers.keys()].filter((name) => /ratelimit|retry/.test(name))]).toEqual([429, []]);
  });

  it('are told about where that is on', async () => {
    const url = await serve({ ...once, headers: true });
    const first = await ask(url);
    expect(first.headers.get('x-ratelimit-limit-requests')).toBe('1');
    expect(first.headers.get('x-ratelimit-remaining-requests')).toBe('0');
    expect(first.headers.get('x-ratelimit-reset-requests')).toBe('60s');
    const { status, headers } = await ask(url);
    expect(status).toBe(429);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(50);
    expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect(headers.get('x-should-retry')).toBeNull();
  });

  it('health, OPTIONS and unknown paths use nothing', async () => {
    const url = await serve(once);
    for (const path of ['/health', '/llm/v1/nothing', '/elsewhere']) await (await fetch(url + path)).text();
    await (await fetch(`${url}/llm/v1/chat/completions`, { method: 'OPTIONS' })).text();
    await (await fetch(`${url}/llm/v1/chat/completions`)).text();
    expect(await statuses(2, () => ask(url))).toEqual([200, 429]);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  it('of all six at once, three pass of 3', async () => {
    const url = await serve({ enabled: true, global: { limit: 3, interval: '10s' } });
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask(url)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(provider.requests).toHaveLength(3);
  });

  it('of clients and their groups have limits of their own', async () => {
    const free = { limit: 1, interval: MINUTE };
    const url = await serve({ enabled: true, perClient: { limit: 2, interval: MINUTE, groups: { free } } });
    expect(await statuses(3, () => ask(url, { 'x-user': 'ann' }))).toEqual([200, 200, 429]);
    expect(await statuses(2, () => ask(url, { 'x-user': 'bob', 'x-group': 'free' }))).toEqual([200, 429]);
  });

  it('count by the address a proxy names, where it is believed', async () => {
    const perIp = { limit: 1, interval: MINUTE };
    const clientIp = { xForwardedForTrustedHops: 1 };
    const url = await serve({ enabled: true, perIp }, {}, {}, { clientIp });
    const from = (list: string) => async () => ask(url, { 'x-forwarded-for': list });
    expect(await statuses(2, from('198.51.100.1, 203.0.113.7, 10.0.0.1'))).toEqual([200, 429]);
    expect(await statuses(1, from('198.51.100.2, 203.0.113.7, 10.0.0.2'))).toEqual([429]);
    expect(await statuses(1, from('203.0.113.8, 10.0.0.1'))).toEqual([200]);
    // Too few entries, or nonsense: the socket's own address.
    expect(await statuses(1, from('10.0.0.1'))).toEqual([200]);
    expect(await statuses(1, from('nonsense, 10.0.0.1'))).toEqual([429]);
  });

  it('of callers who do not say who they are use nothing', async () => {
    const clientIdentification = { enabled: true, clientId: { httpHeader: 'x-user' } };
    const server = { clientIdentification, trustedProxies: ['127.0.0.0/8'] };
    const url = await serve(once, {}, {}, server);
    expect(await statuses(2, () => ask(url))).toEqual([400, 400]);
    expect(await statuses(2, () => ask(url, { 'x-user': 'ann' }))).toEqual([200, 429]);
    const unknown = await ask(url);
    expect([unknown.status, unknown.text]).toEqual([400, expect.stringContaining('missing_client_id')]);
  });

  it('are not limited while that is off', async () => {
    const url = await serve({ enabled: false, global: { limit: 1, interval: MINUTE } });
    expect(await statuses(3, () => ask(url))).toEqual([200, 200, 200]);
  });
});

describe('tokens of providers and models', () => {
  it('100 a minute, Hello: 12 pass; a second model and a second client have their own', async () => {
    const url = await serve({}, { providers: { openai: { type: 'openai', rateLimits: perUser(100) } } });
    const ann = openaiAt(url, { user: 'ann' });
    for (let i = 0; i < 12; i++) await ann.chat.completions.create(hello());
    await expect(ann.chat.completions.create(hello())).rejects.toMatchObject({
      status: 429,
      type: 'rate_limit_error',
      message: '429 Rate limit exceeded: Token rate limit exceeded. Please try again later.',
    });
    await ann.chat.completions.create(hello('openai/gpt-5-mini'));
    await openaiAt(url, { user: 'bob' }).chat.completions.create(hello());
  });

  it('12 of 20 at once', async () => {
    const url = await serve({}, { providers: { openai: { type: 'openai', rateLimits: perUser(100) } } });
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(url, { 'x-user': 'ann' })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(12);
  });

  it('are counted in all protocols, and a model named alone is the same model', async () => {
    const MODEL = 'openai/nexus-demo';
    const models = { 'nexus-demo': { rateLimits: perUser(34) } };
    const discovery = { enabled: true, interval: '1h' };
    const url = await serve({}, { discovery, providers: { openai: { type: 'openai', models } } });
    const openai = openaiAt(url, { user: 'ann' });
    await openai.chat.completions.create(hello(MODEL));
    await openai.chat.completions.create(hello('nexus-demo'));
    await openai.responses.create({ model: MODEL, input: 'Hello' });
    const anthropic = new Anthropic({
      apiKey: 'k',
      baseURL: `${url}/llm`,
      maxRetries: 0,
      defaultHeaders: { 'x-user': 'ann' },
    });
    await anthropic.messages.create({ ...hello(MODEL), max_tokens: 9 });
    const fifth = anthropic.messages.create({ ...hello(MODEL), max_tokens: 9 });
    await expect(fifth).rejects.toMatchObject({
      error: { error: { message: 'Token rate limit exceeded. Please try again later.' } },
    });
    const counted = anthropic.messages.countTokens(hello(MODEL));
    expect((await counted).input_tokens).toBeGreaterThan(0);
  });

  it('a request no waiting helps is not tried again', async () => {
    const url = await serve({}, { providers: { openai: { type: 'openai', rateLimits: perUser(7) } } });
    const begun = performance.now();
    await expect(openaiAt(url, { maxRetries: 5, user: 'a' }).chat.completions.create(hello())).rejects.toMatchObject({
      message: expect.stringMatching(
        /requires more tokens than the configured limit allows and cannot be fulfilled\.$/,
      ),
    });
    expect(performance.now() - begun).toBeLessThan(450);
    expect(records).toHaveLength(1);
    expect(provider.requests).toHaveLength(0);
  });

  it('are spent also where the provider fails, and by streams', async () => {
    const url = await serve({}, { providers: { openai: { type: 'openai', rateLimits: perUser(24) } } });
    provider.script([{ times: 1, reply: { error: { status: 400, message: 'no' } } }]);
    expect((await ask(url, { 'x-user': 'a' })).status).toBe(400);
    expect((await ask(url, { 'x-user': 'a' }, { ...hello(), stream: true })).status).toBe(200);
    expect(await statuses(2, () => ask(url, { 'x-user': 'a' }))).toEqual([200, 429]);
  });
});

describe('tokens of the targets of a route', () => {
  const broken = { error: { status: 500, message: 'broken' } };
  const route = (...targets: string[]) => ({ routes: { any: { targets, retry: { attempts: 1 } } } });
  const limited = { anthropic: { type: 'anthropic', rateLimits: perUser(8) } } as const;

  it('count at the target that answers, and a caller who has used them up goes past it', async () => {
    const targets = ['openai/first', 'anthropic/second', 'openai/third'];
    const url = await serve({}, { ...route(...targets), providers: limited });
    provider.script([{ match: { model: 'first' }, reply: broken }]);
    const answeredBy = async () =>
      (await ask(url, { 'x-user': 'a' }, hello('any'))).headers.get('x-nexus-routed-model');
    expect([await answeredBy(), await answeredBy()]).toEqual(['second', 'third']);
    expect(records.at(-1)?.attempts.map(({ model, failure, sent }) => [model, failure, sent])).toEqual([
      ['first', 'server', true],
      ['second', 'rate_limit', false],
      ['third', undefined, true],
    ]);
    expect((await ask(url, { 'x-user': 'b' }, hello('any'))).headers.get('x-nexus-routed-model')).toBe('second');
  });

  it('that nobody may use any more leave the first failure to be told', async () => {
    const url = await serve({}, { ...route('openai/first', 'anthropic/second'), providers: limited });
    provider.script([{ match: { model: 'first' }, reply: broken }]);
    expect(await statuses(2, () => ask(url, { 'x-user': 'a' }, hello('any')))).toEqual([200, 502]);
    expect(provider.requests.filter(({ path }) => path.endsWith('/messages'))).toHaveLength(1);
  });
});

describe('tokens by name', () => {
  const limited = (limit: number) => ({ tokenLimits: { team: { limit, interval: MINUTE } } });
  const remaining = ({ headers }: { headers: Headers }) => Number(headers.get('x-ratelimit-remaining-tokens'));
  const left = async (url: string) => {
    await new Promise((resolve) => setImmediate(resolve));
    return remaining(await ask(url, { 'x-user': 'a' }, { ...hello(), max_tokens: 1 }));
  };

  it('always tell, in the place of what the provider tells', async () => {
    provider.reply({ headers: { 'x-ratelimit-limit-tokens': '7', 'x-ratelimit-remaining-tokens': '5' } });
    const { headers } = await ask(await serve({}, limited(1000)), { 'x-user': 'a' });
    expect(headers.get('x-ratelimit-limit-tokens')).toBe('1000');
    expect(headers.get('x-ratelimit-reset-tokens')).toBe('60s');
    expect(Number(headers.get('x-ratelimit-remaining-tokens'))).toBeGreaterThan(900);
  });

  it.each<[string, boolean]>([
    ['whole answers', false],
    ['streams', true],
  ])('settle what %s have used', async (_, stream) => {
    const url = await serve({}, limited(10_000));
    provider.script([{ times: 1, reply: { usage: { input: 1000, output: 500 } } }]);
    const first = await ask(url, { 'x-user': 'a' }, { ...hello(), stream, max_tokens: 4000 });
    expect(remaining(first)).toBeLessThan(6000);
    const now = await left(url);
    expect(now).toBeLessThan(8500);
    expect(now).toBeGreaterThan(8450);
  });

  it('give back what a failure did not use', async () => {
    const url = await serve({}, limited(10_000));
    provider.script([{ times: 1, reply: { error: { status: 400, message: 'no' } } }]);
    expect((await ask(url, { 'x-user': 'a' }, { ...hello(), max_tokens: 9000 })).status).toBe(400);
    expect(await left(url)).toBeGreaterThan(9900);
  });

  it('keep what was received before the client left', async () => {
    const url = await serve({}, limited(10_000));
    provider.script([{ times: 1, reply: { text: 'word '.repeat(400), pace: 5, chunkSize: 50 } }]);
    const leaving = new AbortController();
    const response = await fetch(`${url}/llm/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-user': 'a' },
      body: JSON.stringify({ ...hello(), stream: true, max_tokens: 9000 }),
      signal: leaving.signal,
    });
    const reader = response.body?.getReader();
    await reader?.read();
    leaving.abort();
    while (records.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const used = (records[0]?.usage?.input ?? 0) + (records[0]?.usage?.output ?? 0);
    expect(used).toBeGreaterThan(0);
    const now = await left(url);
    expect(now).toBeLessThan(10_000 - used);
    expect(now).toBeGreaterThan(10_000 - used - 50);
  });

  it('hold for embeddings too', async () => {
    const url = await serve({}, limited(20));
    const client = openaiAt(url, { user: 'a', maxRetries: 3 });
    const embed = client.embeddings.create({ model: 'openai/e', input: 'one two three '.repeat(20) });
    await expect(embed).rejects.toMatchObject({ status: 429, message: expect.stringContaining('cannot be fulfilled') });
    expect(provider.requests).toHaveLength(0);
  });
});

describe('MCP servers', () => {
  it('limit execution, tool by tool, and nothing of search and lists', async () => {
    const calls: string[] = [];
    await using upstream = await serveModern(() => {
      const mcp = new McpServer({ name: 'files', version: '1' });
      for (const name of ['read', 'write', 'slow']) {
        mcp.registerTool(name, { description: name }, () => {
          calls.push(name);
          return { content: [{ type: 'text', text: name }] };
        });
      }
      return mcp;
    });
    const tools = { slow: { limit: 1, interval: MINUTE } };
    const instance = createNexus({
      server: { rateLimits: { enabled: true } },
      mcp: {
        servers: { files: { url: `${upstream.origin}/mcp`, rateLimits: { limit: 2, interval: MINUTE, tools } } },
      },
    });
    server = await listen(instance, { port: 0 });
    const url = `${server.url}/mcp`;
    const execute = async (name: string) => {
      const { status, body } = await postModern(url, 'tools/call', {
        name: 'execute',
        arguments: { name: `files__${name}`, arguments: {} },
      });
      return [status, body.error?.code ?? 'ok'];
    };
    expect(await execute('read')).toEqual([200, 'ok']);
    for (let i = 0; i < 3; i++) {
      const search = { name: 'search', arguments: { keywords: ['read'] } };
      expect((await postModern(url, 'tools/call', search)).body.error).toBeUndefined();
      expect((await postModern(url, 'tools/list')).body.error).toBeUndefined();
    }
    expect(await execute('write')).toEqual([200, 'ok']);
    expect(await execute('read')).toEqual([200, -32000]);
    expect([await execute('slow'), await execute('slow')]).toEqual([
      [200, 'ok'],
      [200, -32000],
    ]);
    const refused = await postModern(`${url}/files`, 'tools/call', { name: 'read', arguments: {} });
    expect(refused.body.error).toMatchObject({ code: -32000, message: 'Rate limit exceeded' });
    expect(refused.body.error?.data).toMatchObject({ retryAfter: expect.any(Number) });
    await expect(instance.mcp.execute('files__read', {})).rejects.toMatchObject({ code: 'rate_limited', status: 429 });
    expect(calls).toEqual(['read', 'write', 'slow']);
  });
});
