import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import express from 'express';
import { createNexus, type Nexus, NexusError, type NexusOptions } from 'nexus-ai';
import { nexus as expressNexus } from 'nexus-ai/express';
import { listen } from 'nexus-ai/node';
import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { postModern } from '../support/mcp-post.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const tools: NexusOptions['tools'] = {
  add: {
    description: 'Adds two numbers',
    input: z.object({ a: z.number(), b: z.number() }),
    run: (args) => {
      const { a, b } = args as { a: number; b: number };
      return { sum: a + b };
    },
  },
  whoami: { description: 'Says who calls', run: (_args, { principal }) => principal?.id ?? 'nobody' },
  wait: {
    description: 'Waits until it is cancelled',
    run: (_args, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  },
};

function clock(): McpServer {
  const server = new McpServer({ name: 'clock', version: '1' });
  server.registerTool('now', { description: 'Tells the time' }, () => ({ content: [{ type: 'text', text: 'noon' }] }));
  return server;
}

function open(options: NexusOptions = {}, mcp: object = {}): Nexus {
  const nexus = createNexus({ mcp }, { tools, mcpServers: { clock: clock() }, ...options });
  closers.push(() => nexus.close());
  return nexus;
}

describe('nexus.mcp', () => {
  it('lists, finds and runs what the application offers itself', async () => {
    const { mcp } = open();
    expect((await mcp.listTools()).map(({ name }) => name)).toEqual([
      'clock__now',
      'local__add',
      'local__wait',
      'local__whoami',
    ]);
    const [found] = await mcp.search('adds numbers');
    expect(found).toMatchObject({ name: 'local__add', description: 'Adds two numbers', score: expect.any(Number) });
    expect(await mcp.execute('local__add', { a: 2, b: 3 })).toMatchObject({ structuredContent: { sum: 5 } });
    expect(await mcp.execute('clock__now')).toMatchObject({ content: [{ type: 'text', text: 'noon' }] });
    expect(await mcp.execute('local__whoami')).toMatchObject({ content: [{ text: 'nobody' }] });
  });

  it('refuses with its own errors', async () => {
    const { mcp } = open();
    await expect(mcp.execute('local__none')).rejects.toMatchObject({ code: 'tool_not_found', status: 404 });
    await expect(mcp.execute('local__add', { a: 'x' })).rejects.toMatchObject({
      code: 'invalid_request',
      upstreamCode: '-32602',
    });
    const error = await mcp.execute('local__none').catch((thrown: unknown) => thrown);
    expect(NexusError.is(error)).toBe(true);
  });

  it('cancels', async () => {
    const { mcp } = open();
    const controller = new AbortController();
    const call = mcp.execute('local__wait', {}, { signal: controller.signal });
    const ended = expect(call).rejects.toThrow('enough');
    controller.abort(new Error('enough'));
    await ended;
    await expect(mcp.execute('local__wait', {}, { signal: controller.signal })).rejects.toThrow('enough');
  });

  it('connects clients of either SDK line inside the process', async () => {
    const { mcp } = open({}, { tools: 'all' });
    const v1 = new ClientV1({ name: 'test', version: '1' });
    await v1.connect((await mcp.client()) as never);
    const v2 = new ClientV2({ name: 'test', version: '1' });
    await v2.connect((await mcp.client({ server: 'local' })) as never);
    expect(await v1.callTool({ name: 'local__add', arguments: { a: 1, b: 1 } })).toMatchObject({
      structuredContent: { sum: 2 },
    });
    expect(await v2.callTool({ name: 'add', arguments: { a: 1, b: 2 } })).toMatchObject({
      structuredContent: { sum: 3 },
    });
    await expect(v2.callTool({ name: 'local__add', arguments: {} })).rejects.toMatchObject({
      code: expect.any(Number),
    });
    let closed = false;
    v1.onclose = () => {
      closed = true;
    };
    await v1.close();
    expect(closed).toBe(true);
    await v2.close();
  });

  it('has no way to a server that is not there', async () => {
    const { mcp } = open();
    const client = new ClientV1({ name: 'test', version: '1' });
    await expect(client.connect((await mcp.client({ server: 'none' })) as never)).rejects.toThrow('no such server');
  });

  it('ends its connections with the instance', async () => {
    const nexus = open();
    const client = new ClientV1({ name: 'test', version: '1' });
    const closed = new Promise<void>((resolve) => {
      client.onclose = resolve;
    });
    await client.connect((await nexus.mcp.client()) as never);
    await nexus.close();
    await closed;
    await expect(nexus.mcp.execute('local__add', { a: 1, b: 1 })).rejects.toBeDefined();
  });
});

