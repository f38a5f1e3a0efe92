// Remote MCP servers: both eras, both lines of the SDK, SSE, lost sessions, credentials.
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer as createHttpsServer } from 'node:https';
import { createServer } from 'node:net';
import type { Server as LegacyLowLevelServer } from '@modelcontextprotocol/sdk/server/index.js';
import { McpServer as LegacyServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { SubscribeRequestSchema, UnsubscribeRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { inputRequired, McpServer, Server } from '@modelcontextprotocol/server';
import { jwtVerify } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { JsonObject } from '../../src/core/mcp/wire/json-rpc.ts';
import { leastUntil } from '../support/least.ts';
import { serve, serveLegacy, serveModern } from '../support/mcp-http-servers.ts';
import { caller, callTool, context, eventually, open, textOf, toolNames } from '../support/mcp-upstreams.ts';

const EVERYTHING = 'node_modules/@modelcontextprotocol/server-everything/dist/index.js';
const text = (words: string) => ({ content: [{ type: 'text' as const, text: words }] });

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** A legacy server with a tool that counts its calls, one that hangs, and one that asks. */
function legacyServer(calls: string[] = []): LegacyServer {
  const server = new LegacyServer({ name: 'v1', version: '1' }, { capabilities: { logging: {} } });
  server.registerTool('count', { inputSchema: { n: z.number() } }, ({ n }) => {
    calls.push(`count ${n}`);
    return text(String(n));
  });
  server.registerTool('look', { annotations: { readOnlyHint: true } }, () => {
    calls.push('look');
    return text('seen');
  });
  server.registerTool('hang', {}, (extra) => {
    calls.push('hang');
    return new Promise((resolve) => {
      extra.signal.addEventListener('abort', () => {
        calls.push(`aborted ${Date.now()}`);
        resolve(text('late'));
      });
    });
  });
  server.registerTool('ask', {}, async () => {
    const answer = await server.server.elicitInput({
      message: 'Name?',
      requestedSchema: { type: 'object', properties: {} },
    });
    return text(JSON.stringify(answer));
  });
  server.registerTool('grow', {}, () => {
    server.registerTool('grown', {}, () => text('grown'));
    return text('ok');
  });
  return server;
}

function modernServer(calls: string[] = []): McpServer {
  const server = new McpServer({ name: 'v2', version: '2' }, { capabilities: { tools: { listChanged: true } } });
  const inputSchema = z.object({ n: z.number() });
  server.registerTool('count', { inputSchema }, ({ n }) => {
    calls.push(`count ${n}`);
    return text(String(n));
  });
  server.registerTool('hang', {}, async (ctx) => {
    calls.push('hang');
    await new Promise<void>((resolve) => {
      ctx.mcpReq.signal.addEventListener('abort', () => resolve());
    });
    calls.push(`aborted ${Date.now()}`);
    return text('late');
  });
  server.registerTool('ask', {}, (ctx) => {
    const answers = ctx.mcpReq.inputResponses;
    if (answers !== undefined) return text(JSON.stringify([answers, ctx.mcpReq.requestState()]));
    return inputRequired({
      inputRequests: {
        who: inputRequired.elicit({ message: 'Name?', requestedSchema: { type: 'object', properties: {} } }),
      },
      requestState: 'opaque',
    });
  });
  return server;
}

describe('both eras', () => {
  it('finds out that a server is modern and speaks so', async () => {
    await using server = await serveModern(() => modernServer(), { legacy: 'reject' });
    await using opened = open({ servers: { far: { url: `${server.origin}/mcp?key=secret` } } });
    const far = opened.upstream('far');
    expect(await toolNames(far)).toEqual(['count', 'hang', 'ask']);
    expect(far.state).toBe('ready');
    const result = await callTool(far, 'count', { n: 4 }, { meta: { traceparent: '00-ab' } });
    expect(result).toMatchObject({ resultType: 'complete', content: [{ type: 'text', text: '4' }] });
    expect(server.seen.map(({ body }) => body?.method)).not.toContain('initialize');
    const call = server.seen.find(({ body }) => body?.method === 'tools/call');
    expect(call?.path).toBe('/mcp?key=secret');
    expect(call?.headers).toMatchObject({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'count',
    });
    expect(call?.headers).not.toHaveProperty('mcp-session-id');
    expect(call?.body?.params?.['_meta']).toEqual({
      traceparent: '00-ab',
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'nexus-ai', version: '1.2.3' },
      'io.modelcontextprotocol/clientCapabilities': {},
    });
  });

  it.each([
    ['and serves it all the same', ['2026-07-28'], 2, 'modern'],
    ['and serves only older ones', ['2025-11-25'], 1, 'legacy'],
  ])('asks a server that refuses the revision once more, %s', async (_, supported, questions, era) => {
    let refused = false;
    await using server = await serveModern(() => modernServer(), {
      before: ({ body }, res) => {
        const isQuestion = body?.method === 'server/discover';
        if (!isQuestion || (refused && era === 'modern')) return false;
        refused = true;
        const error = { code: -32022, message: 'Unsupported', data: { supported, requested: '2026-07-28' } };
        res.writeHead(400, { 'content-type': 'application/json' });
        res.end(JSON.stringify({ jsonrpc: '2.0', id: body.id, error }));
        return true;
      },
    });
    await using opened = open({ servers: { far: { url: `${server.origin}/mcp` } } });
    expect(await toolNames(opened.upstream('far'))).toContain('count');
    const methods = server.seen.map(({ body }) => body?.method);
    expect(methods.filter((method) => method === 'server/discover')).toHaveLength(questions);
    expect(methods.includes('initialize')).toBe(era === 'legacy');
  });

  it('finds out that a server is legacy, and asks only once', async () => {
    const server = await serveLegacy(() => legacyServer());
    await using opened = open({ servers: { far: { url: `${server.origin}/mcp` } } });
    const far = opened.upstream('far');
    expect(await toolNames(far)).toContain('count');
    expect(textOf(await callTool(far, 'count', { n: 1 }))).toBe('1');
    server.forget();
    await using _ = server;
    expect(textOf(await callTool(far, 'count', { n: 2 }))).toBe('2');
    const methods = server.seen.map(({ body }) => body?.method);
    expect(methods.filter((method) => method === 'server/discover')).toHaveLength(1);
    expect(methods.filter((method) => method === 'initialize')).toHaveLength(2);
    expect(server.seen.some(({ headers }) => 'mcp-method' in headers && headers['mcp-method'] === 'tools/call')).toBe(
      false,
    );
  });

  it.each([
    ['legacy', 'initialize', 'server/discover'],
    ['modern', 'server/discover', 'initialize'],
  ] as const)('keeps to the configured era %s', async (era, said, unsaid) => {
    await using server = await serveModern(() => modernServer());
    await using opened = open({ servers: { far: { url: server.origin, era } } });
    expect(await toolNames(opened.upstream('far'))).toContain('count');
    const methods = server.seen.map(({ body }) => body?.method);
    expect(methods).toContain(said);
    expect(methods).not.toContain(unsaid);
  });

  it('says so when a server does not speak the configured era', async () => {
    await using server = await serveLegacy(() => legacyServer());
    await using opened = open({ servers: { far: { url: server.origin, era: 'modern' } } });
    expect(await toolNames(opened.upstream('far'))).toEqual([]);
    expect(opened.upstream('far').problem).toContain('does not speak a modern revision');
  });

  it('mirrors annotated arguments to headers and does not offer tools with invalid annotations', async () => {
    const factory = () => {
      const server = new Server({ name: 'raw', version: '1' }, { capabilities: { tools: {} } });
      server.fallbackRequestHandler = async ({ method }) => {
        if (method === 'tools/call') return { content: [] };
        const inputSchema = (header: string, type = 'string') => ({
          type: 'object',
          properties: { region: { type, 'x-mcp-header': header } },
        });
        return {
          tools: [
            { name: 'good', inputSchema: inputSchema('Region'), 'x-unknown': [1] },
            { name: 'bad', inputSchema: inputSchema('no good') },
            { name: 'worse', inputSchema: inputSchema('Amount', 'number') },
          ],
        };
      };
      return server;
    };
    await using server = await serveModern(factory, { legacy: 'reject' });
    await using opened = open({ servers: { far: { url: server.origin } } });
    const far = opened.upstream('far');
    const { tools } = await far.catalogue(caller());
    expect(tools.map(({ name }) => name)).toEqual(['good']);
    expect(tools[0]).toHaveProperty('x-unknown', [1]);
    await callTool(far, 'good', { region: 'Zürich' });
    const call = server.seen.find(({ body }) => body?.method === 'tools/call');
    expect(call?.headers['mcp-param-region']).toBe(`=?base64?${Buffer.from('Zürich').toString('base64')}?=`);
  });

  it('hears of changed lists from a modern server', async () => {
    let grown = false;
    const factory = () => {
      const server = modernServer();
      if (grown) server.registerTool('grown', {}, () => text('grown'));
      return server;
    };
    await using server = await serveModern(factory, { legacy: 'reject' });
    await using opened = open({ servers: { far: { url: server.origin } } });
    const far = opened.upstream('far');
    expect(await toolNames(far)).not.toContain('grown');
    const changes: string[] = [];
    far.onChange(({ kind }) => changes.push(kind));
    await eventually(() => server.seen.some(({ body }) => body?.method === 'subscriptions/listen'));
    grown = true;
    await eventually(() => {
      server.handler.notify.toolsChanged();
      return changes.includes('tools');
    });
    expect(await toolNames(far)).toContain('grown');
  });

  it('hears of changed lists from a legacy server', async () => {
    await using server = await serveLegacy(() => legacyServer());
    await using opened = open({ servers: { far: { url: server.origin } } });
    const far = opened.upstream('far');
    await toolNames(far);
    await eventually(() => server.seen.some(({ method }) => method === 'GET'));
    const changes: string[] = [];
    far.onChange(({ kind }) => changes.push(kind));
    await callTool(far, 'grow');
    await eventually(() => changes.includes('tools'));
    expect(await toolNames(far)).toContain('grown');
  });
});

describe('questions of a server', () => {
  it('asks a legacy client for a modern server and repeats the call', async () => {
    await using server = await serveModern(() => modernServer(), { legacy: 'reject' });
    await using opened = open({ servers: { far: { url: server.origin } } });
    const asked: [string, JsonObject][] = [];
    const more = {
      caller: caller('a', { elicitation: { form: {} } }),
      ask: async (method: string, params: JsonObject) => {
        asked.push([method, params]);
        return { action: 'accept', content: { name: 'Ada' } };
      },
    };
    const result = await callTool(opened.upstream('far'), 'ask', {}, more);
    expect(JSON.parse(textOf(result))).toEqual([{ who: { action: 'accept', content: { name: 'Ada' } } }, 'opaque']);
    expect(asked).toEqual([['elicitation/create', expect.objectContaining({ message: 'Name?' })]]);
  });

  it('hands the question to a modern client, whose next request brings the answer', async () => {
    await using server = await serveModern(() => modernServer(), { legacy: 'reject' });
    await using opened = open({ servers: { far: { url: server.origin } } });
    const far = opened.upstream('far');
    const more = { caller: caller('a', { elicitation: {} }), relayInputRequired: true };
    const question = await callTool(far, 'ask', {}, more);
    expect(question).toMatchObject({
      resultType: 'input_required',
      requestState: 'opaque',
      inputRequests: { who: {} },
    });
    const inputResponses = { who: { action: 'decline' } };
    const params = { name: 'ask', arguments: {}, inputResponses, requestState: 'opaque' };
    expect(textOf(await far.request('tools/call', params, context(more)))).toBe(
      '[{"who":{"action":"decline"}},"opaque"]',
    );
  });

  it('tells a client that cannot be asked', async () => {
    await using server = await serveModern(() => modernServer(), { legacy: 'reject' });
    await using opened = open({ servers: { far: { url: server.origin } } });
    await expect(callTool(opened.upstream('far'), 'ask')).rejects.toMatchObject({ code: expect.any(Number) });
  });

  it('relays the question of a legacy server to the caller, each over its own session', async () => {
    await using server = await serveLegacy(() => legacyServer());
    await using opened = open({ servers: { far: { url: server.origin } } });
    const far = opened.upstream('far');
    const one = async (name: string): Promise<string> => {
      const ask = async () => ({ action: 'accept', content: { name } });
      return textOf(await callTool(far, 'ask', {}, { caller: caller(name, { elicitation: {} }), ask }));
    };
    const [anna, ben] = await Promise.all([one('anna'), one('ben')]);
    expect(JSON.parse(anna ?? '')).toEqual({ action: 'accept', content: { name: 'anna' } });
    expect(JSON.parse(ben ?? '')).toEqual({ action: 'accept', content: { name: 'ben' } });
    expect(server.sessions()).toBe(3);
  });

  it('keeps as many connections for single callers as configured', async () => {
    await using server = await serveLegacy(() => legacyServer());
    await using opened = open({ downstreamCache: { maxSize: 2 }, servers: { far: { url: server.origin } } });
    const far = opened.upstream('far');
    for (const name of ['a', 'b', 'c', 'd']) {
      await callTool(far, 'count', { n: 1 }, { caller: caller(name, { roots: {} }), ask: async () => ({ roots: [] }) });
    }
    await eventually(() => server.sessions() === 3);
  });
});

describe('what a server says during a call', () => {
  it('goes to the caller of that call, however many call over the same connection', async () => {
    const waiting: (() => void)[] = [];
    await using server = await serveLegacy(() => {
      const legacy = new LegacyServer({ name: 'v1', version: '1' }, { capabilities: { logging: {} } });
      legacy.registerTool('talk', { inputSchema: { who: z.string() } }, async ({ who }, extra) => {
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
        });
        await extra.sendNotification({ method: 'notifications/message', params: { level: 'info', data: who } });
        return text(who);
      });
      return legacy;
    });
    await using opened = open({ servers: { far: { url: server.origin } } });
    const far = opened.upstream('far');
    const heard: [string, unknown][] = [];
    const calls = ['ann', 'bob', 'cid'].map((who) =>
      callTool(far, 'talk', { who }, { caller: caller(who), onNotification: (_, { data }) => heard.push([who, data]) }),
    );
    await eventually(() => waiting.length === 3);
    for (const go of waiting) go();
    await Promise.all(calls);
    expect(heard.sort()).toEqual([
      ['ann', 'ann'],
      ['bob', 'bob'],
      ['cid', 'cid'],
    ]);
    expect(server.sessions()).toBe(1);
  });
});

