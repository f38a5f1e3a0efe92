// A configuration that is replaced while it serves: who sees which, what lives on, what is refused.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { createNexus, type Nexus, type NexusConfig, NexusError, type NexusOptions } from 'nexus-ai';
import { type ListeningServer, listen } from 'nexus-ai/node';
import { createFakeProvider, type FakeProvider } from 'nexus-ai/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { oauthTable, openKeyServer, sign, signingKey } from '../support/key-server.ts';
import { openSession, postLegacy } from '../support/mcp-post.ts';

let provider: FakeProvider;
let nexus: Nexus;
let server: ListeningServer;
const closers: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  provider = await createFakeProvider();
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await provider.close();
});

type Llm = NonNullable<NexusConfig['llm']>;

function config(upstream: string, more: Omit<NexusConfig, 'llm'> = {}, llm: Partial<Llm> = {}): NexusConfig {
  return {
    ...more,
    llm: {
      discovery: { enabled: false },
      retry: { attempts: 1 },
      ...llm,
      providers: {
        openai: {
          type: 'openai',
          apiKey: 'k',
          baseUrl: `${provider.url}/v1`,
          models: { m: { upstream } },
        },
        ...llm.providers,
      },
    },
  };
}

async function serve(first: NexusConfig, options: NexusOptions = {}): Promise<void> {
  nexus = createNexus(first, options);
  server = await listen(nexus, { port: 0 });
  closers.push(() => server.close({ drain: 0 }));
}

function ask(model = 'openai/m', more: object = {}, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${server.url}/llm/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }], ...more }),
  });
}

const askedModels = () => provider.requests.map(({ body }) => (body as { model: string }).model);

