import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  LoggingMessageNotificationSchema,
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { afterEach, describe, expect, it } from 'vitest';
import { JsonRpcError } from '../../src/core/mcp/wire/json-rpc.ts';
import { type ServedGateway, type ServeOptions, serveGateway } from '../support/mcp-gateway.ts';
import { type Answering, MemoryUpstream, tool, untilCancelled } from '../support/mcp-upstream.ts';

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(upstreams: readonly MemoryUpstream[], options: ServeOptions = {}): Promise<ServedGateway> {
  const served = await serveGateway(upstreams, options);
  closers.push(() => served.close());
  return served;
}

interface TestClient {
  request(
    method: string,
    params?: object,
    options?: { signal?: AbortSignal; onprogress?: (told: object) => void },
  ): Promise<Record<string, unknown>>;
}

type Era = 'v1' | 'v2 legacy' | 'v2 modern';
const ERAS: readonly Era[] = ['v1', 'v2 legacy', 'v2 modern'];

interface Answers {
  elicit?: (params: unknown) => object;
  sample?: (params: unknown) => object;
}

/** A stock client of either SDK line, asked raw so that nothing of a result is lost on the way to the test. */
async function connect(
  era: Era,
  url: string,
  headers: Record<string, string> = {},
  answers: Answers = {},
): Promise<TestClient> {
  const capabilities = {
    ...(answers.elicit ? { elicitation: {} } : {}),
    ...(answers.sample ? { sampling: {} } : {}),
  };
  const { AnyResult } = await import('../support/mcp-any-result.ts');
  if (era === 'v1') {
    const client = new ClientV1({ name: 'test', version: '1' }, { capabilities });
    if (answers.elicit)
      client.setRequestHandler(ElicitRequestSchema, (request) => answers.elicit?.(request.params) as never);
    if (answers.sample)
      client.setRequestHandler(CreateMessageRequestSchema, (request) => answers.sample?.(request.params) as never);
    await client.connect(new TransportV1(new URL(url), { requestInit: { headers } }) as never);
    closers.push(() => client.close());
    return {
      request: (method, params = {}, options) =>
        client.request({ method, params } as never, AnyResult as never, options as never),
    };
  }
  const client = new ClientV2(
    { name: 'test', version: '1' },
    { capabilities, versionNegotiation: { mode: era === 'v2 modern' ? { pin: '2026-07-28' } : 'legacy' } },
  );
  if (answers.elicit)
    client.setRequestHandler('elicitation/create', (request) => answers.elicit?.(request.params) as never);
  if (answers.sample)
    client.setRequestHandler('sampling/createMessage', (request) => answers.sample?.(request.params) as never);
  await client.connect(new TransportV2(new URL(url), { requestInit: { headers } }));
  closers.push(() => client.close());
  return {
    request: (method, params = {}, options) =>
      client.request({ method, params } as never, AnyResult as never, options as never),
  };
}

const echo: Answering = (method, params) => {
  if (method === 'tools/call') return { content: [{ type: 'text', text: JSON.stringify(params['arguments'] ?? {}) }] };
  if (method === 'prompts/get') return { messages: [], description: String(params['name']) };
  if (method === 'resources/read') return { contents: [{ uri: params['uri'], text: `content of ${params['uri']}` }] };
  if (method === 'completion/complete') return { completion: { values: [JSON.stringify(params['ref'])] } };
  throw new JsonRpcError(-32601, 'Method not found');
};

const files = (answering: Answering = echo) =>
  new MemoryUpstream(
    'files',
    {
      tools: [tool('read_file', 'Reads a file'), tool('write_file', 'Writes a file')],
      prompts: [{ name: 'summary', description: 'Sums up' }],
      resources: [{ uri: 'file:///a', name: 'a' }],
      resourceTemplates: [{ uriTemplate: 'file:///{name}/raw', name: 'raw' }],
    },
    answering,
  );
const mail = (answering: Answering = echo) =>
  new MemoryUpstream(
    'mail',
    { tools: [tool('send', 'Sends a letter')], resources: [{ uri: 'file:///a', name: 'other a' }] },
    answering,
  );