describe('cancelling', () => {
  it.each(['legacy', 'modern'] as const)('reaches a %s server within 50 ms', async (era) => {
    const calls: string[] = [];
    await using server =
      era === 'legacy' ? await serveLegacy(() => legacyServer(calls)) : await serveModern(() => modernServer(calls));
    await using opened = open({ servers: { far: { url: server.origin, era } } });
    const far = opened.upstream('far');
    const took = await leastUntil(50, async () => {
      calls.length = 0;
      const leaving = new AbortController();
      const call = callTool(far, 'hang', {}, { signal: leaving.signal });
      await eventually(() => calls.includes('hang'));
      const left = Date.now();
      leaving.abort();
      await expect(call).rejects.toMatchObject({ code: -32603 });
      const aborted = await eventually(() => calls.find((entry) => entry.startsWith('aborted')));
      return Number(aborted.split(' ')[1]) - left;
    });
    expect(took).toBeLessThanOrEqual(50);
    expect(textOf(await callTool(far, 'count', { n: 3 }))).toBe('3');
  });
});

describe('SSE', () => {
  it('reaches an SSE server where streamable HTTP fails, and says so', async () => {
    const origin = await startEverything('sse');
    await using opened = open({
      servers: { old: { url: `${origin}/sse` }, pinned: { url: `${origin}/sse`, protocol: 'sse' } },
    });
    for (const name of ['old', 'pinned']) {
      const upstream = opened.upstream(name);
      expect(await toolNames(upstream)).toHaveLength(13);
      expect(textOf(await callTool(upstream, 'echo', { message: name }))).toBe(`Echo: ${name}`);
    }
    const warnings = opened.log.filter(({ message }) => message.includes('SSE is used'));
    expect(warnings.map(({ fields }) => fields)).toEqual([{ server: 'old' }]);
  });

  it('reaches everything over streamable HTTP', async () => {
    const origin = await startEverything('streamableHttp');
    await using opened = open({ servers: { every: { url: `${origin}/mcp`, protocol: 'streamable-http' } } });
    const every = opened.upstream('every');
    expect(await toolNames(every)).toHaveLength(13);
    const progress: JsonObject[] = [];
    const onProgress = (params: JsonObject) => progress.push(params);
    await callTool(every, 'trigger-long-running-operation', { duration: 0.2, steps: 2 }, { onProgress });
    expect(progress).toHaveLength(2);
  });
});