describe('a reload', () => {
  it('is seen by new requests at once, and not by those under way', async () => {
    await serve(config('before'));
    provider.reply({ text: 'slow and steady', chunkSize: 3, pace: 30 });
    const stream = await ask('openai/m', { stream: true });
    await nexus.reload(config('after'));
    expect(nexus.generation).toBe(2);
    const answer = await ask();
    expect(answer.status).toBe(200);
    await answer.text();
    expect(askedModels()).toEqual(['before', 'after']);
    const text = await stream.text();
    expect(text).toContain('[DONE]');
    expect(text).not.toContain('error');
  });

  it('leaves a request to the configuration it began under, also while its body is on the way', async () => {
    await serve(config('before'));
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const send = (text: string) => writer.write(new TextEncoder().encode(text));
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: readable,
      duplex: 'half' as const,
    };
    const answer = nexus.fetch('http://nexus/llm/v1/chat/completions', init);
    await send('{"model":"openai/m",');
    await nexus.reload(config('after'), { drain: 10_000 });
    await send('"messages":[{"role":"user","content":"hi"}]}');
    await writer.close();
    expect((await answer).status).toBe(200);
    expect(askedModels()).toEqual(['before']);
  });

  it('is followed by everything that tells of a configuration', async () => {
    await serve(config('a'));
    const { fetch: early, mcp, wellKnown } = nexus;
    expect(nexus.owns('/v9/chat/completions')).toBe(false);
    expect(wellKnown.owns('/.well-known/oauth-protected-resource')).toBe(false);
    const tool = { type: 'openai', apiKey: 'k', baseUrl: `${provider.url}/v1`, models: { other: {} } } as const;
    const oauth = oauthTable({ url: 'http://127.0.0.1:9/jwks' });
    await nexus.reload(
      config('b', { server: { oauth } }, { protocols: { openai: { path: '/v9' } }, providers: { tool } }),
    );
    expect(nexus.models).toEqual(['openai/m', 'tool/other']);
    expect(nexus.owns('/v9/chat/completions')).toBe(true);
    expect(nexus.endpoints.flatMap(({ paths }) => paths)).toContain('/v9/v1/chat/completions');
    expect(wellKnown.owns('/.well-known/oauth-protected-resource')).toBe(true);
    expect((await early('http://nexus/v9/models')).status).toBe(401);
    expect(await mcp.listTools()).toEqual([]);
  });

  it('is refused where the configuration is wrong, with every problem, and changes nothing', async () => {
    await serve(config('before'));
    const wrong = { llm: { providers: { a: { type: 'opnai' }, b: { type: 'openai', apiKy: 'x' } } } };
    const refused = await nexus.reload(wrong as never).catch((error: unknown) => error);
    if (!NexusError.is(refused)) throw new Error('it was accepted');
    expect(refused.code).toBe('config_invalid');
    expect(refused.message).toContain('llm.providers.a.type');
    expect(refused.message).toContain('apiKey');
    await expect(nexus.reload({})).rejects.toMatchObject({ code: 'config_invalid' });
    expect(nexus.generation).toBe(1);
    await (await ask()).text();
    expect(askedModels()).toEqual(['before']);
  });

  it('is refused where discovery is required and fails', async () => {
    await serve(config('before'));
    provider.listModels({ error: { status: 500, message: 'no' } });
    const next = config('after', {}, { discovery: { required: true } });
    await expect(nexus.reload(next)).rejects.toMatchObject({ code: 'upstream_unavailable' });
    expect(nexus.generation).toBe(1);
    expect((await ask()).status).toBe(200);
    provider.listModels(['x']);
    await nexus.reload(next);
    expect(nexus.generation).toBe(2);
  });

  it('takes its turn, and a refused one stops no other', async () => {
    await serve(config('0'));
    const reloads = ['1', '2', '', '3'].map((name) => nexus.reload(name === '' ? {} : config(name)));
    const outcomes = await Promise.allSettled(reloads);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(nexus.generation).toBe(4);
    await (await ask()).text();
    expect(askedModels()).toEqual(['3']);
  });

  it('is refused after the end, and when the end comes meanwhile', async () => {
    await serve(config('0'));
    const late = nexus.reload(config('1'));
    const closed = nexus.close();
    await expect(late).rejects.toMatchObject({ code: 'shutting_down' });
    await closed;
    await expect(nexus.reload(config('2'))).rejects.toMatchObject({ code: 'shutting_down' });
    expect(nexus.generation).toBe(1);
    expect((await nexus.fetch('http://nexus/llm/v1/models')).status).toBe(503);
  });

  it('ends what has not ended in time, with an error of its dialect', async () => {
    await serve(config('before'));
    provider.reply({ text: 'far too slow', chunkSize: 1, pace: 400 });
    const stream = await ask('openai/m', { stream: true });
    await nexus.reload(config('after'), { drain: 50 });
    const text = await stream.text();
    expect(text).toContain('"error"');
    expect(text).not.toContain('[DONE]');
    await provider.waitFor(({ bill }) => bill.openStreams === 0);
    expect((await ask()).status).toBe(200);
  });

  it('is waited for by the end, with the requests of all configurations', async () => {
    await serve(config('before'));
    provider.reply({ text: 'slow and steady', chunkSize: 3, pace: 40 });
    const stream = await ask('openai/m', { stream: true });
    await nexus.reload(config('after'));
    const closing = server.close({ drain: 10_000 });
    expect(await stream.text()).toContain('[DONE]');
    await closing;
    expect(provider.bill.openConnections).toBe(0);
  });
});

