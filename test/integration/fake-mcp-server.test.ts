// The kit's MCP server before the real SDK clients, and behind Nexus.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { createNexus } from 'nexus-ai';
import { createFakeMcpServer, type FakeMcpServer, type FakeMcpServerOptions } from 'nexus-ai/testing';
import { afterEach, describe, expect, it } from 'vitest';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const OFFER: FakeMcpServerOptions = {
  instructions: 'Be kind.',
  tools: {
    add: {
      description: 'Adds',
      inputSchema: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } } },
      result: ({ a, b }: { a: number; b: number }) => ({ sum: a + b }),
    },
    plain: { result: 'some text' },
    broken: {
      result: () => {
        throw new Error('no ticket');
      },
    },
  },
  prompts: { greet: { description: 'Greets', arguments: [{ name: 'who' }], text: 'Say hello to {who}.' } },
  resources: { 'memo://one': { mimeType: 'text/plain', text: 'first' } },
};

async function start(options: FakeMcpServerOptions = OFFER): Promise<FakeMcpServer> {
  const server = await createFakeMcpServer(options);
  closers.push(() => server.close());
  return server;
}

async function connect(server: FakeMcpServer, mode: 'auto' | 'legacy'): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(server.url)));
  closers.push(() => client.close());
  return client;
}

describe.each([
  ['modern', 'auto'],
  ['legacy', 'legacy'],
] as const)('createFakeMcpServer, to a %s client', (era, mode) => {
  it('lists and answers what it was given', async () => {
    const server = await start();
    const client = await connect(server, mode);
    expect(client.getServerVersion()).toMatchObject({ name: 'fake' });
    expect(client.getInstructions()).toBe('Be kind.');
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['add', 'plain', 'broken']);
    expect(await client.callTool({ name: 'add', arguments: { a: 2, b: 3 } })).toMatchObject({
      structuredContent: { sum: 5 },
    });
    expect(await client.callTool({ name: 'plain' })).toMatchObject({ content: [{ text: 'some text' }] });
    expect(await client.callTool({ name: 'broken' })).toMatchObject({
      isError: true,
      content: [{ text: 'no ticket' }],
    });
    await expect(client.callTool({ name: 'none' })).rejects.toMatchObject({ code: -32602 });
    const { messages } = await client.getPrompt({ name: 'greet', arguments: { who: 'Ann' } });
    expect(messages[0]?.content).toMatchObject({ text: 'Say hello to Ann.' });
    expect((await client.readResource({ uri: 'memo://one' })).contents).toMatchObject([{ text: 'first' }]);
    await expect(client.readResource({ uri: 'memo://two' })).rejects.toThrow('Resource not found');
    const calls = server.requests.filter(({ method }) => method === 'tools/call');
    expect(calls[0]).toMatchObject({ era, via: 'http', params: { name: 'add' }, ended: 'answered' });
    expect(calls[3]).toMatchObject({ ended: 'refused' });
    expect(server.sessions).toBe(era === 'legacy' ? 1 : 0);
  });

  it('follows its script: errors, statuses, delays, and then goes on', async () => {
    const server = await start();
    const client = await connect(server, mode);
    server.reply({ match: { name: 'plain' }, times: 1, reply: { error: { code: -32050, message: 'not today' } } });
    await expect(client.callTool({ name: 'plain' })).rejects.toMatchObject({ code: -32050, message: /not today/ });
    server.reply({ result: { content: [{ type: 'text', text: 'scripted' }] }, delay: 5 });
    expect(await client.callTool({ name: 'plain' })).toMatchObject({ content: [{ text: 'scripted' }] });
    server.reply({ status: 503 });
    await expect(client.callTool({ name: 'plain' })).rejects.toThrow();
    server.reply({ fault: 'not-json' });
    await expect(client.callTool({ name: 'plain' })).rejects.toThrow();
    server.reply({ fault: 'close' });
    await expect(client.callTool({ name: 'plain' })).rejects.toThrow();
    expect(await client.callTool({ name: 'plain' })).toMatchObject({ content: [{ text: 'some text' }] });
  });

  it('reports progress, and learns that a call was cancelled', async () => {
    const server = await start({
      tools: {
        slow: {
          result: (_args: unknown, call: { progress(done: number, of?: number, text?: string): void }) => {
            call.progress(1, 2, 'half');
            return 'done';
          },
        },
      },
    });
    const client = await connect(server, mode);
    const told: unknown[] = [];
    const result = await client.callTool({ name: 'slow' }, { onprogress: (progress) => void told.push(progress) });
    expect(result).toMatchObject({ content: [{ text: 'done' }] });
    expect(told).toEqual([expect.objectContaining({ progress: 1, total: 2, message: 'half' })]);

    server.reply({ match: { method: 'tools/call' }, times: 1, reply: { fault: 'hang' } });
    const leaving = new AbortController();
    const call = client.callTool({ name: 'slow' }, { signal: leaving.signal });
    const refused = expect(call).rejects.toThrow();
    await server.waitFor(({ requests }) => requests.filter(({ method }) => method === 'tools/call').length === 2);
    leaving.abort();
    await refused;
    await server.waitFor(({ requests }) => requests.some(({ ended }) => ended === 'aborted'));
  });
});