describe('watched resources', () => {
  it('subscribes once at a legacy server however many watch, and again after a restart', async () => {
    const told: string[] = [];
    const live: LegacyLowLevelServer[] = [];
    const factory = () => {
      const mcp = new LegacyServer({ name: 'v1', version: '1' }, { capabilities: { resources: { subscribe: true } } });
      mcp.registerResource('one', 'test://one', {}, () => ({ contents: [] }));
      mcp.server.setRequestHandler(SubscribeRequestSchema, ({ params }) => {
        told.push(`+${params.uri}`);
        live.push(mcp.server);
        return {};
      });
      mcp.server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
        told.push(`-${params.uri}`);
        return {};
      });
      return mcp;
    };
    await using server = await serveLegacy(factory);
    await using opened = open({ servers: { far: { url: server.origin } } });
    const far = opened.upstream('far');
    const updated: string[] = [];
    far.onChange((change) => change.kind === 'resource' && updated.push(change.uri));
    const [stop, stopToo] = [
      await far.subscribe('test://one', caller('a')),
      await far.subscribe('test://one', caller('b')),
    ];
    expect(told).toEqual(['+test://one']);
    await eventually(() => server.seen.some(({ method }) => method === 'GET'));
    await live[0]?.sendResourceUpdated({ uri: 'test://one' });
    await eventually(() => updated.length === 1);
    stop();
    stop();
    server.forget();
    await far.request('resources/read', { uri: 'test://one' }, context());
    await eventually(() => told.length === 2);
    await eventually(() => server.seen.filter(({ method, path }) => method === 'GET' && path === '/').length >= 2);
    await eventually(async () => {
      await live[1]?.sendResourceUpdated({ uri: 'test://one' });
      return updated.length >= 2;
    });
    stopToo();
    await eventually(() => told.length === 3);
    expect(told).toEqual(['+test://one', '+test://one', '-test://one']);
    expect(new Set(updated)).toEqual(new Set(['test://one']));
  });

  it('listens for a resource at a modern server', async () => {
    const factory = () => {
      const mcp = new McpServer({ name: 'v2', version: '2' }, { capabilities: { resources: { subscribe: true } } });
      mcp.registerResource('one', 'test://one', {}, () => ({ contents: [] }));
      return mcp;
    };
    await using server = await serveModern(factory, { legacy: 'reject' });
    await using opened = open({ servers: { far: { url: server.origin } } });
    const far = opened.upstream('far');
    const updated: string[] = [];
    far.onChange((change) => change.kind === 'resource' && updated.push(change.uri));
    const stop = await far.subscribe('test://one', caller());
    await eventually(() => {
      server.handler.notify.resourceUpdated('test://one');
      server.handler.notify.resourceUpdated('test://two');
      return updated.length > 0;
    });
    stop();
    expect(new Set(updated)).toEqual(new Set(['test://one']));
  });

  it('tells why a server does not let a resource be watched', async () => {
    await using server = await serveLegacy(() => legacyServer());
    await using opened = open({ servers: { far: { url: server.origin } } });
    await expect(opened.upstream('far').subscribe('test://one', caller())).rejects.toMatchObject({ code: -32601 });
  });
});

