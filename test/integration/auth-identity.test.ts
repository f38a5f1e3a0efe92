import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { discoverOAuthProtectedResourceMetadata } from '@modelcontextprotocol/sdk/client/auth.js';
import express from 'express';
import { createNexus, type Nexus, type NexusConfig, type NexusOptions, type RequestRecord } from 'nexus-ai';
import { nexus } from 'nexus-ai/express';
import { listen, nodeHandler } from 'nexus-ai/node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type KeyServer, oauthTable, openKeyServer, type SigningKey, sign, signingKey } from '../support/key-server.ts';
import { openSession, postLegacy, postModern } from '../support/mcp-post.ts';

type ServerTable = NonNullable<NexusConfig['server']>;

let key: SigningKey;
let keyServer: KeyServer;
const open: { close(): Promise<void> }[] = [];
const records: RequestRecord[] = [];
const warnings: string[] = [];

beforeAll(async () => {
  key = await signingKey();
  keyServer = await openKeyServer([key.jwk]);
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
  records.length = 0;
  warnings.length = 0;
});
afterAll(() => keyServer.close());

function gateway(server: ServerTable, options: NexusOptions = {}, mcp: NexusConfig['mcp'] = {}): Nexus {
  const instance = createNexus(
    {
      llm: { discovery: { enabled: false }, providers: { openai: { type: 'openai', apiKey: 'sk-up' } } },
      server,
      mcp,
    },
    {
      logger: { debug() {}, info() {}, warn: (text) => void warnings.push(text), error() {} },
      sinks: [(record) => void records.push(record)],
      ...options,
    },
  );
  open.push(instance);
  return instance;
}

/** Over a real socket, so that there is a peer. */
async function serve(instance: Nexus): Promise<string> {
  const server = await listen(instance, { port: 0 });
  open.push({ close: () => server.close({ drain: 0 }) });
  return server.url;
}

