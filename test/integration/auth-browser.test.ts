import { createNexus, type Nexus, type NexusConfig } from 'nexus-ai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type KeyServer, oauthTable, openKeyServer, type SigningKey, sign, signingKey } from '../support/key-server.ts';

type ServerTable = NonNullable<NexusConfig['server']>;

let key: SigningKey;
let keyServer: KeyServer;
const open: Nexus[] = [];

beforeAll(async () => {
  key = await signingKey();
  keyServer = await openKeyServer([key.jwk]);
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((instance) => instance.close()));
});
afterAll(() => keyServer.close());

const MODELS = '/llm/v1/models';
const DOCUMENT = '/.well-known/oauth-protected-resource';
const APP = 'https://app.test';

function gateway(server: ServerTable): Nexus {
  const instance = createNexus(
    {
      llm: { discovery: { enabled: false }, providers: { openai: { type: 'openai', apiKey: 'sk-up' } } },
      server,
    },
    { logger: { debug() {}, info() {}, warn() {}, error() {} } },
  );
  open.push(instance);
  return instance;
}

async function send(instance: Nexus, method: string, path = MODELS, headers: Record<string, string> = {}) {
  const response = await instance.fetch(`http://gateway${path}`, { method, headers });
  const cors = Object.fromEntries([...response.headers].filter(([name]) => /^(?:access-control-|vary$)/.test(name)));
  return { status: response.status, cors, body: await response.text() };
}

describe('without the table', () => {
  it('nothing is said to pages of other origins', async () => {
    const instance = gateway({});
    for (const method of ['GET', 'OPTIONS']) {
      expect(await send(instance, method, MODELS, { origin: APP })).toMatchObject({ status: 200, cors: {} });
    }
  });

  it('OPTIONS is answered on our paths, and on no others', async () => {
    const instance = gateway({});
    for (const path of [MODELS, '/health', '/llm/v1/messages', '/llm/nothing']) {
      expect((await send(instance, 'OPTIONS', path)).status).toBe(200);
    }
    expect((await send(instance, 'OPTIONS', '/nothing')).status).toBe(404);
  });
});

describe('with the table', () => {
  const listed: ServerTable['cors'] = {
    allowOrigins: [`${APP}/path?x`, 'https://*.pages.test', 'http://local.test:8080'],
    allowMethods: ['GET', 'POST'],
    allowHeaders: ['authorization', 'x-own'],
    exposeHeaders: 'x-nexus-request-id',
    maxAge: '90s',
    allowCredentials: true,
    allowPrivateNetwork: true,
  };

  it.each([
    [APP, true],
    ['https://a.pages.test', true],
    ['https://a.b.pages.test', true],
    ['http://local.test:8080', true],
    ['https://pages.test', false],
    ['http://a.pages.test', false],
    ['https://a.pages.test:444', false],
    ['https://a.pages.test.evil.test', false],
    ['https://app.test.evil.test', false],
    ['http://local.test', false],
    ['null', false],
    ['', false],
    ['__proto__', false],
  ])('pages of %s: %s', async (origin, allowed) => {
    const instance = gateway({ cors: listed });
    const got = await send(instance, 'GET', MODELS, { origin });
    expect(got).toMatchObject({
      status: 200,
      cors: allowed
        ? {
            'access-control-allow-origin': origin,
            'access-control-allow-credentials': 'true',
            'access-control-expose-headers': 'x-nexus-request-id',
            vary: 'origin',
          }
        : { vary: 'origin' },
    });
    const asked = await send(instance, 'OPTIONS', MODELS, { origin, 'access-control-request-method': 'POST' });
    expect(asked.status).toBe(200);
    expect(asked.cors).toEqual(
      allowed
        ? {
            'access-control-allow-origin': origin,
            'access-control-allow-credentials': 'true',
            'access-control-allow-methods': 'GET, POST, OPTIONS',
            'access-control-allow-headers': 'authorization, x-own',
            'access-control-max-age': '90',
            vary: 'origin',
          }
        : { vary: 'origin' },
    );
  });

  it('may open a private network', async () => {
    const headers = { origin: APP, 'access-control-request-private-network': 'true' };
    const { cors } = await send(gateway({ cors: listed }), 'OPTIONS', MODELS, headers);
    expect(cors['access-control-allow-private-network']).toBe('true');
  });

  it('may say anything to anybody', async () => {
    const cors = { allowOrigins: '*', allowMethods: '*', allowHeaders: '*', exposeHeaders: '*' };
    const instance = gateway({ cors });
    expect((await send(instance, 'GET', MODELS, { origin: APP })).cors).toEqual({
      'access-control-allow-origin': '*',
      'access-control-expose-headers': '*',
    });
    expect((await send(instance, 'OPTIONS')).cors).toEqual({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': '*',
      'access-control-allow-headers': '*',
    });
  });

  it('says nothing where it is empty', async () => {
    const instance = gateway({ cors: {} });
    for (const method of ['GET', 'OPTIONS']) {
      expect((await send(instance, method, MODELS, { origin: APP })).cors).toEqual({ vary: 'origin' });
    }
  });

  it('speaks with refusals too, of every kind', async () => {
    const instance = gateway({ cors: { allowOrigins: APP }, oauth: oauthTable(keyServer) });
    for (const [path, status] of [
      [MODELS, 401],
      ['/llm/nothing', 404],
      ['/health', 200],
    ] as const) {
      const answer = await send(instance, 'GET', path, { origin: APP });
      expect([answer.status, answer.cors['access-control-allow-origin']]).toEqual([status, APP]);
    }
    const answer = await send(instance, 'PUT', MODELS, { origin: APP });
    expect([answer.status, answer.cors['access-control-allow-origin']]).toEqual([405, APP]);
  });
});