describe('servers that fail', () => {
  it('is listed empty while a server cannot be reached, and filled when it can', async () => {
    const port = await freePort();
    await using opened = open({ servers: { late: { url: `http://127.0.0.1:${port}/mcp` } } });
    const late = opened.upstream('late');
    expect(await toolNames(late)).toEqual([]);
    expect(late.problem).toBe('it cannot be reached (ECONNREFUSED)');
    const states: string[] = [];
    late.onChange(({ kind }) => kind === 'state' && states.push(late.state));
    await using _ = await serveLegacy(() => legacyServer(), { port });
    await eventually(() => states.includes('ready'));
    expect(await toolNames(late)).toContain('count');
  });

  it('notices that a server has gone though nobody calls, and that it is back', async () => {
    const first = await serveLegacy(() => legacyServer());
    await using opened = open({ servers: { far: { url: first.origin } } });
    const far = opened.upstream('far');
    await toolNames(far);
    await eventually(() => first.seen.some(({ method }) => method === 'GET'));
    const states: string[] = [];
    far.onChange(({ kind }) => kind === 'state' && states.push(far.state));
    await first[Symbol.asyncDispose]();
    await eventually(() => states.includes('down'));
    expect(await toolNames(far)).toContain('count');
    await using _ = await serveLegacy(() => legacyServer(), { port: first.port });
    await eventually(() => states.includes('ready'));
    expect(textOf(await callTool(far, 'count', { n: 1 }))).toBe('1');
  });

  it('opens a new session when the old one is forgotten, and no call is lost or run twice', async () => {
    const calls: string[] = [];
    await using server = await serveLegacy(() => legacyServer(calls));
    await using opened = open({ servers: { far: { url: server.origin } } });
    const far = opened.upstream('far');
    await callTool(far, 'count', { n: 1 });
    server.forget();
    expect(textOf(await callTool(far, 'count', { n: 2 }))).toBe('2');
    expect(calls).toEqual(['count 1', 'count 2']);
  });

  it('does not repeat a call whose answer broke off, unless it may be repeated', async () => {
    const calls: string[] = [];
    let cut = true;
    await using server = await serveLegacy(() => legacyServer(calls), {
      before: ({ body }, res) => {
        if (body?.method !== 'tools/call' || !cut) return false;
        calls.push(`cut ${body.params?.['name']}`);
        cut = false;
        res.destroy();
        return true;
      },
    });
    await using opened = open({ servers: { far: { url: server.origin } } });
    const far = opened.upstream('far');
    await toolNames(far);
    await expect(callTool(far, 'count', { n: 1 })).rejects.toMatchObject({ code: -32603 });
    cut = true;
    expect(textOf(await callTool(far, 'look'))).toBe('seen');
    expect(calls).toEqual(['cut count', 'cut look', 'look']);
  });

  it.each([
    [401, /refused the credentials/],
    [403, /refused the credentials/],
    [500, /status 500/],
    [302, /status 302/],
  ])('tells what status %i means and shows nothing of the answer', async (status, problem) => {
    await using server = await serve((_, __, res) => {
      res.writeHead(status, { location: 'http://127.0.0.1:1/other', 'content-type': 'text/plain' });
      res.end('private words');
    });
    await using opened = open({ servers: { far: { url: `${server.origin}/mcp?key=secret` } } });
    const far = opened.upstream('far');
    expect(await toolNames(far)).toEqual([]);
    expect(far.problem).toMatch(problem);
    const error = await callTool(far, 'count').catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: -32603 });
    expect(JSON.stringify([opened.log, far.problem, String(error)])).not.toMatch(/private words|secret/);
    // Credentials and failures say nothing about the era: nothing else is tried within one attempt.
    expect(server.seen[0]?.body?.method).toBe('server/discover');
  });

  it.each([
    ['a page', 'text/html', '<html></html>'],
    ['half a document', 'application/json', '{"jsonrpc":'],
    ['a list', 'application/json', '[]'],
  ])('survives %s in the place of an answer', async (_, type, body) => {
    await using server = await serve((__, ___, res) => {
      res.writeHead(200, { 'content-type': type });
      res.end(body);
    });
    await using opened = open({ servers: { far: { url: server.origin, startTimeout: '500ms' } } });
    const far = opened.upstream('far');
    expect(await toolNames(far)).toEqual([]);
    await expect(callTool(far, 'count')).rejects.toMatchObject({ code: -32603 });
  });

  it('refuses an answer that never ends', async () => {
    await using server = await serveLegacy(() => legacyServer(), {
      before: ({ body }, res) => {
        if (body?.method !== 'tools/call') return false;
        res.writeHead(200, { 'content-type': 'application/json' });
        const chunk = Buffer.alloc(1024 * 1024, 0x20);
        const pour = (): void => {
          while (!res.destroyed && res.write(chunk));
        };
        res.on('drain', pour);
        pour();
        return true;
      },
    });
    await using opened = open({ servers: { far: { url: server.origin } } });
    await expect(callTool(opened.upstream('far'), 'count', { n: 1 })).rejects.toMatchObject({ code: -32603 });
  });

  it('keeps the client of one server apart from that of another', async () => {
    await using good = await serveLegacy(() => legacyServer());
    await using silent = await serve(() => {});
    await using opened = open({
      servers: { silent: { url: silent.origin, startTimeout: '300ms' }, good: { url: good.origin } },
    });
    expect(await toolNames(opened.upstream('good'))).toContain('count');
    const began = performance.now();
    expect(await toolNames(opened.upstream('silent'))).toEqual([]);
    expect(performance.now() - began).toBeLessThan(500);
    expect(textOf(await callTool(opened.upstream('good'), 'count', { n: 1 }))).toBe('1');
  });
});