async function ask(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/llm/v1/models`, { headers });
  const body: unknown = await response.json();
  return { status: response.status, headers: response.headers, body };
}

const byHeader = (groupValues: string[] = []): ServerTable['clientIdentification'] => ({
  enabled: true,
  clientId: { httpHeader: 'X-Client-Id' },
  groupId: { httpHeader: 'X-Group' },
  validation: { groupValues },
});

const MISSING = { error: 'missing_client_id', error_description: 'Client identification is required' };
const INVALID = { error: 'invalid_group', error_description: 'The specified group is not valid' };

describe('callers who are known by their headers', () => {
  it.each([
    ['an id', { 'x-client-id': 'ann' }, 200, ['ann', undefined]],
    ['an id and a group', { 'x-client-id': 'ann', 'x-group': 'red' }, 200, ['ann', 'red']],
    ['an empty id', { 'x-client-id': '' }, 200, ['', undefined]],
    ['a long id', { 'x-client-id': 'x'.repeat(256) }, 200, ['x'.repeat(256), undefined]],
    ['punctuation', { 'x-client-id': 'a@b.c:d/e+f' }, 200, ['a@b.c:d/e+f', undefined]],
    ['a name every object has', { 'x-client-id': '__proto__' }, 200, ['__proto__', undefined]],
    ['no id', { 'x-group': 'red' }, 400, MISSING],
    ['a group there is not', { 'x-client-id': 'ann', 'x-group': 'green' }, 400, INVALID],
    ['a group that differs in case', { 'x-client-id': 'ann', 'x-group': 'Red' }, 400, INVALID],
    ['a group every object has', { 'x-client-id': 'ann', 'x-group': 'constructor' }, 400, INVALID],
  ])('%s', async (_, headers, status, expected) => {
    const url = await serve(gateway({ clientIdentification: byHeader(['red', 'blue']) }));
    const answer = await ask(url, headers);
    expect(answer.status).toBe(status);
    if (status === 400) expect(answer.body).toEqual(expected);
    await open[0]?.close();
    const [record] = records;
    expect([record?.clientId, record?.clientGroup]).toEqual(status === 200 ? expected : [undefined, undefined]);
    const code = status === 400 && 'error' in expected ? expected.error : null;
    expect(answer.headers.get('x-nexus-error')).toBe(code);
  });

  it('may have any group where none is listed', async () => {
    const url = await serve(gateway({ clientIdentification: byHeader() }));
    expect((await ask(url, { 'x-client-id': 'ann', 'x-group': 'anything' })).status).toBe(200);
  });

  it('are warned about once, when anybody can send those headers', async () => {
    const url = await serve(gateway({ clientIdentification: byHeader() }));
    for (let i = 0; i < 3; i++) await ask(url, { 'x-client-id': 'ann' });
    expect(warnings).toEqual([
      expect.stringContaining('server.clientIdentification.clientId.httpHeader: any caller can send'),
      expect.stringContaining('server.clientIdentification.groupId.httpHeader: any caller can send'),
    ]);
  });

  it.each([
    ['127.0.0.1', 200],
    ['127.0.0.0/8', 200],
    ['10.0.0.0/8', 400],
    ['::1', 400],
  ])('are believed from the proxies that are named: %s', async (proxy, status) => {
    const url = await serve(gateway({ clientIdentification: byHeader(), trustedProxies: [proxy] }));
    const answer = await ask(url, { 'x-client-id': 'ann', 'x-group': 'red' });
    expect(answer.status).toBe(status);
    if (status === 400) expect(answer.body).toEqual(MISSING);
    expect(warnings).toEqual([]);
  });

  it('are believed from nobody where there is no peer', async () => {
    const instance = gateway({ clientIdentification: byHeader(), trustedProxies: ['127.0.0.1'] });
    const answer = await instance.fetch('http://x/llm/v1/models', { headers: { 'x-client-id': 'ann' } });
    expect(answer.status).toBe(400);
  });

  it('are nobody while that is off', async () => {
    const url = await serve(gateway({ clientIdentification: { ...byHeader(['red']), enabled: false } }));
    expect((await ask(url, { 'x-client-id': 'ann', 'x-group': 'green' })).status).toBe(200);
    await open[0]?.close();
    expect(records[0]?.clientId).toBeUndefined();
  });

  it('are asked nothing where nobody is: health, preflights, documents', async () => {
    const url = await serve(gateway({ oauth: oauthTable(keyServer), clientIdentification: byHeader() }));
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect((await fetch(`${url}/.well-known/oauth-protected-resource`)).status).toBe(200);
    for (const path of ['/llm/v1/chat/completions', '/llm/v1/models', '/health', '/llm/nothing']) {
      expect((await fetch(url + path, { method: 'OPTIONS' })).status).toBe(200);
    }
  });
});

describe('callers who are known by their tokens', () => {
  const identified = (more: object): ServerTable => ({
    oauth: oauthTable(keyServer),
    clientIdentification: { enabled: true, ...more },
  });
  const bearer = async (claims: Record<string, unknown>) => ({ authorization: `Bearer ${await sign(key, claims)}` });

  it.each([
    ['sub, unless it is said', {}, {}, 200, ['ann', undefined]],
    ['a claim in a claim', { clientId: { jwtClaim: 'app.id' } }, { app: { id: 7 } }, 200, ['7', undefined]],
    [
      'a claim that is a URL',
      { groupId: { jwtClaim: 'https://x.test/g' } },
      { 'https://x.test/g': 'a' },
      200,
      ['ann', 'a'],
    ],
    ['the first audience', { clientId: { jwtClaim: 'aud' } }, {}, 200, ['https://gateway.test/', undefined]],
    ['true', { groupId: { jwtClaim: 'admin' } }, { admin: true }, 200, ['ann', 'true']],
    ['no such claim', { clientId: { jwtClaim: 'email' } }, {}, 400, MISSING],
    ['a claim that is a list', { clientId: { jwtClaim: 'ids' } }, { ids: ['a'] }, 400, MISSING],
    ['a claim that is an object', { clientId: { jwtClaim: 'app' } }, { app: {} }, 400, MISSING],
    ['null', { clientId: { jwtClaim: 'sub' } }, { sub: null }, 400, MISSING],
    [
      'a group there is not',
      { groupId: { jwtClaim: 'g' }, validation: { groupValues: ['red'] } },
      { g: 'green' },
      400,
      INVALID,
    ],
    ['a group that is a list counts as none', { groupId: { jwtClaim: 'g' } }, { g: ['red'] }, 200, ['ann', undefined]],
  ])('%s', async (_, more, claims, status, expected) => {
    const url = await serve(gateway(identified(more)));
    // The second time the token is known.
    for (const _time of [1, 2]) {
      const answer = await ask(url, await bearer({ exp: 4_000_000_000, ...claims }));
      expect(answer.status).toBe(status);
      if (status === 400) expect(answer.body).toEqual(expected);
    }
    await open[0]?.close();
    for (const { clientId, clientGroup } of records) {
      expect([clientId, clientGroup]).toEqual(status === 200 ? expected : [undefined, undefined]);
    }
  });

  it('may have their group in a header, which is read anew for every request', async () => {
    const url = await serve(gateway(identified({ groupId: { httpHeader: 'x-group' } })));
    const token = await bearer({});
    for (const group of ['red', 'blue']) expect((await ask(url, { ...token, 'x-group': group })).status).toBe(200);
    await open[0]?.close();
    expect(records.map(({ clientGroup }) => clientGroup)).toEqual(['red', 'blue']);
  });

  it('need a token before anything else is asked', async () => {
    const url = await serve(gateway({ oauth: oauthTable(keyServer), clientIdentification: byHeader() }));
    expect((await ask(url, { 'x-client-id': 'ann' })).status).toBe(401);
    expect((await ask(url, await bearer({}))).body).toEqual(MISSING);
  });
});

describe('limits', () => {
  it('are not spent by callers who are refused before', async () => {
    const url = await serve(
      gateway({
        oauth: oauthTable(keyServer),
        clientIdentification: byHeader(),
        rateLimits: { enabled: true, global: { limit: 1, interval: '1h' } },
      }),
    );
    const token = { authorization: `Bearer ${await sign(key)}` };
    for (let i = 0; i < 3; i++) {
      expect((await ask(url)).status).toBe(401);
      expect((await ask(url, token)).status).toBe(400);
      expect((await fetch(`${url}/llm/v1/models`, { method: 'OPTIONS' })).status).toBe(200);
    }
    const known = { ...token, 'x-client-id': 'ann' };
    expect([(await ask(url, known)).status, (await ask(url, known)).status]).toEqual([200, 429]);
    expect((await ask(url, token)).status).toBe(400);
  });

  it('count the addresses that a proxy names, and no others', async () => {
    const rateLimits = { enabled: true, perIp: { limit: 1, interval: '1h' } };
    const behind = await serve(gateway({ rateLimits, clientIp: { xForwardedForTrustedHops: 0 } }));
    const from = (address: string) => ({ 'x-forwarded-for': `6.6.6.6, ${address}` });
    expect((await ask(behind, from('1.1.1.1'))).status).toBe(200);
    expect((await ask(behind, from('1.1.1.1'))).status).toBe(429);
    expect((await ask(behind, from('2.2.2.2'))).status).toBe(200);
    const direct = await serve(gateway({ rateLimits, clientIp: { xRealIp: true }, trustedProxies: ['10.0.0.1'] }));
    expect((await ask(direct, { 'x-real-ip': '1.1.1.1' })).status).toBe(200);
    expect((await ask(direct, { 'x-real-ip': '2.2.2.2' })).status).toBe(429);
  });
});

describe('callers the application knows', () => {
  const identify: NexusOptions['identify'] = (exchange) => {
    const id = exchange.header('x-session');
    return id === undefined ? undefined : { id, group: 'staff' };
  };

  it('need no token and no header', async () => {
    const instance = gateway(
      { oauth: oauthTable(keyServer), clientIdentification: byHeader(['red']) },
      { identify: async (exchange, raw) => identify(exchange, raw) },
    );
    const url = await serve(instance);
    expect((await ask(url, { 'x-session': 'ann', 'x-client-id': 'spoofed', 'x-group': 'red' })).status).toBe(200);
    await instance.close();
    expect([records[0]?.clientId, records[0]?.clientGroup]).toEqual(['ann', 'staff']);
  });

  it('are known at once or later; others must show what the configuration asks for', async () => {
    const url = await serve(gateway({ oauth: oauthTable(keyServer) }, { identify }));
    expect((await ask(url, { 'x-session': 'ann' })).status).toBe(200);
    expect((await ask(url)).status).toBe(401);
    expect((await ask(url, { authorization: `Bearer ${await sign(key)}` })).status).toBe(200);
  });

  it('are not null either', async () => {
    for (const nobody of [null, Promise.resolve(null)]) {
      const url = await serve(gateway({ oauth: oauthTable(keyServer) }, { identify: () => nobody as never }));
      expect((await ask(url)).status).toBe(401);
    }
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('secret of the host');
      },
    ],
    ['rejects', () => Promise.reject(new Error('secret of the host'))],
    ['says no id', () => ({ id: '' })],
  ])('cost a 500 without details where the application %s', async (_, broken) => {
    const url = await serve(gateway({}, { identify: broken as NexusOptions['identify'] & object }));
    const answer = await ask(url);
    expect(answer.status).toBe(500);
    expect(JSON.stringify(answer.body)).not.toContain('secret');
  });
});

describe('MCP', () => {
  const tools: NexusOptions['tools'] = {
    who: {
      description: 'Says who asks',
      run: (_input: unknown, context: { principal?: { id: string; group?: string | undefined } | undefined }) =>
        `${context.principal?.id} of ${context.principal?.group}`,
    },
  } as never;
  const server = (): ServerTable => ({
    oauth: oauthTable(keyServer),
    clientIdentification: { enabled: true, groupId: { jwtClaim: 'team' } },
  });
  const bearer = async (sub: string, team?: string) => ({ authorization: `Bearer ${await sign(key, { sub, team })}` });

  it('tells tools who asks', async () => {
    const url = `${await serve(gateway(server(), { tools }))}/mcp`;
    const run = async (headers: Record<string, string>) => {
      const params = { name: 'execute', arguments: { name: 'local__who', arguments: {} } };
      return (await postModern(url, 'tools/call', params, { headers })).text;
    };
    expect(await run(await bearer('ann', 'red'))).toContain('ann of red');
    expect(await run(await bearer('bob'))).toContain('bob of undefined');
    expect(await run({})).toContain('missing token');
  });

  it('binds a session to whoever opened it', async () => {
    const url = `${await serve(gateway(server(), { tools }))}/mcp`;
    const session = await openSession(url, { headers: await bearer('ann') });
    expect((await postLegacy(url, session, 'tools/list')).status).toBe(200);
    // The same person with another token.
    expect((await postLegacy(url, { ...session, ...(await bearer('ann', 'x')) }, 'tools/list')).status).toBe(200);
    expect((await postLegacy(url, { ...session, ...(await bearer('bob')) }, 'tools/list')).status).toBe(404);
    expect((await postLegacy(url, { ...session, authorization: 'Bearer a.b' }, 'tools/list')).status).toBe(401);
  });

  it('binds it too where nobody is asked for a name', async () => {
    const url = `${await serve(gateway({ oauth: oauthTable(keyServer) }, { tools }))}/mcp`;
    const session = await openSession(url, { headers: await bearer('ann') });
    expect((await postLegacy(url, { ...session, ...(await bearer('bob')) }, 'tools/list')).status).toBe(404);
  });

  it('lets stock clients find the document, at each of its endpoints', async () => {
    const url = await serve(gateway(server(), { tools }));
    for (const path of ['/mcp', '/mcp/local']) {
      expect((await fetch(`${url}${path}`, { method: 'POST' })).headers.get('www-authenticate')).toBe(
        'Bearer resource_metadata="https://gateway.test/.well-known/oauth-protected-resource"',
      );
      const found = await discoverOAuthProtectedResourceMetadata(`${url}${path}`);
      expect(found).toMatchObject({ resource: 'https://gateway.test/' });
      expect((await fetch(`${url}/.well-known/oauth-protected-resource${path}`)).status).toBe(200);
    }
  });

  it('lets them find it at the root of a host that mounts Nexus under a prefix', async () => {
    const instance = gateway(server(), { tools });
    const app = express()
      .use(nodeHandler(instance.wellKnown))
      .use('/ai', nexus(instance))
      .use((_request, response) => void response.status(418).end());
    const http = createServer(app);
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    open.push({
      close: () => {
        http.closeAllConnections();
        return new Promise((resolve) => http.close(() => resolve()));
      },
    });
    const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const found = await discoverOAuthProtectedResourceMetadata(`${origin}/ai/mcp/local`);
    expect(found).toMatchObject({ resource: 'https://gateway.test/' });
    const status = async (path: string, method = 'GET') => (await fetch(origin + path, { method })).status;
    const document = '/.well-known/oauth-protected-resource';
    expect(await status(document)).toBe(200);
    expect(await status(document, 'OPTIONS')).toBe(200);
    expect(await status(document, 'POST')).toBe(405);
    expect(await status(`${document}/somebody-else`)).toBe(418);
    expect(await status('/.well-known/openid-configuration')).toBe(418);
    expect(await status('/mcp')).toBe(418);
    const direct = await instance.wellKnown.fetch(new Request(`http://x${document}/ai/mcp`));
    expect(await direct.json()).toMatchObject({ resource: 'https://gateway.test/' });
    expect((await instance.wellKnown.fetch(new Request('http://x/mcp'))).status).toBe(404);
  });

  it('has no such document without OAuth', async () => {
    const instance = gateway({}, { tools });
    expect(instance.owns('/.well-known/oauth-protected-resource')).toBe(false);
    expect(instance.wellKnown.owns('/.well-known/oauth-protected-resource')).toBe(false);
  });
});
