import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JsonRpcError } from '../../src/core/mcp/wire/json-rpc.ts';
import { type ServedGateway, serveGateway } from '../support/mcp-gateway.ts';
import { openSession, postLegacy, postModern, postRaw, readAnswer } from '../support/mcp-post.ts';
import { MemoryUpstream, tool } from '../support/mcp-upstream.ts';

const mirrored = tool('where', 'Says where', {
  type: 'object',
  properties: {
    region: { type: 'string', 'x-mcp-header': 'Region' },
    count: { type: 'integer', 'x-mcp-header': 'Count' },
  },
});
const upstream = new MemoryUpstream(
  'files',
  { tools: [tool('read'), mirrored], resources: [{ uri: 'file:///ä', name: 'a' }], instructions: 'Read the files.' },
  (method, params, call) => {
    if (method === 'resources/read')
      throw new JsonRpcError(-32002, 'Resource not found', { data: { uri: params['uri'] } });
    if (method === 'prompts/get') throw new JsonRpcError(-32022, 'Odd revision');
    if (params['name'] === 'ask') {
      return { resultType: 'input_required', inputRequests: { q: { method: 'sampling/createMessage', params: {} } } };
    }
    call.onNotification?.('notifications/message', { level: 'info', data: 'a line' });
    return { content: [], meta: call.meta };
  },
);

let served: ServedGateway;
let url: string;

beforeAll(async () => {
  served = await serveGateway([upstream], { config: { tools: 'all' } });
  url = `${served.url}/files`;
});
afterAll(() => served.close());

const initialize = (version: string) =>
  JSON.stringify({
    jsonrpc: '2.0',
    id: 0,
    method: 'initialize',
    params: { protocolVersion: version, capabilities: {} },
  });

/** A request whose Host header is ours to choose; `fetch` sets its own. */
function postFrom(headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, {
      method: 'POST',
      headers: { accept: 'application/json, text/event-stream', 'content-type': 'application/json', ...headers },
    });
    request.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject);
    request.end(initialize('2025-11-25'));
  });
}

describe('where a request comes from', () => {
  it.each([
    ['a foreign origin', { origin: 'http://evil.example' }, 403],
    ['the origin null', { origin: 'null' }, 403],
    ['a foreign name of this machine', { host: 'evil.example' }, 403],
    ['a foreign name that its own page uses', { host: 'evil.example', origin: 'http://evil.example' }, 403],
    ['a name that only begins well', { host: 'localhost.evil.example' }, 403],
    ['an unreadable host', { host: 'a b' }, 403],
    ['a page of this machine', { origin: 'http://localhost:5173' }, 200],
    ['its own name', { host: 'localhost:80' }, 200],
    ['the IPv6 loopback', { host: '[::1]:80', origin: 'http://[::1]' }, 200],
    ['no origin', {}, 200],
  ])('%s', async (_name, headers, status) => {
    expect(await postFrom(headers)).toBe(status);
  });

  it('is judged by configured names too', async () => {
    const other = await serveGateway([upstream], {
      config: { allowedHosts: ['gw.example.com'], allowedOrigins: ['https://app.example.com'] },
    });
    try {
      const good = await postRaw(other.url, initialize('2025-11-25'), { origin: 'https://app.example.com' });
      const bad = await postRaw(other.url, initialize('2025-11-25'), { origin: 'https://app.example.org' });
      expect([good.status, bad.status]).toEqual([200, 403]);
    } finally {
      await other.close();
    }
  });
});