describe('TLS', () => {
  const file = (name: string): string => `test/fixtures/mcp/tls/${name}.pem`;

  it.each([
    ['a certificate of an authority it is told to trust', 'server', { rootCaCertPath: file('ca') }, undefined],
    ['a certificate nobody vouches for', 'server', {}, /UNABLE_TO_VERIFY|SELF_SIGNED|UNABLE_TO_GET/],
    ['a certificate nobody vouches for, unchecked', 'server', { verifyCerts: false }, undefined],
    ['a certificate of another host', 'wrong-host', { rootCaCertPath: file('ca') }, /ALTNAME/],
    [
      'a certificate of another host, accepted',
      'wrong-host',
      { rootCaCertPath: file('ca'), acceptInvalidHostnames: true },
      undefined,
    ],
    ['a file that does not exist', 'server', { rootCaCertPath: file('none') }, /certificate file cannot be read/],
  ])('meets %s', async (_, certificate, tls, problem) => {
    await using server = await serveTls({ certificate: file(certificate), key: file(`${certificate}-key`) });
    await using opened = open({ servers: { far: { url: server.url, tls } } });
    const far = opened.upstream('far');
    expect(await toolNames(far)).toEqual(problem === undefined ? ['secure'] : []);
    expect(far.problem ?? '').toMatch(problem ?? /^$/);
  });

  it('shows a certificate of its own', async () => {
    const required = { certificate: file('server'), key: file('server-key'), clientAuthority: file('ca') };
    await using server = await serveTls(required);
    const tls = { rootCaCertPath: file('ca'), clientCertPath: file('client'), clientKeyPath: file('client-key') };
    await using opened = open({
      servers: { known: { url: server.url, tls }, unknown: { url: server.url, tls: { rootCaCertPath: file('ca') } } },
    });
    expect(await toolNames(opened.upstream('known'))).toEqual(['secure']);
    expect(await toolNames(opened.upstream('unknown'))).toEqual([]);
  });
});