describe('an instance on the web', () => {
  async function serve(options: NexusOptions = {}, host: 'node' | 'express' = 'node'): Promise<string> {
    const instance = open(options);
    if (host === 'node') {
      const server = await listen(instance, { port: 0 });
      closers.push(() => server.close({ drain: 0 }));
      return `${server.url}/mcp`;
    }
    const app = express().use('/ai', expressNexus(instance));
    const server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    closers.push(() => new Promise((resolve) => server.close(resolve)));
    const address = server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/ai/mcp`;
  }

  it.each(['node', 'express'] as const)('serves SDK clients behind %s', async (host) => {
    const url = await serve({}, host);
    const client = new ClientV2({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new TransportV2(new URL(url)));
    const result = await client.callTool({
      name: 'execute',
      arguments: { name: 'local__add', arguments: { a: 20, b: 22 } },
    });
    expect(result).toMatchObject({ structuredContent: { sum: 42 } });
    await client.close();
  });

  it('asks the application once per request who calls, and hides what that throws', async () => {
    let asked = 0;
    const errors: string[] = [];
    const url = await serve({
      identify: async (exchange, raw) => {
        asked++;
        expect(raw).toBeDefined();
        const user = exchange.header('x-user');
        if (user === 'broken') throw new Error('the directory says secret-4711');
        return user === undefined ? undefined : { id: user };
      },
      logger: { debug() {}, info() {}, warn() {}, error: (message) => void errors.push(message) },
    });
    const call = (headers: Record<string, string>) =>
      postModern(
        url,
        'tools/call',
        { name: 'execute', arguments: { name: 'local__whoami', arguments: {} } },
        { headers },
      );
    expect((await call({ 'x-user': 'ann' })).body.result).toMatchObject({ content: [{ text: 'ann' }] });
    expect((await call({})).body.result).toMatchObject({ content: [{ text: 'nobody' }] });
    expect(asked).toBe(2);
    const broken = await call({ 'x-user': 'broken' });
    expect([broken.status, broken.body.error?.code]).toEqual([500, -32603]);
    expect(broken.text).not.toContain('4711');
    expect(errors).toHaveLength(1);
    expect(broken.headers.get('x-nexus-error')).toBe('internal');
    await fetch(url.replace('/mcp', '/health'));
    expect(asked).toBe(3);
  });

  it('works through fetch, streams included', async () => {
    const instance = open();
    const ask = (body: object, headers: Record<string, string> = {}) =>
      instance.fetch('http://nexus/mcp', {
        method: 'POST',
        headers: { accept: 'application/json, text/event-stream', 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ jsonrpc: '2.0', ...body }),
      });
    const opened = await ask({
      id: 0,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {} },
    });
    const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
    const answer = await ask(
      {
        id: 'x',
        method: 'tools/call',
        params: { name: 'execute', arguments: { name: 'local__add', arguments: { a: 1, b: 1 } } },
      },
      session,
    );
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    expect(await answer.text()).toContain('"structuredContent":{"sum":2}');
    const foreign = await instance.fetch('http://nexus/mcp', {
      method: 'DELETE',
      headers: { ...session, origin: 'http://evil.example' },
    });
    expect(foreign.status).toBe(403);
    const ended = await instance.fetch('http://nexus/mcp', { method: 'DELETE', headers: session });
    expect(ended.status).toBe(200);
  });

  it('writes a record of each request', async () => {
    const records: { endpoint: string; status: number; stream: boolean }[] = [];
    const nexus = open({ sinks: [(record) => void records.push(record)] });
    const server = await listen(nexus, { port: 0 });
    await postModern(`${server.url}/mcp`, 'tools/list');
    await server.close({ drain: 0 });
    expect(records).toMatchObject([{ endpoint: 'mcp', status: 200, stream: false }]);
  });
});

describe('without a server', () => {
  it('there is no endpoint, and the tools of nobody are none', async () => {
    const provider = {
      llm: { discovery: { enabled: false }, providers: { openai: { type: 'openai', apiKey: 'k' } } },
    } as const;
    const nexus = createNexus(provider);
    closers.push(() => nexus.close());
    expect(nexus.owns('/mcp')).toBe(false);
    expect(await nexus.mcp.listTools()).toEqual([]);
    expect(await nexus.mcp.search('x')).toEqual([]);
    await expect(nexus.mcp.execute('x')).rejects.toMatchObject({ code: 'tool_not_found' });
  });

  it('is also how it is where MCP is switched off', async () => {
    const provider = {
      llm: { discovery: { enabled: false }, providers: { openai: { type: 'openai', apiKey: 'k' } } },
    } as const;
    const nexus = createNexus({ ...provider, mcp: { enabled: false } }, { tools });
    closers.push(() => nexus.close());
    expect(nexus.owns('/mcp')).toBe(false);
  });

  it('two of one name are refused at creation', () => {
    expect(() => open({ mcpServers: { local: clock() } })).toThrow('local');
    expect(() => open({}, { servers: { clock: { cmd: ['x'] } } })).toThrow('clock');
  });
});