describe('createFakeMcpServer', () => {
  it('serves clients of the first SDK, which hear of other tools and changed resources', async () => {
    const server = await start();
    const heard: string[] = [];
    const client = new OldClient({ name: 'test', version: '1' });
    client.fallbackNotificationHandler = async ({ method }) => void heard.push(method);
    await client.connect(new OldTransport(new URL(server.url)) as Parameters<OldClient['connect']>[0]);
    closers.push(() => client.close());
    await client.subscribeResource({ uri: 'memo://one' });
    server.setTools({ other: {} });
    server.touch('memo://two');
    server.touch('memo://one');
    await expect.poll(() => heard).toEqual(['notifications/tools/list_changed', 'notifications/resources/updated']);
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['other']);
    server.endSessions();
    await expect(client.listTools()).rejects.toThrow();
  });

  it('speaks one era only where it is told to', async () => {
    const modern = await start({ ...OFFER, era: 'modern' });
    await expect(connect(modern, 'legacy')).rejects.toThrow();
    const legacy = await start({ ...OFFER, era: 'legacy' });
    expect((await (await connect(legacy, 'auto')).listTools()).tools).toHaveLength(3);
    expect(legacy.requests.every(({ era }) => era === 'legacy')).toBe(true);
  });

  it.each([
    ['Mcp-Method', { 'mcp-method': 'prompts/list' }, -32020],
    ['MCP-Protocol-Version', { 'mcp-protocol-version': '2025-11-25' }, -32020],
  ])('refuses a modern request whose %s differs from its body', async (_name, headers, code) => {
    const server = await start();
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list', ...headers },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/list',
        params: { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } },
      }),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code } });
  });

  it.each([
    ['no JSON', '{', 400],
    ['no session', '{"jsonrpc":"2.0","id":1,"method":"tools/list"}', 400],
  ])('refuses a request with %s', async (_what, body, status) => {
    const server = await start();
    const response = await fetch(server.url, { method: 'POST', body });
    expect(response.status).toBe(status);
    expect(await response.json()).toHaveProperty('error.code');
  });

  it('stands behind Nexus, over HTTP in both eras and in process', async () => {
    const [modern, legacy] = [await start({ ...OFFER, era: 'modern' }), await start({ ...OFFER, era: 'legacy' })];
    const inside = await start();
    const nexus = createNexus(
      { mcp: { servers: { modern: { url: modern.url }, legacy: { url: legacy.url } } } },
      { mcpServers: { inside: inside.inProcess } },
    );
    closers.push(() => nexus.close());
    for (const server of ['modern', 'legacy', 'inside']) {
      const result = await nexus.mcp.execute(`${server}__add`, { a: 20, b: 22 });
      expect(result).toMatchObject({ structuredContent: { sum: 42 } });
    }
    expect(inside.requests.every(({ via }) => via === 'process')).toBe(true);
    for (const [name, server] of Object.entries({ modern, legacy, inside })) {
      server.setTools({ fresh: {} });
      await expect
        .poll(async () => (await nexus.mcp.listTools()).map((tool) => tool.name), { timeout: 5000 })
        .toContain(`${name}__fresh`);
    }
  });

  it('goes back to its beginning', async () => {
    const server = await start();
    server.setTools({});
    server.script([{ reply: { error: { code: 1, message: 'always' } } }]);
    server.reset();
    const client = await connect(server, 'auto');
    expect((await client.listTools()).tools).toHaveLength(3);
    expect(server.requests.map(({ method }) => method)).not.toContain('initialize');
    await expect(server.waitFor(() => false, 10)).rejects.toMatchObject({ code: 'internal' });
  });
});