describe('credentials', () => {
  it('sends the token, then the headers of all servers, then its own; later ones win', async () => {
    await using server = await serveLegacy(() => legacyServer());
    await using opened = open({
      headers: [
        { rule: 'insert', name: 'X-All', value: 'all' },
        { rule: 'insert', name: 'X-Both', value: 'all' },
      ],
      servers: {
        plain: {
          url: `${server.origin}/plain`,
          auth: { token: 't0ken' },
          headers: [{ rule: 'insert', name: 'X-Both', value: 'own' }],
        },
        other: {
          url: `${server.origin}/other`,
          auth: { token: 't0ken' },
          headers: [{ rule: 'insert', name: 'Authorization', value: 'Basic abc' }],
        },
      },
    });
    await Promise.all([toolNames(opened.upstream('plain')), toolNames(opened.upstream('other'))]);
    const headersAt = (path: string) =>
      server.seen.filter((request) => request.path === path).map(({ headers }) => headers);
    for (const headers of headersAt('/plain')) {
      expect(headers).toMatchObject({ authorization: 'Bearer t0ken', 'x-all': 'all', 'x-both': 'own' });
    }
    for (const headers of headersAt('/other')) expect(headers).toMatchObject({ authorization: 'Basic abc' });
  });

  it('fetches a token with client credentials, keeps it, and fetches another when it is refused', async () => {
    let issued = 0;
    await using issuer = await serve(({ headers, text: form }, _, res) => {
      const expected = `Basic ${Buffer.from('my+id:my%3Asecret').toString('base64')}`;
      const ok = headers.authorization === expected;
      res.writeHead(ok ? 200 : 401, { 'content-type': 'application/json' });
      issued += 1;
      res.end(
        JSON.stringify(
          ok ? { access_token: `token${issued}`, token_type: 'Bearer', expires_in: 3600 } : { error: form },
        ),
      );
    });
    let good = 'Bearer token1';
    await using server = await serveLegacy(() => legacyServer(), {
      before: ({ headers }, res) => {
        if (headers.authorization === good) return false;
        res.writeHead(401).end();
        return true;
      },
    });
    const auth = {
      type: 'client_credentials' as const,
      tokenUrl: `${issuer.origin}/token`,
      clientId: 'my id',
      clientSecret: 'my:secret',
      scope: 'a b',
    };
    await using opened = open({ servers: { far: { url: `${server.origin}/mcp`, auth } } });
    const far = opened.upstream('far');
    expect(await toolNames(far)).toContain('count');
    await Promise.all([1, 2, 3].map((n) => callTool(far, 'count', { n })));
    expect(issuer.seen).toHaveLength(1);
    expect(Object.fromEntries(new URLSearchParams(issuer.seen[0]?.text))).toEqual({
      grant_type: 'client_credentials',
      resource: `${server.origin}/mcp`,
      scope: 'a b',
    });
    good = 'Bearer token2';
    expect(textOf(await callTool(far, 'count', { n: 4 }))).toBe('4');
    expect(issuer.seen).toHaveLength(2);
  });

  it('finds the token endpoint through the metadata of the server', async () => {
    const holder: { origin: string } = { origin: '' };
    await using issuer = await serve(({ path, headers }, _, res) => {
      if (path.startsWith('/.well-known/oauth-authorization-server/tenant')) {
        const metadata = {
          issuer: `${holder.origin}/tenant`,
          token_endpoint: `${holder.origin}/tenant/token`,
          token_endpoint_auth_methods_supported: ['client_secret_post'],
        };
        res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(metadata));
      } else if (path === '/tenant/token' && headers.authorization === undefined) {
        res.writeHead(200, { 'content-type': 'application/json' }).end('{"access_token":"found"}');
      } else res.writeHead(404).end();
    });
    holder.origin = issuer.origin;
    await using server = await serveLegacy(() => legacyServer(), {
      before: ({ path, headers }, res) => {
        if (path === '/.well-known/oauth-protected-resource/mcp') {
          const metadata = { resource: 'x', authorization_servers: [`${holder.origin}/tenant`] };
          res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(metadata));
          return true;
        }
        if (headers.authorization === 'Bearer found') return false;
        res.writeHead(401).end();
        return true;
      },
    });
    const auth = { type: 'client_credentials' as const, clientId: 'id', clientSecret: 'open-sesame' };
    await using opened = open({ servers: { far: { url: `${server.origin}/mcp`, auth } } });
    expect(await toolNames(opened.upstream('far'))).toContain('count');
    expect(new URLSearchParams(issuer.seen.at(-1)?.text).get('client_secret')).toBe('open-sesame');
  });

  it.each([
    ['the issuer, where there is one', undefined],
    ['the token endpoint, where that is all', '/token'],
  ])('signs who it is with a private key, for %s', async (_, path) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const judged: string[] = [];
    await using server = await serveLegacy(() => legacyServer(), {
      before: ({ path: asked, headers, text: form }, res) => {
        const origin = `http://${headers.host}`;
        const answer = (status: number, body: object): true => {
          res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
          return true;
        };
        if (asked === '/.well-known/oauth-authorization-server') {
          return answer(200, { issuer: origin, token_endpoint: `${origin}/token` });
        }
        if (asked.startsWith('/.well-known/')) return answer(404, {});
        if (asked !== '/token') return headers.authorization === 'Bearer signed' ? false : answer(401, {});
        const said = new URLSearchParams(form);
        const audience = path === undefined ? origin : `${origin}${path}`;
        jwtVerify(said.get('client_assertion') ?? '', publicKey, { audience, issuer: 'id', subject: 'id' }).then(
          ({ payload }) => {
            judged.push(`${said.get('client_assertion_type')} ${Number(payload.exp) - Number(payload.iat)}`);
            answer(200, { access_token: 'signed', expires_in: 3600 });
          },
          (error: Error) => answer(401, { error: 'invalid_client', why: judged.push(error.message) }),
        );
        return true;
      },
    });
    const tokenUrl = path === undefined ? {} : { tokenUrl: `${server.origin}${path}` };
    const auth = { type: 'client_credentials' as const, clientId: 'id', privateKey: pem, ...tokenUrl };
    await using opened = open({ servers: { far: { url: `${server.origin}/mcp`, auth } } });
    expect(await toolNames(opened.upstream('far'))).toContain('count');
    expect(judged).toEqual(['urn:ietf:params:oauth:client-assertion-type:jwt-bearer 60']);
  });

  it('says without a word of the key that it is of another kind', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await using server = await serve((_, __, res) => void res.writeHead(401).end());
    const tokenUrl = `${server.origin}/token`;
    const auth = { type: 'client_credentials' as const, clientId: 'id', privateKey: pem, tokenUrl };
    const servers = { far: { url: server.origin, auth: { ...auth, signingAlgorithm: 'RS256' as const } } };
    await using opened = open({ servers });
    expect(await toolNames(opened.upstream('far'))).toEqual([]);
    expect(opened.upstream('far').problem).toContain('its private key cannot sign with RS256');
    expect(JSON.stringify(opened.log)).not.toContain(pem.split('\n')[1]);
    expect(server.seen).toHaveLength(0);
  });

  it.each([
    ['a private address', 'https://10.0.0.1/'],
    ['a name of this machine', 'https://localhost:9/'],
    ['plain http elsewhere', 'http://example.org/'],
  ])('does not follow metadata to %s', async (_, address) => {
    await using server = await serve(({ path }, __, res) => {
      if (!path.startsWith('/.well-known/oauth-protected-resource')) return void res.writeHead(401).end();
      res.writeHead(200, { 'content-type': 'application/json' });
      res.end(JSON.stringify({ authorization_servers: [address] }));
    });
    const auth = { type: 'client_credentials' as const, clientId: 'id', clientSecret: 'open-sesame' };
    await using opened = open({ servers: { far: { url: `${server.origin}/mcp`, auth } } });
    const far = opened.upstream('far');
    expect(await toolNames(far)).toEqual([]);
    expect(far.problem).toContain('not allowed');
  });

  it('keeps what belongs to one forwarded token from all others', async () => {
    const calls: string[] = [];
    await using server = await serveLegacy(() => legacyServer(calls), {
      before: ({ headers }, res) => {
        if (headers.authorization === 'Bearer anna' || headers.authorization === 'Bearer ben') return false;
        res.writeHead(401).end();
        return true;
      },
    });
    await using opened = open({ servers: { far: { url: server.origin, auth: { type: 'forward' } } } });
    const far = opened.upstream('far');
    const [anna, ben, eve] = ['anna', 'ben', 'eve'].map((name) => caller(name, {}, name));
    if (anna === undefined || ben === undefined || eve === undefined) throw new Error('No callers');
    expect(server.seen).toEqual([]);
    expect(await toolNames(far)).toEqual([]);
    await expect(callTool(far, 'count')).rejects.toMatchObject({
      code: -32600,
      message: 'Authentication required for this tool',
    });
    expect(server.seen).toEqual([]);

    await Promise.all([anna, ben, anna, ben].map((who, n) => callTool(far, 'count', { n }, { caller: who })));
    expect(server.sessions()).toBe(2);
    expect(await toolNames(far, anna)).toContain('count');
    // The server refuses this one: it is missing for her, and nobody else, and is not asked again at once.
    expect(await toolNames(far, eve)).toEqual([]);
    const asked = server.seen.length;
    await expect(callTool(far, 'count', { n: 1 }, { caller: eve })).rejects.toMatchObject({ code: -32603 });
    expect(server.seen).toHaveLength(asked);
    const sessionsOf = (token: string) =>
      new Set(
        server.seen
          .filter(({ headers }) => headers.authorization === token)
          .map(({ headers }) => headers['mcp-session-id']),
      );
    sessionsOf('Bearer anna').delete(undefined);
    const both = [...sessionsOf('Bearer anna')].filter((id) => id !== undefined && sessionsOf('Bearer ben').has(id));
    expect(both).toEqual([]);
  });

  it('does not outlive a forwarded token', async () => {
    await using server = await serveLegacy(() => legacyServer());
    let now = 1_000_000;
    await using opened = open(
      { servers: { far: { url: server.origin, auth: { type: 'forward' } } } },
      { runtime: { now: () => now, elapsed: () => performance.now() } },
    );
    const far = opened.upstream('far');
    const who = caller('a', {}, 'token', { exp: 1060 });
    await callTool(far, 'count', { n: 1 }, { caller: who });
    await callTool(far, 'count', { n: 2 }, { caller: who });
    expect(server.seen.filter(({ body }) => body?.method === 'initialize')).toHaveLength(1);
    now = 1_060_000;
    await callTool(far, 'count', { n: 3 }, { caller: caller('a', {}, 'token', { exp: 2000 }) });
    expect(server.seen.filter(({ body }) => body?.method === 'initialize')).toHaveLength(2);
  });
});