describe.each(ERAS)('a %s client', (era) => {
  describe.each(['node', 'express'] as const)('on %s', (host) => {
    it('finds two tools, searches, and executes what it found', async () => {
      const { url } = await serve([files(), mail()], { host });
      const client = await connect(era, url);
      const { tools } = await client.request('tools/list');
      expect((tools as { name: string }[]).map(({ name }) => name)).toEqual(['search', 'execute']);
      const found = await client.request('tools/call', { name: 'search', arguments: { keywords: ['letter'] } });
      expect(found['structuredContent']).toEqual({
        results: [
          {
            name: 'mail__send',
            description: 'Sends a letter',
            input_schema: { type: 'object' },
            score: expect.any(Number),
          },
        ],
      });
      const [hit] = found['content'] as { text: string }[];
      expect(JSON.parse(hit?.text ?? '')).toEqual((found['structuredContent'] as { results: unknown[] }).results[0]);
      const result = await client.request('tools/call', {
        name: 'execute',
        arguments: { name: 'mail__send', arguments: { to: 'you' } },
      });
      expect(result['content']).toEqual([{ type: 'text', text: '{"to":"you"}' }]);
    });
  });

  it('lists everything where that is asked for, in a stable order, and reaches all of it', async () => {
    const { url } = await serve([mail(), files()], { config: { tools: 'all' } });
    const client = await connect(era, url);
    const names = async (method: string, member: string, key: string) =>
      ((await client.request(method))[member] as Record<string, string>[]).map((item) => item[key]);
    expect(await names('tools/list', 'tools', 'name')).toEqual(['files__read_file', 'files__write_file', 'mail__send']);
    expect(await names('prompts/list', 'prompts', 'name')).toEqual(['files__summary']);
    expect(await names('resources/list', 'resources', 'uri')).toEqual(['file:///a', 'files+file:///a']);
    expect(await names('resources/templates/list', 'resourceTemplates', 'uriTemplate')).toEqual(['file:///{name}/raw']);
    expect((await client.request('prompts/get', { name: 'files__summary' }))['description']).toBe('summary');
    expect((await client.request('resources/read', { uri: 'file:///x/raw' }))['contents']).toEqual([
      { uri: 'file:///x/raw', text: 'content of file:///x/raw' },
    ]);
    expect((await client.request('resources/read', { uri: 'files+file:///a' }))['contents']).toEqual([
      { uri: 'files+file:///a', text: 'content of file:///a' },
    ]);
    const completed = await client.request('completion/complete', {
      ref: { type: 'ref/prompt', name: 'files__summary' },
      argument: { name: 'x', value: '' },
    });
    expect(completed['completion']).toEqual({ values: ['{"type":"ref/prompt","name":"summary"}'] });
  });

  it('has one server alone under its own names', async () => {
    const { url } = await serve([files(), mail()]);
    const client = await connect(era, `${url}/mail`);
    expect(((await client.request('tools/list'))['tools'] as unknown[]).length).toBe(1);
    const result = await client.request('tools/call', { name: 'send', arguments: { a: 1 } });
    expect(result['content']).toEqual([{ type: 'text', text: '{"a":1}' }]);
  });

  it('gets results as the server gave them, unknown members and content types included', async () => {
    // The newest client itself refuses content of a kind it does not know.
    const item = era === 'v2 modern' ? { type: 'text', text: 'x', mass: 3 } : { type: 'hologram', mass: 3 };
    const given = { content: [item], extra: { deep: [1] }, isError: true, structuredContent: [1] };
    const { url } = await serve([files(() => given)]);
    const client = await connect(era, url);
    const result = await client.request('tools/call', { name: 'execute', arguments: { name: 'files__read_file' } });
    expect(result).toMatchObject(given);
  });

  it('gets progress under its own token and nobody else’s', async () => {
    const { url } = await serve([
      files((_method, _params, { onProgress }) => {
        for (const progress of [0, 50, 100]) onProgress?.({ progress, total: 100, message: `at ${progress}` });
        return { content: [] };
      }),
    ]);
    const client = await connect(era, url);
    const told: object[] = [];
    const execute = { name: 'execute', arguments: { name: 'files__read_file' } };
    await client.request('tools/call', execute, { onprogress: (progress) => void told.push(progress) });
    expect(told).toMatchObject([{ progress: 0 }, { progress: 50, total: 100 }, { progress: 100, message: 'at 100' }]);
    await client.request('tools/call', execute);
    expect(told).toHaveLength(3);
  });

  it('cancels upstream when it cancels', async () => {
    let cancelled: () => void = () => {};
    const upstreamCancelled = new Promise<void>((resolve) => {
      cancelled = resolve;
    });
    let began: () => void = () => {};
    const upstreamBegan = new Promise<void>((resolve) => {
      began = resolve;
    });
    const { url } = await serve([
      files((_method, _params, call) => {
        call.signal.addEventListener('abort', cancelled, { once: true });
        began();
        return untilCancelled(call);
      }),
    ]);
    const client = await connect(era, url);
    const controller = new AbortController();
    const call = client.request(
      'tools/call',
      { name: 'execute', arguments: { name: 'files__read_file' } },
      { signal: controller.signal },
    );
    const ended = expect(call).rejects.toThrow();
    await upstreamBegan;
    controller.abort(new Error('changed my mind'));
    await ended;
    await upstreamCancelled;
  });

  it('is asked by the server during its call, and only it', async () => {
    const { url } = await serve([
      files(async (_method, _params, { ask, signal }) => {
        const answer = await ask?.(
          'elicitation/create',
          { message: 'Who?', requestedSchema: { type: 'object', properties: {} } },
          signal,
        );
        const sampled = await ask?.('sampling/createMessage', { messages: [], maxTokens: 3 }, signal);
        return { content: [], heard: [answer?.['content'], sampled?.['model']] };
      }),
    ]);
    const asking = (name: string): Answers => ({
      elicit: () => ({ action: 'accept', content: { name } }),
      sample: () => ({ role: 'assistant', model: `model of ${name}`, content: { type: 'text', text: 'x' } }),
    });
    const [ann, bob] = await Promise.all([connect(era, url, {}, asking('ann')), connect(era, url, {}, asking('bob'))]);
    const execute = { name: 'execute', arguments: { name: 'files__read_file' } };
    const results = await Promise.all([ann.request('tools/call', execute), bob.request('tools/call', execute)]);
    expect(results.map(({ heard }) => heard)).toEqual([
      [{ name: 'ann' }, 'model of ann'],
      [{ name: 'bob' }, 'model of bob'],
    ]);
  });

  it('is not asked what it did not declare', async () => {
    const { url } = await serve([
      files(async (_method, _params, { ask, signal }) => {
        const refused =
          ask === undefined
            ? 'cannot be asked'
            : await ask('sampling/createMessage', {}, signal).catch((error: unknown) => error);
        return { content: [], refused: String(refused) };
      }),
    ]);
    const client = await connect(era, url, {}, { elicit: () => ({ action: 'decline' }) });
    const result = await client.request('tools/call', { name: 'execute', arguments: { name: 'files__read_file' } });
    expect(result['refused']).toContain('cannot be asked');
  });

  it('gets a server’s own error with its code and data', async () => {
    const { url } = await serve([
      files(() => {
        throw new JsonRpcError(-32042, 'Out of paper', { data: { tray: 2 } });
      }),
    ]);
    const client = await connect(era, url);
    const call = client.request('tools/call', { name: 'execute', arguments: { name: 'files__read_file' } });
    await expect(call).rejects.toMatchObject({ code: -32042, data: { tray: 2 } });
  });
});