describe('what a reload leaves alone', () => {
  it('keeps its connections', async () => {
    await serve(config('before'));
    await (await ask()).text();
    const { connections } = provider.bill;
    await nexus.reload(config('after'));
    await (await ask()).text();
    expect(provider.bill.connections).toBe(connections);
  });

  it('keeps counting, and begins anew where the limit is another', async () => {
    const limited = (limit: number, upstream: string) =>
      config(upstream, { server: { rateLimits: { enabled: true, global: { limit, interval: '1h' } } } });
    await serve(limited(2, 'a'));
    for (const status of [200, 200, 429]) expect((await ask()).status).toBe(status);
    await nexus.reload(limited(2, 'b'));
    expect((await ask()).status).toBe(429);
    await nexus.reload(limited(3, 'b'));
    for (const status of [200, 200, 200, 429]) expect((await ask()).status).toBe(status);
    expect(provider.requests).toHaveLength(5);
  });

  it('settles a reservation with the counter it was made at', async () => {
    const limited = (upstream: string) =>
      config(
        upstream,
        {},
        { tokenLimits: { all: { limit: 1000, interval: '1h', by: 'everyone', count: ['output'] } } },
      );
    await serve(limited('a'));
    provider.reply({ text: 'a word', chunkSize: 1, pace: 30, usage: { input: 1, output: 10 } });
    const stream = await ask('openai/m', { stream: true, max_tokens: 900 });
    await nexus.reload(limited('b'));
    expect((await ask('openai/m', { max_tokens: 900 })).status).toBe(429);
    await stream.text();
    await expect.poll(async () => (await ask('openai/m', { max_tokens: 900 })).status).toBe(200);
  });

  it('knows which targets rest, unless their key is another', async () => {
    const other = await createFakeProvider();
    closers.push(() => other.close());
    const routed = (timeout: string, key = 'k') =>
      config(
        'a',
        {},
        {
          timeout,
          providers: {
            first: { type: 'openai', apiKey: key, baseUrl: `${provider.url}/v1` },
            second: { type: 'openai', apiKey: 'k', baseUrl: `${other.url}/v1` },
          },
          routes: { r: { strategy: 'fallback', targets: ['first/x', 'second/x'] } },
        },
      );
    await serve(routed('5m'));
    provider.reply({ error: { status: 429, message: 'enough' }, headers: { 'retry-after': '60' } });
    expect((await ask('r')).status).toBe(200);
    expect([provider.requests.length, other.requests.length]).toEqual([1, 1]);
    await nexus.reload(routed('6m'));
    expect((await ask('r')).status).toBe(200);
    expect([provider.requests.length, other.requests.length]).toEqual([1, 2]);
    await nexus.reload(routed('6m', 'another'));
    expect((await ask('r')).status).toBe(200);
    expect([provider.requests.length, other.requests.length]).toEqual([2, 2]);
  });

  it('knows what models there are, while it asks again', async () => {
    const discovering = (upstream: string) => config(upstream, {}, { discovery: { enabled: true } });
    await serve(discovering('a'));
    expect((await ask('nexus-demo')).status).toBe(200);
    // Whoever asks now waits for as long as discovery takes.
    provider.listModels({ text: '', fault: 'hang' });
    await nexus.reload(discovering('b'));
    expect((await ask('nexus-demo')).status).toBe(200);
  });

  it('remembers tokens while the keys cannot be fetched, unless other tokens are asked for', async () => {
    const key = await signingKey();
    const keys = await openKeyServer([key.jwk]);
    closers.push(() => keys.close());
    const guarded = (upstream: string, more: object = {}) =>
      config(upstream, { server: { oauth: oauthTable(keys, more) } });
    await serve(guarded('a'), { logger: { debug() {}, info() {}, warn() {}, error() {} } });
    const authorization = `Bearer ${await sign(key)}`;
    expect((await ask('openai/m', {}, { authorization })).status).toBe(200);
    keys.state = 'off';
    await nexus.reload(guarded('b'));
    expect((await ask('openai/m', {}, { authorization })).status).toBe(200);
    await nexus.reload(guarded('b', { expectedAudience: 'somebody else' }));
    expect((await ask('openai/m', {}, { authorization })).status).toBe(500);
    keys.state = 'on';
  });

  it('keeps MCP sessions, and ends them where their servers change', async () => {
    const tools = { now: { description: 'Tells the time', run: () => 'noon' } };
    const withMcp = (upstream: string, name?: string) => config(upstream, name === undefined ? {} : { mcp: { name } });
    await serve(withMcp('a'), { tools });
    const url = `${server.url}/mcp`;
    const session = await openSession(url);
    const list = () => postLegacy(url, session, 'tools/list');
    expect((await list()).status).toBe(200);
    await nexus.reload(withMcp('b'));
    expect((await list()).status).toBe(200);
    await nexus.reload(withMcp('b', 'another'));
    expect((await list()).status).toBe(404);
    expect((await postLegacy(url, await openSession(url), 'tools/list')).status).toBe(200);
    expect(await nexus.mcp.execute('local__now')).toMatchObject({ content: [{ text: 'noon' }] });
  });

  it('hands over a server of the application that can have one connection only', async () => {
    const clock = new McpServer({ name: 'clock', version: '1' });
    clock.registerTool('now', { description: 'Tells the time' }, () => ({ content: [{ type: 'text', text: 'noon' }] }));
    await serve(config('a'), { mcpServers: { clock } });
    const now = () => nexus.mcp.execute('clock__now').then(({ content }) => content, String);
    expect(await now()).toEqual([{ type: 'text', text: 'noon' }]);
    await nexus.reload(config('a', { mcp: { name: 'another' } }));
    await expect.poll(now, { timeout: 5000 }).toEqual([{ type: 'text', text: 'noon' }]);
  });
});