/** The least that counts as a legacy server, over HTTPS on `localhost`. */
async function serveTls(files: {
  certificate: string;
  key: string;
  clientAuthority?: string;
}): Promise<AsyncDisposable & { url: string }> {
  const [cert, key, ca] = await Promise.all(
    [files.certificate, files.key, files.clientAuthority].map((path) =>
      path === undefined ? undefined : readFile(path),
    ),
  );
  const mutual = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true };
  const server = createHttpsServer({ cert, key, ...mutual }, async (req, res) => {
    let body = '';
    for await (const chunk of req) body += chunk;
    const { id, method } = body === '' ? {} : JSON.parse(body);
    if (id === undefined) return void res.writeHead(req.method === 'POST' ? 202 : 405).end();
    const results: Record<string, unknown> = {
      initialize: {
        protocolVersion: '2025-06-18',
        capabilities: { tools: {} },
        serverInfo: { name: 's', version: '1' },
      },
      'tools/list': { tools: [{ name: 'secure', inputSchema: { type: 'object' } }] },
    };
    const answer =
      results[method] === undefined ? { error: { code: -32601, message: 'no' } } : { result: results[method] };
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port');
  return {
    url: `https://localhost:${address.port}/mcp`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function startEverything(kind: 'sse' | 'streamableHttp'): Promise<string> {
  const port = await freePort();
  const child = spawn(process.execPath, [EVERYTHING, kind], {
    env: { ...process.env, PORT: String(port) },
    stdio: 'ignore',
  });
  cleanups.push(() => child.kill('SIGKILL'));
  const origin = `http://127.0.0.1:${port}`;
  await eventually(() =>
    fetch(`${origin}/nothing`).then(
      () => true,
      () => false,
    ),
  );
  return origin;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No port');
  return address.port;
}