describe('protection against requests of other sites', () => {
  const csrf = { enabled: true };
  const header = { 'x-nexus-csrf-protection': '1' };

  it('refuses everything without the header but OPTIONS, before anything else, without a word', async () => {
    const instance = gateway({ csrf, oauth: oauthTable(keyServer) });
    for (const path of [MODELS, '/health', '/nope', '/llm/nope']) {
      expect(await send(instance, 'GET', path)).toMatchObject({ status: 403, body: '' });
      expect(await send(instance, 'POST', path)).toMatchObject({ status: 403, body: '' });
    }
    expect((await send(instance, 'OPTIONS')).status).toBe(200);
    expect((await send(instance, 'GET', MODELS, header)).status).toBe(401);
    expect((await send(instance, 'GET', '/health', header)).status).toBe(200);
    expect((await send(instance, 'GET', '/nope', header)).status).toBe(404);
  });

  it('asks for the presence of the header only', async () => {
    expect((await send(gateway({ csrf }), 'GET', '/health', { 'X-NEXUS-CSRF-PROTECTION': '' })).status).toBe(200);
  });

  it('takes another name for it', async () => {
    const instance = gateway({ csrf: { enabled: true, headerName: 'X-Mine' } });
    expect((await send(instance, 'GET', '/health', header)).status).toBe(403);
    expect((await send(instance, 'GET', '/health', { 'x-mine': 'y' })).status).toBe(200);
  });

  it('leaves headers for pages on its refusals', async () => {
    const { cors } = await send(gateway({ csrf, cors: { allowOrigins: APP } }), 'GET', MODELS, { origin: APP });
    expect(cors['access-control-allow-origin']).toBe(APP);
  });

  it('does not hide where tokens are from', async () => {
    const instance = gateway({ csrf, oauth: oauthTable(keyServer), cors: { allowOrigins: APP } });
    const answer = await send(instance, 'GET', DOCUMENT, { origin: 'https://anybody.test' });
    expect(answer).toMatchObject({ status: 200, cors: { 'access-control-allow-origin': '*' } });
    const asked = await send(instance, 'OPTIONS', `${DOCUMENT}/llm/v1`, { origin: 'https://anybody.test' });
    expect(asked).toMatchObject({
      status: 200,
      cors: {
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'GET',
        'access-control-allow-headers': '*',
      },
    });
  });

  it('lets everything that is on pass a request that has all it needs', async () => {
    const instance = gateway({
      csrf,
      cors: { allowOrigins: APP },
      oauth: oauthTable(keyServer),
      clientIdentification: { enabled: true },
    });
    const authorization = `Bearer ${await sign(key)}`;
    expect((await send(instance, 'GET', MODELS, { ...header, authorization })).status).toBe(200);
  });
});
