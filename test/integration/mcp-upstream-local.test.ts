// MCP servers that are objects of this process, of both lines of the SDK, and functions of this process.
import { McpServer as LegacyServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { McpServer } from '@modelcontextprotocol/server';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { ToolContext } from '../../src/core/mcp/upstream/local-tool.ts';
import type { JsonObject } from '../../src/core/mcp/wire/json-rpc.ts';
import { caller, callTool, context, eventually, open, textOf, toolNames } from '../support/mcp-upstreams.ts';

const text = (words: string) => ({ content: [{ type: 'text' as const, text: words }] });

function legacyServer(): LegacyServer {
  const server = new LegacyServer({ name: 'v1', version: '1' });
  server.registerTool('double', { inputSchema: { n: z.number() } }, ({ n }) => text(String(n * 2)));
  server.registerTool('ask', {}, async () => {
    const params = { message: '?', requestedSchema: { type: 'object' as const, properties: {} } };
    return text(JSON.stringify(await server.server.elicitInput(params)));
  });
  return server;
}

function currentServer(): McpServer {
  const server = new McpServer({ name: 'v2', version: '2' });
  server.registerTool('double', { inputSchema: z.object({ n: z.number() }) }, ({ n }) => text(String(n * 2)));
  return server;
}

describe('servers of this process', () => {
  it.each([
    ['an object of SDK v1', () => legacyServer()],
    ['an object of SDK v2', () => currentServer()],
    ['a function that makes one of v1', () => () => legacyServer()],
    ['a function that makes one of v2, some day', () => async () => currentServer()],
  ])('takes %s', async (_, make) => {
    await using opened = open({}, { mcpServers: { mine: make() } });
    const mine = opened.upstream('mine');
    expect(await toolNames(mine)).toContain('double');
    expect(textOf(await callTool(mine, 'double', { n: 21 }))).toBe('42');
  });

  it('asks the caller where each caller can have a server of its own', async () => {
    const ask = async () => ({ action: 'decline' });
    const more = { caller: caller('a', { elicitation: {} }), ask };
    await using opened = open({}, { mcpServers: { many: () => legacyServer(), one: legacyServer() } });
    expect(textOf(await callTool(opened.upstream('many'), 'ask', {}, more))).toBe('{"action":"decline"}');
    expect(await callTool(opened.upstream('one'), 'ask', {}, more)).toMatchObject({ isError: true });
  });

  it('comes back after its server was closed', async () => {
    const server = currentServer();
    await using opened = open({}, { mcpServers: { mine: server } });
    const mine = opened.upstream('mine');
    await toolNames(mine);
    await server.close();
    await eventually(() => mine.state === 'down');
    expect(textOf(await callTool(mine, 'double', { n: 2 }))).toBe('4');
  });

  it('goes on without one that cannot be made', async () => {
    const broken = () => {
      throw new Error('private words');
    };
    await using opened = open({}, { mcpServers: { broken, mine: currentServer() } });
    expect(await toolNames(opened.upstream('mine'))).toEqual(['double']);
    expect(await toolNames(opened.upstream('broken'))).toEqual([]);
    expect(opened.upstream('broken').problem).toBe('its object cannot be connected');
  });

  it.each([
    ['a name that is taken', { same: { url: 'http://127.0.0.1:1' } }, { same: currentServer() }],
    ['a name that cannot be one', {}, { a__b: currentServer() }],
  ])('refuses %s', (_, servers, mcpServers) => {
    expect(() => open({ servers }, { mcpServers })).toThrow(/mcp|MCP/);
  });
});

describe('functions as tools', () => {
  const tools = {
    greet: {
      description: 'Greets',
      input: z.object({ name: z.string(), tags: z.array(z.object({ n: z.number() })).optional() }),
      run: ({ name }: { name: string }) => `Hello ${name}`,
    },
    weigh: {
      input: { type: 'object', properties: { kg: { type: 'number' } }, required: ['kg'], additionalProperties: false },
      annotations: { readOnlyHint: true },
      run: ({ kg }: { kg: number }) => ({ grams: kg * 1000 }),
    },
    raw: { run: () => ({ content: [{ type: 'hologram' }], 'x-own': 1 }) },
    fail: {
      run: () => {
        throw new Error('No such order');
      },
    },
    nothing: { run: () => undefined },
    list: { run: () => [1, 2] },
    who: {
      run: async (_: unknown, { principal, requestId, progress }: ToolContext) => {
        progress({ progress: 1, total: 2, message: 'half' });
        return `${principal?.id} ${requestId}`;
      },
    },
    wait: {
      run: (_: unknown, { signal }: ToolContext) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve('late'))),
    },
  };

  it('describes them as JSON Schema', async () => {
    await using opened = open({}, { tools });
    const { tools: listed, capabilities } = await opened.upstream('local').catalogue(caller());
    expect(capabilities).toEqual({ tools: {} });
    expect(listed.map(({ name }) => name)).toEqual(Object.keys(tools));
    expect(listed[0]).toMatchObject({
      name: 'greet',
      description: 'Greets',
      inputSchema: { type: 'object', required: ['name'] },
    });
    expect(listed[0]?.['inputSchema']).not.toHaveProperty('$schema');
    expect(listed[1]).toEqual({ name: 'weigh', inputSchema: tools.weigh.input, annotations: { readOnlyHint: true } });
    expect(listed[2]).toEqual({ name: 'raw', inputSchema: { type: 'object', properties: {} } });
  });

  it.each([
    ['a string', 'greet', { name: 'Ada' }, { content: [{ type: 'text', text: 'Hello Ada' }] }],
    [
      'an object',
      'weigh',
      { kg: 2 },
      { content: [{ type: 'text', text: '{"grams":2000}' }], structuredContent: { grams: 2000 } },
    ],
    ['a whole result', 'raw', {}, { content: [{ type: 'hologram' }], 'x-own': 1 }],
    ['nothing', 'nothing', {}, { content: [] }],
    ['a list', 'list', {}, { content: [{ type: 'text', text: '[1,2]' }] }],
    ['what is thrown', 'fail', {}, { content: [{ type: 'text', text: 'No such order' }], isError: true }],
  ])('gives %s as a result', async (_, name, args, result) => {
    await using opened = open({}, { tools });
    expect(await callTool(opened.upstream('local'), name, args)).toEqual(result);
  });

  it.each([
    ['greet', {}, /name: /],
    ['greet', { name: 'x', tags: [{ n: 1 }, { n: 'two' }] }, /tags\[1\]\.n: /],
    ['weigh', { kg: 'two' }, /kg.* number/],
    ['weigh', { kg: 1, lb: 2 }, /additional properties/],
    ['weigh', [], /Invalid arguments/],
  ])('refuses arguments of %s that do not fit: %j', async (name, args, message) => {
    await using opened = open({}, { tools });
    const call = opened.upstream('local').request('tools/call', { name, arguments: args }, context());
    await expect(call).rejects.toMatchObject({ code: -32602, message: expect.stringMatching(message) });
  });

  it.each([
    ['tools/call', { name: 'toString' }],
    ['tools/call', { name: 7 }],
    ['tools/call', {}],
    ['prompts/get', { name: 'greet' }],
  ])('knows no %s of %j', async (method, params) => {
    await using opened = open({}, { tools });
    await expect(opened.upstream('local').request(method, params, context())).rejects.toMatchObject({ code: -32601 });
  });

  it('tells a tool who calls and takes its progress', async () => {
    await using opened = open({}, { tools });
    const progress: JsonObject[] = [];
    const more = {
      caller: caller('ada', {}, 't'),
      requestId: 'r1',
      onProgress: (params: JsonObject) => progress.push(params),
    };
    expect(textOf(await callTool(opened.upstream('local'), 'who', {}, more))).toBe('ada r1');
    expect(progress).toEqual([{ progress: 1, total: 2, message: 'half' }]);
  });

  it('ends a call with its caller', async () => {
    await using opened = open({}, { tools });
    const leaving = new AbortController();
    const call = callTool(opened.upstream('local'), 'wait', {}, { signal: leaving.signal });
    leaving.abort();
    await expect(call).rejects.toMatchObject({ code: -32603 });
  });

  it('leaves out a tool whose schema cannot be used, and says so', async () => {
    const broken = { input: { type: 'string' }, run: () => '' };
    await using opened = open({}, { tools: { broken, greet: tools.greet } });
    expect(await toolNames(opened.upstream('local'))).toEqual(['greet']);
    expect(opened.log).toEqual([
      {
        level: 'error',
        message: 'A tool cannot be offered',
        fields: { tool: 'broken', problem: 'its input schema must describe an object' },
      },
    ]);
  });
});
