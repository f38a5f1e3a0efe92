// Calls from the application's own code: no socket, and a caller at the application's word.
import express, { type Request as ExpressRequest } from 'express';
import { createNexus, type Nexus, type NexusOptions, type RequestRecord } from 'nexus-ai';
import { nexus as mount } from 'nexus-ai/express';
import { createFakeProvider, type FakeProvider } from 'nexus-ai/testing';
import { NotFoundError, RateLimitError } from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

let provider: FakeProvider;
let opened: Nexus[] = [];

beforeAll(async () => {
  provider = await createFakeProvider();
});

beforeEach(() => provider.reset());

afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(opened.map((instance) => instance.close()));
  opened = [];
});

afterAll(() => provider.close());

type Config = Parameters<typeof createNexus>[0];

function open(more: Omit<Config, 'llm'> = {}, options: NexusOptions = {}) {
  const records: RequestRecord[] = [];
  const instance = createNexus(
    {
      llm: {
        providers: { openai: { type: 'openai', apiKey: 'sk-ours', baseUrl: `${provider.url}/v1` } },
        routes: { smart: { strategy: 'fallback', targets: ['openai/gpt-5'] } },
      },
      ...more,
    },
    { sinks: [(record) => void records.push(record)], ...options },
  );
  opened.push(instance);
  return { instance, records };
}

const HELLO = [{ role: 'user' as const, content: 'Hello' }];

describe('nexus.openai()', () => {
  it('is a client that works: answers, streams, lists of models', async () => {
    const { instance } = open();
    const client = await instance.openai();
    provider.reply({ text: 'Hi there' });
    const answer = await client.chat.completions.create({ model: 'smart', messages: HELLO });
    expect(answer.choices[0]?.message.content).toBe('Hi there');

    provider.reply({ text: 'One two three' });
    let text = '';
    const stream = await client.chat.completions.create({ model: 'openai/gpt-5', messages: HELLO, stream: true });
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe('One two three');

    const ids: string[] = [];
    for await (const model of client.models.list()) ids.push(model.id);
    expect(ids).toContain('nexus-demo');
  });

  it('tells the provider nothing of an account that the environment speaks of', async () => {
    vi.stubEnv('OPENAI_API_KEY', 'sk-environment');
    vi.stubEnv('OPENAI_ORG_ID', 'org-environment');
    vi.stubEnv('OPENAI_BASE_URL', 'http://127.0.0.1:9/elsewhere');
    const client = await open().instance.openai();
    await client.chat.completions.create({ model: 'openai/gpt-5', messages: HELLO });
    expect(provider.requests[0]?.headers).toMatchObject({ authorization: 'Bearer sk-ours' });
    expect(JSON.stringify(provider.requests[0]?.headers)).not.toContain('environment');
  });

  it('raises the classes of the client, and leaves trying again to the router', async () => {
    const { instance } = open();
    const client = await instance.openai();
    await expect(client.chat.completions.create({ model: 'nowhere/x', messages: HELLO })).rejects.toBeInstanceOf(
      NotFoundError,
    );
    expect(client.maxRetries).toBe(0);
    expect((await instance.openai({ maxRetries: 3, timeout: 1000 })).maxRetries).toBe(3);
  });

  it('follows the path that is configured, and says so where the protocol is off', async () => {
    const providers = { openai: { type: 'openai' as const, apiKey: 'k', baseUrl: `${provider.url}/v1` } };
    const moved = createNexus({ llm: { providers, protocols: { openai: { path: '/elsewhere' } } } });
    const off = createNexus({ llm: { providers, protocols: { openai: { enabled: false } } } });
    opened.push(moved, off);
    const client = await moved.openai();
    expect((await client.chat.completions.create({ model: 'openai/m', messages: HELLO })).object).toBe(
      'chat.completion',
    );
    await expect(off.openai()).rejects.toMatchObject({ code: 'no_route' });
  });
});