describe('64 clients with equal ids', () => {
  it.each(['v1', 'v2 modern'] as const)(
    'of %s each get their own 50 answers',
    async (era) => {
      const { url } = await serve([
        files(async (method, params, call) => {
          await new Promise((resolve) => setImmediate(resolve));
          return echo(method, params, call);
        }),
      ]);
      const clients = await Promise.all(Array.from({ length: 64 }, () => connect(era, url)));
      let mismatches = 0;
      await Promise.all(
        clients.map(async (client, number) => {
          for (let call = 0; call < 50; call++) {
            const args = { number, call };
            const result = await client.request('tools/call', {
              name: 'execute',
              arguments: { name: 'files__read_file', arguments: args },
            });
            if ((result['content'] as { text: string }[])[0]?.text !== JSON.stringify(args)) mismatches++;
          }
        }),
      );
      expect(mismatches).toBe(0);
    },
    60_000,
  );
});

describe('changes', () => {
  it('reach a legacy client on its standing stream', async () => {
    const upstream = files();
    const { url } = await serve([upstream]);
    const client = new ClientV1({ name: 'test', version: '1' }, { capabilities: {} });
    const changed = new Promise<void>((resolve) =>
      client.setNotificationHandler(ResourceListChangedNotificationSchema, () => resolve()),
    );
    const updated = new Promise<unknown>((resolve) =>
      client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => resolve(params)),
    );
    const transport = new TransportV1(new URL(url));
    await client.connect(transport as never);
    closers.push(() => client.close());
    await client.subscribeResource({ uri: 'file:///a' });
    expect(upstream.watched).toEqual(['file:///a']);
    // The standing stream opens beside the handshake; a change is told to whoever is there.
    while (
      !(await Promise.race([changed.then(() => true), new Promise((resolve) => setTimeout(resolve, 150, false))]))
    ) {
      upstream.relist({ resources: [] }, 'resources');
    }
    upstream.tell({ kind: 'resource', uri: 'file:///a' });
    expect(await updated).toMatchObject({ uri: 'file:///a' });
    await client.unsubscribeResource({ uri: 'file:///a' });
    expect(upstream.watched).toEqual([]);
  });

  it('reach a modern client that listens', async () => {
    const upstream = files();
    const { url } = await serve([upstream], { config: { tools: 'all' } });
    const client = new ClientV2(
      { name: 'test', version: '1' },
      { versionNegotiation: { mode: { pin: '2026-07-28' } } },
    );
    const changed = new Promise<void>((resolve) =>
      client.setNotificationHandler('notifications/tools/list_changed', () => resolve()),
    );
    await client.connect(new TransportV2(new URL(url)));
    closers.push(() => client.close());
    await client.listen({ toolsListChanged: true });
    upstream.relist({ tools: [tool('new')] });
    await changed;
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['files__new']);
  });
});