describe('a stateless request', () => {
  it('is answered in plain JSON with its type and who gave it', async () => {
    const { status, headers, body } = await postModern(url, 'tools/call', { name: 'read' });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/json');
    expect(body.result).toMatchObject({
      resultType: 'complete',
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'files' } },
    });
  });

  it('discovers what is served', async () => {
    const { body } = await postModern(url, 'server/discover');
    expect(body.result).toMatchObject({
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: { listChanged: true }, resources: { subscribe: true } },
      instructions: 'Read the files.',
      ttlMs: expect.any(Number),
      cacheScope: 'private',
    });
  });

  it.each(['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list'])(
    'gets %s with the caching hints',
    async (method) => {
      const { body } = await postModern(url, method);
      expect(body.result).toMatchObject({ ttlMs: expect.any(Number), cacheScope: 'private' });
    },
  );

  it.each([
    ['no Mcp-Method', { headers: { 'mcp-method': '' } }, 400, -32020],
    ['another Mcp-Method', { headers: { 'mcp-method': 'tools/list' } }, 400, -32020],
    ['no Mcp-Name', { headers: { 'mcp-name': '' } }, 400, -32020],
    ['another Mcp-Name', { headers: { 'mcp-name': 'write' } }, 400, -32020],
    ['an unreadable Mcp-Name', { headers: { 'mcp-name': '=?base64?!!?=' } }, 400, -32020],
    ['no MCP-Protocol-Version', { headers: { 'mcp-protocol-version': '' } }, 400, -32020],
    ['another MCP-Protocol-Version', { headers: { 'mcp-protocol-version': '2025-11-25' } }, 400, -32020],
    [
      'a revision that is not served',
      {
        headers: { 'mcp-protocol-version': '2030-01-01' },
        meta: { 'io.modelcontextprotocol/protocolVersion': '2030-01-01' },
      },
      400,
      -32022,
    ],
    ['no capabilities', { meta: { 'io.modelcontextprotocol/clientCapabilities': undefined } }, 400, -32602],
    ['capabilities of another shape', { meta: { 'io.modelcontextprotocol/clientCapabilities': [] } }, 400, -32602],
    ['no version in the body', { meta: { 'io.modelcontextprotocol/protocolVersion': undefined } }, 400, -32602],
    ['a log level nobody knows', { meta: { 'io.modelcontextprotocol/logLevel': 'loud' } }, 400, -32602],
  ])('with %s is refused', async (_name, changes, status, code) => {
    const answer = await postModern(url, 'tools/call', { name: 'read' }, { ...changes, id: 'mine' });
    expect([answer.status, answer.body.error?.code, answer.body.id]).toEqual([status, code, 'mine']);
  });

  it('names the revisions it may use instead', async () => {
    const { body } = await postModern(
      url,
      'tools/list',
      {},
      {
        headers: { 'mcp-protocol-version': '1999-01-01' },
        meta: { 'io.modelcontextprotocol/protocolVersion': '1999-01-01' },
      },
    );
    expect(body.error?.data).toEqual({ supported: ['2026-07-28'], requested: '1999-01-01' });
  });

  it.each(['initialize', 'ping', 'logging/setLevel', 'resources/subscribe', 'made/up', 'constructor'])(
    'for %s is one for an unknown method',
    async (method) => {
      const { status, body } = await postModern(url, method);
      expect([status, body.error?.code, body.id]).toEqual([404, -32601, 1]);
    },
  );

  it('may carry a name that is no ASCII', async () => {
    const encoded = `=?base64?${Buffer.from('file:///ä').toString('base64')}?=`;
    const { status, body } = await postModern(
      url,
      'resources/read',
      { uri: 'file:///ä' },
      { headers: { 'mcp-name': encoded } },
    );
    expect([status, body.error?.code, body.error?.data]).toEqual([200, -32602, { uri: 'file:///ä' }]);
  });

  it.each([
    ['both', { 'mcp-param-region': 'eu', 'mcp-param-count': '2.0' }, 200],
    ['one missing', { 'mcp-param-region': 'eu' }, 400],
    ['one that differs', { 'mcp-param-region': 'us', 'mcp-param-count': '2' }, 400],
    ['one unreadable', { 'mcp-param-region': '=?base64?*?=', 'mcp-param-count': '2' }, 400],
  ])('with mirrored parameters, %s', async (_name, headers, status) => {
    const params = { name: 'where', arguments: { region: 'eu', count: 2 } };
    const answer = await postModern(url, 'tools/call', params, { headers });
    expect(answer.status).toBe(status);
    if (status === 400) expect(answer.body.error?.code).toBe(-32020);
  });

  it('needs no header for a parameter it does not give', async () => {
    expect((await postModern(url, 'tools/call', { name: 'where', arguments: { region: null } })).status).toBe(200);
  });

  it('is told when the answer needs what it did not declare', async () => {
    const { status, body } = await postModern(url, 'tools/call', { name: 'ask' });
    expect([status, body.error?.code, body.error?.data]).toEqual([
      400,
      -32021,
      { requiredCapabilities: { sampling: {} } },
    ]);
  });

  it('hears nothing of a revision that only we and the server speak of', async () => {
    const { status, body } = await postModern(url, 'prompts/get', { name: 'x' });
    expect([status, body.error?.code]).toEqual([200, -32603]);
  });

  it('gets log lines only when it asks for them', async () => {
    const silent = await postModern(url, 'tools/call', { name: 'read' });
    const meta = { 'io.modelcontextprotocol/logLevel': 'info' };
    const asking = await postModern(url, 'tools/call', { name: 'read' }, { meta });
    expect([silent.messages.length, asking.messages.length]).toEqual([1, 2]);
    expect(asking.headers.get('x-accel-buffering')).toBe('no');
  });

  it('passes on the trace it is part of, and none of what is between us', async () => {
    const meta = { traceparent: '00-1', progressToken: 7, 'io.modelcontextprotocol/clientInfo': { name: 'x' } };
    const { body } = await postModern(url, 'tools/call', { name: 'read' }, { meta });
    expect(body.result?.['meta']).toEqual({ traceparent: '00-1' });
  });

  it('that is a notification is accepted', async () => {
    const body = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/odd' });
    const { status, text } = await postRaw(url, body, { 'mcp-protocol-version': '2026-07-28' });
    expect([status, text]).toEqual([202, '']);
  });

  it.each(['GET', 'DELETE'])('is never a %s', async (method) => {
    const headers = { accept: 'text/event-stream', 'mcp-protocol-version': '2026-07-28' };
    const response = await fetch(url, { method, headers });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

describe('a subscription', () => {
  it('first says what it honours, and ends at once when that is nothing', async () => {
    const { body, messages } = await postModern(url, 'subscriptions/listen', { notifications: {} }, { id: 'sub' });
    const [acknowledged] = messages as unknown as { method: string; params: unknown }[];
    expect(acknowledged).toMatchObject({
      method: 'notifications/subscriptions/acknowledged',
      params: { notifications: {}, _meta: { 'io.modelcontextprotocol/subscriptionId': 'sub' } },
    });
    expect(body.result).toMatchObject({ resultType: 'complete' });
  });

  it.each([undefined, [], 'all', { resourceSubscriptions: [1] }, { resourceSubscriptions: 'x' }])(
    'with the filter %j is refused',
    async (notifications) => {
      const { body } = await postModern(url, 'subscriptions/listen', { notifications });
      expect(body.error?.code).toBe(-32602);
    },
  );

  it('watches resources while it is open', async () => {
    const controller = new AbortController();
    const body = {
      jsonrpc: '2.0',
      id: 5,
      method: 'subscriptions/listen',
      params: {
        notifications: { resourceSubscriptions: ['file:///ä'] },
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientCapabilities': {},
        },
      },
    };
    const response = await fetch(url, {
      method: 'POST',
      signal: controller.signal,
      headers: {
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'subscriptions/listen',
      },
      body: JSON.stringify(body),
    });
    const reader = response.body?.getReader();
    const next = async () => new TextDecoder().decode((await reader?.read())?.value);
    expect(await next()).toContain('acknowledged');
    expect(upstream.watched).toEqual(['file:///ä']);
    upstream.tell({ kind: 'resource', uri: 'file:///other' });
    upstream.tell({ kind: 'resource', uri: 'file:///ä' });
    const told = await next();
    expect(told).toContain('notifications/resources/updated');
    expect(told).not.toContain('file:///other');
    controller.abort();
    await reader?.read().catch(() => {});
    await expect.poll(() => upstream.watched).toEqual([]);
  });
});

describe('a body that is no message', () => {
  it.each([
    ['no JSON', '{', 400, -32700],
    ['nothing', '', 400, -32700],
    ['a number', '5', 400, -32600],
    ['null', 'null', 400, -32600],
    ['an object of something else', '{"a":1}', 400, -32600],
    ['another version', '{"jsonrpc":"1.0","id":1,"method":"ping"}', 400, -32600],
    ['a null id', '{"jsonrpc":"2.0","id":null,"method":"ping"}', 400, -32600],
    ['params in a list', '{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}', 400, -32600],
    ['an empty batch', '[]', 400, -32600],
    ['a batch with nonsense', '[1]', 400, -32600],
    ['deep nesting', `${'['.repeat(200)}${']'.repeat(200)}`, 400, -32700],
    ['too much', `"${'x'.repeat(1024 * 1024)}"`, 413, -32000],
  ])('%s', async (_name, body, status, code) => {
    const answer = await postRaw(url, body);
    expect([answer.status, answer.body.error?.code]).toEqual([status, code]);
  });

  it.each([
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['application/json; charset=utf-8', 200],
  ])('of the type %s', async (type, status) => {
    expect((await postRaw(url, initialize('2025-11-25'), { 'content-type': type })).status).toBe(status);
  });

  it.each([
    ['application/json', 406],
    ['text/event-stream', 406],
    ['text/html', 406],
    ['*/*', 200],
  ])('for a client that takes %s', async (accept, status) => {
    expect((await postRaw(url, initialize('2025-11-25'), { accept })).status).toBe(status);
  });
});

describe('a session', () => {
  it.each([
    ['2025-11-25', '2025-11-25'],
    ['2025-06-18', '2025-06-18'],
    ['2024-10-07', '2024-10-07'],
    ['1999-01-01', '2025-11-25'],
  ])('asked for %s speaks %s', async (asked, spoken) => {
    const { body } = await postRaw(url, initialize(asked));
    expect(body.result).toMatchObject({
      protocolVersion: spoken,
      instructions: 'Read the files.',
      serverInfo: { name: 'files' },
    });
  });

  it('is needed for everything else, and must exist', async () => {
    const without = await postLegacy(url, {}, 'tools/list');
    const unknown = await postLegacy(url, { 'mcp-session-id': 'made-up' }, 'tools/list');
    expect([without.status, without.body.error?.code]).toEqual([400, -32000]);
    expect([unknown.status, unknown.body.error?.code]).toEqual([404, -32001]);
  });

  it('belongs to who opened it', async () => {
    const session = await openSession(url, { headers: { 'x-user': 'ann' } });
    const mine = await postLegacy(url, session, 'ping');
    const theirs = await postLegacy(url, { ...session, 'x-user': 'bob' }, 'ping');
    const nobodys = await postLegacy(url, { 'mcp-session-id': session['mcp-session-id'] ?? '' }, 'ping');
    expect([mine.status, theirs.status, nobodys.status]).toEqual([200, 404, 404]);
    const gone = await fetch(url, { method: 'DELETE', headers: { ...session, 'x-user': 'bob' } });
    expect(gone.status).toBe(404);
    expect((await postLegacy(url, session, 'ping')).status).toBe(200);
  });

  it('is one of its URL only', async () => {
    const session = await openSession(url);
    expect((await postLegacy(served.url, session, 'ping')).status).toBe(404);
  });

  it('has a long random id', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, async () => (await openSession(url))['mcp-session-id']));
    expect(new Set(ids).size).toBe(20);
    for (const id of ids) expect(id).toMatch(/^[\w-]{32}$/);
  });

  it('ends when it is deleted', async () => {
    const session = await openSession(url);
    expect((await fetch(url, { method: 'DELETE', headers: session })).status).toBe(200);
    expect((await postLegacy(url, session, 'ping')).status).toBe(404);
    expect((await fetch(url, { method: 'DELETE', headers: session })).status).toBe(404);
  });

  it('answers unknown methods in a 200, and a revision it does not speak with 400', async () => {
    const session = await openSession(url);
    const unknown = await postLegacy(url, session, 'made/up', {}, 'x');
    expect([unknown.status, unknown.body.error?.code, unknown.body.id]).toEqual([200, -32601, 'x']);
    expect((await postLegacy(url, { ...session, 'mcp-protocol-version': '2020-01-01' }, 'ping')).status).toBe(400);
    expect((await postLegacy(url, { ...session, 'mcp-protocol-version': '2025-06-18' }, 'ping')).status).toBe(200);
  });

  it('takes a batch and answers all of it', async () => {
    const session = await openSession(url, { version: '2025-03-26' });
    const batch = [
      { jsonrpc: '2.0', id: 'a', method: 'ping' },
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { jsonrpc: '2.0', id: 'b', method: 'tools/list' },
    ];
    const { messages } = await postRaw(url, JSON.stringify(batch), session);
    expect(messages.map(({ id }) => id).sort()).toEqual(['a', 'b']);
  });

  it('resumes a stream after the last event its client saw', async () => {
    const session = await openSession(url);
    const { text } = await postLegacy(url, session, 'tools/call', { name: 'read' });
    const ids = [...text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id ?? '');
    expect(ids).toHaveLength(3);
    const resume = async (last: string) =>
      readAnswer(await fetch(url, { headers: { ...session, accept: 'text/event-stream', 'last-event-id': last } }));
    expect((await resume(ids[0] ?? '')).messages).toHaveLength(2);
    expect((await resume(ids[1] ?? '')).messages).toMatchObject([{ id: 1, result: { content: [] } }]);
    for (const last of ['nonsense', '1-999999', '-1']) expect((await resume(last)).status).toBe(400);
  });

  it('answers in plain JSON where that is configured', async () => {
    const other = await serveGateway([upstream], { config: { jsonResponse: true } });
    try {
      const session = await openSession(other.url);
      const { headers } = await postLegacy(other.url, session, 'tools/list');
      expect(headers.get('content-type')).toBe('application/json');
    } finally {
      await other.close();
    }
  });

  it('is told in its own words that a resource is not there', async () => {
    const session = await openSession(url);
    const { body } = await postLegacy(url, session, 'resources/read', { uri: 'file:///x' });
    expect(body.error?.code).toBe(-32002);
  });

  it.each([
    ['logging/setLevel', { level: 'loud' }],
    ['resources/subscribe', {}],
    ['tools/call', {}],
    ['tools/list', { cursor: 'x' }],
  ])('refuses %s with %j', async (method, params) => {
    const session = await openSession(url);
    expect((await postLegacy(url, session, method, params)).body.error?.code).toBe(-32602);
  });
});

describe('a path', () => {
  it.each(['/nobody', '/%', '/files/more', '/__proto__'])('%s has nothing', async (path) => {
    const { status, body } = await postRaw(`${served.url}${path}`, initialize('2025-11-25'));
    expect([status, body.error?.code]).toEqual([404, -32601]);
  });
});