describe('nexus.as(identity)', () => {
  const tools = {
    whoami: {
      run: (_args: unknown, { principal }: { principal: unknown }) => ({ principal }),
    },
  };
  const ann = { id: 'ann', group: 'blue', claims: { plan: 'pro' } };

  it('is that caller in records and tools, by HTTP and in process, without any identification configured', async () => {
    const { instance, records } = open({ mcp: { tools: 'all' } }, { tools });
    const asAnn = instance.as(ann);
    const client = await asAnn.openai();
    await client.chat.completions.create({ model: 'smart', messages: HELLO });
    await vi.waitFor(() => expect(records[0]).toMatchObject({ clientId: 'ann', clientGroup: 'blue', status: 200 }));

    const expected = { structuredContent: { principal: { id: 'ann', group: 'blue', claims: { plan: 'pro' } } } };
    expect(await asAnn.mcp.execute('local__whoami')).toMatchObject(expected);
    const response = await asAnn.fetch('http://nexus/mcp', {
      method: 'POST',
      headers: {
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'tools/call',
        'mcp-name': 'local__whoami',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: {
          name: 'local__whoami',
          arguments: {},
          _meta: {
            'io.modelcontextprotocol/protocolVersion': '2026-07-28',
            'io.modelcontextprotocol/clientCapabilities': {},
          },
        },
      }),
    });
    expect(await response.text()).toContain('"id":"ann"');
  });

  it('is counted by its own limits, which others do not feel', async () => {
    const { instance } = open(
      { server: { rateLimits: { enabled: true, perClient: { limit: 1, interval: '1m' } } } },
      { identify: () => undefined },
    );
    const ask = async (id: string) =>
      (await instance.as({ id }).openai()).chat.completions.create({ model: 'smart', messages: HELLO });
    await ask('ann');
    await expect(ask('ann')).rejects.toBeInstanceOf(RateLimitError);
    await ask('bob');
  });

  it('sees the tools its group may use', async () => {
    const { instance } = open(
      { mcp: { servers: { secret: { url: `${provider.url}/nothing`, allow: ['red'], startTimeout: '100ms' } } } },
      { tools, identify: () => undefined },
    );
    await expect(instance.as(ann).mcp.execute('secret__x')).rejects.toMatchObject({ code: 'tool_not_found' });
    const names = (await instance.as(ann).mcp.listTools()).map(({ name }) => name);
    expect(names).toEqual(['local__whoami']);
  });

  it('needs no token where others do', async () => {
    const { instance } = open({
      server: {
        oauth: {
          url: `${provider.url}/jwks`,
          protectedResource: { resource: 'https://x.test', authorizationServers: ['https://y.test'] },
        },
      },
    });
    const path = 'http://nexus/llm/v1/models';
    expect((await instance.fetch(path)).status).toBe(401);
    expect((await instance.as(ann).fetch(path)).status).toBe(200);
  });

  it.each([
    ['no id', {}],
    ['an empty id', { id: '' }],
    ['an id that is no text', { id: 7 }],
  ])('refuses %s at once', (_what, identity) => {
    const { instance } = open();
    expect(() => instance.as(identity as { id: string })).toThrow(TypeError);
  });

  it('cannot be had from outside, by whatever header', async () => {
    const { instance, records } = open();
    const app = express().use(mount(instance));
    const server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const principal = JSON.stringify({ id: 'ann', group: 'admins' });
    await fetch(`http://127.0.0.1:${port}/llm/v1/models?principal=${encodeURIComponent(principal)}`, {
      headers: {
        principal,
        'x-nexus-principal': principal,
        'x-principal': principal,
        host: principal.length.toString(),
      },
    }).then((response) => response.arrayBuffer());
    await vi.waitFor(() => expect(records[0]).toMatchObject({ status: 200 }));
    expect(records[0]?.clientId).toBeUndefined();
    server.close();
    server.closeAllConnections();
  });
});

describe('nexus.as({ from })', () => {
  interface Named {
    readonly user?: { readonly id: string };
  }
  const identify: NexusOptions['identify'] = (_exchange, raw) => (raw as Named).user;
  const tools = {
    whoami: { run: (_: unknown, { principal }: { principal: { id: string } | undefined }) => principal?.id },
  };

  it('is whom identify finds in the request that the host is serving', async () => {
    const { instance, records } = open({}, { identify, tools });
    const app = express();
    app.get('/ask', async (request: ExpressRequest, response) => {
      Object.assign(request, { user: { id: request.query['user'] } });
      const caller = instance.as({ from: request });
      const client = await caller.openai();
      const answer = await client.chat.completions.create({ model: 'smart', messages: HELLO });
      const result = await caller.mcp.execute('local__whoami');
      response.json([answer.object, result.content]);
    });
    const server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const asked = await fetch(`http://127.0.0.1:${port}/ask?user=ann`);
    expect(await asked.json()).toEqual(['chat.completion', [{ type: 'text', text: 'ann' }]]);
    await vi.waitFor(() => expect(records.map(({ clientId }) => clientId)).toEqual(['ann', 'ann']));
    server.close();
    server.closeAllConnections();
  });

  it('runs no tool for a request in which identify finds nobody', async () => {
    const { instance } = open({}, { identify, tools });
    const caller = instance.as({ from: {} });
    await expect(caller.mcp.execute('local__whoami')).rejects.toMatchObject({ code: 'missing_client_id' });
    await expect(caller.mcp.listTools()).rejects.toMatchObject({ code: 'missing_client_id' });
  });

  it('refuses an answer of identify without an id, and an instance without identify', async () => {
    const broken = open({}, { identify: () => ({ id: '' }), tools }).instance.as({ from: {} });
    await expect(broken.mcp.listTools()).rejects.toBeInstanceOf(TypeError);
    expect((await broken.fetch('http://nexus/llm/v1/models')).status).toBe(500);
    expect(() => open().instance.as({ from: {} })).toThrow(/identify/);
  });
});

describe('nexus.explain({ model })', () => {
  it('says where a request for a model would go, and calls nobody', async () => {
    const { instance } = open();
    expect(await instance.explain({ model: 'smart' })).toMatchObject({
      targets: [{ provider: 'openai', model: 'gpt-5' }],
    });
    await expect(instance.explain({ model: 'nowhere/x' })).rejects.toMatchObject({ code: 'model_not_found' });
    expect(provider.requests).toEqual([]);
  });
});