describe('roots that change', () => {
  it('are told to the servers as those of this client', async () => {
    const upstream = files();
    const { url } = await serve([upstream]);
    const client = new ClientV1({ name: 'test', version: '1' }, { capabilities: { roots: { listChanged: true } } });
    await client.connect(new TransportV1(new URL(url)) as never);
    closers.push(() => client.close());
    await client.sendRootsListChanged();
    await client.callTool({ name: 'execute', arguments: { name: 'files__read_file' } });
    expect(upstream.notified).toEqual([['notifications/roots/list_changed', upstream.received[0]?.call.caller.scope]]);
  });
});

describe('log lines', () => {
  it('reach a legacy client from its level on', async () => {
    const upstream = files((_method, _params, { onNotification }) => {
      for (const level of ['debug', 'warning', 'error'])
        onNotification?.('notifications/message', { level, data: level });
      return { content: [] };
    });
    const { url } = await serve([upstream]);
    const client = new ClientV1({ name: 'test', version: '1' }, { capabilities: {} });
    const heard: unknown[] = [];
    client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void heard.push(params.data));
    await client.connect(new TransportV1(new URL(url)) as never);
    closers.push(() => client.close());
    await client.setLoggingLevel('warning');
    expect(upstream.levels).toEqual(['warning']);
    await client.callTool({ name: 'execute', arguments: { name: 'files__read_file' } });
    expect(heard).toEqual(['warning', 'error']);
  });
});
