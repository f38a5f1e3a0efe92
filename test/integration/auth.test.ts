import Anthropic from '@anthropic-ai/sdk';
import { createNexus, type NexusConfig, type RequestRecord } from 'nexus-ai';
import { createFakeProvider, type FakeProvider } from 'nexus-ai/testing';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AuthorizationServer, openAuthorizationServer } from '../support/authorization-server.ts';
import { bothVendors, DOORS, type Door, type DoorName } from '../support/doors.ts';
import { signingKey } from '../support/key-server.ts';

const RESOURCE = 'https://gateway.test/';
const METADATA = '/.well-known/oauth-protected-resource';

let server: AuthorizationServer;
let provider: FakeProvider;
let door: Door | undefined;

beforeAll(async () => {
  [server, provider] = await Promise.all([openAuthorizationServer(), createFakeProvider()]);
});
beforeEach(() => {
  server.state = 'on';
});
afterEach(async () => {
  await door?.close();
  door = undefined;
});
afterAll(async () => {
  await Promise.all([server.close(), provider.close()]);
});

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

function protectedConfig(more: object = {}): NexusConfig {
  return {
    ...bothVendors(provider.url),
    server: {
      oauth: {
        url: server.keySetUrl,
        expectedIssuer: server.issuer,
        expectedAudience: RESOURCE,
        protectedResource: { resource: 'https://gateway.test', authorizationServers: [server.issuer] },
      },
      clientIdentification: {
        enabled: true,
        clientId: { jwtClaim: 'client_id' },
        groupId: { jwtClaim: 'org.team' },
        validation: { groupValues: ['red', 'blue'] },
      },
      ...more,
    },
  };
}

async function enter(name: DoorName, records: RequestRecord[] = [], more: object = {}): Promise<Door> {
  door = await DOORS[name](
    createNexus(protectedConfig(more), { sinks: [(record) => void records.push(record)], logger: quiet }),
  );
  return door;
}

function openai({ baseURL, fetch }: Door, apiKey: string): OpenAI {
  return new OpenAI({ apiKey, baseURL, maxRetries: 0, ...(fetch && { fetch }) });
}

function anthropic(
  { baseURL, fetch }: Door,
  authToken: string | null,
  headers: Record<string, string> = {},
): Anthropic {
  return new Anthropic({
    apiKey: null,
    authToken,
    baseURL: baseURL.slice(0, -'/v1'.length),
    maxRetries: 0,
    defaultHeaders: headers,
    ...(fetch && { fetch }),
  });
}

const chat = (client: OpenAI) =>
  client.chat.completions.create({ model: 'openai/m', messages: [{ role: 'user', content: 'Hi' }] });
const message = (client: Anthropic) =>
  client.messages.create({ model: 'anthropic/m', max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] });

describe.each(Object.keys(DOORS) as DoorName[])('%s', (name) => {
  it('serves whom the authorization server knows, and records who that is', async () => {
    const records: RequestRecord[] = [];
    const entered = await enter(name, records);
    const [ann, bob] = await Promise.all([server.token('ann', RESOURCE), server.token('bob', RESOURCE)]);
    expect((await chat(openai(entered, ann))).choices).toHaveLength(1);
    expect((await message(anthropic(entered, bob))).content).toHaveLength(1);
    await entered.instance.close();
    expect(records.map(({ clientId, clientGroup, status }) => [clientId, clientGroup, status])).toEqual([
      ['ann', 'red', 200],
      ['bob', 'blue', 200],
    ]);
    expect(JSON.stringify(records)).not.toContain(ann.slice(0, 30));
  });

  it('raises the classes of the stock clients', async () => {
    const entered = await enter(name);
    const before = provider.requests.length;
    const stranger = await server.token('eve', RESOURCE);
    const elsewhere = await server.token('ann', 'https://elsewhere.test/');
    for (const token of ['sk-a-key-of-openai', elsewhere]) {
      await expect(chat(openai(entered, token))).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
      await expect(message(anthropic(entered, token))).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
    }
    await expect(chat(openai(entered, stranger))).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    await expect(message(anthropic(entered, stranger))).rejects.toBeInstanceOf(Anthropic.BadRequestError);
    expect(provider.requests).toHaveLength(before);
  });

  it('raises the class for tokens that do not reach far enough', async () => {
    const { oauth } = protectedConfig().server as { oauth: object };
    const entered = await enter(name, [], { oauth: { ...oauth, requiredScopes: ['chat', 'admin'] } });
    const ann = await server.token('ann', RESOURCE);
    await expect(chat(openai(entered, ann))).rejects.toBeInstanceOf(OpenAI.PermissionDeniedError);
    await expect(message(anthropic(entered, ann))).rejects.toBeInstanceOf(Anthropic.PermissionDeniedError);
  });

  it('names the document that says where tokens are, and serves it', async () => {
    const entered = await enter(name);
    const get = entered.fetch ?? fetch;
    const { origin, pathname } = new URL(entered.baseURL);
    const mount = pathname.slice(0, -'/llm/v1'.length);
    const refused = await get(`${entered.baseURL}/models`);
    const challenge = refused.headers.get('www-authenticate') ?? '';
    const named = new URL(/resource_metadata="([^"]+)"/.exec(challenge)?.[1] ?? '');
    expect([refused.status, named.href]).toEqual([401, `https://gateway.test${mount}${METADATA}`]);
    for (const path of [named.pathname, `${mount}${METADATA}/llm/v1`]) {
      const answer = await get(`${origin}${path}`);
      expect([answer.status, await answer.json()]).toEqual([
        200,
        { resource: RESOURCE, authorization_servers: [`${server.issuer}/`] },
      ]);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    }
  });
});

describe('two Authorization lines', () => {
  it('are refused: neither is believed', async () => {
    const { baseURL } = await enter('node:http');
    const token = await server.token('ann', RESOURCE);
    const answer = await rawGet(`${baseURL}/models`, [
      `Authorization: Bearer ${token}`,
      `Authorization: Bearer ${token}`,
    ]);
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer).toContain('"invalid token"');
    expect(await rawGet(`${baseURL}/models`, [`Authorization: Bearer ${token}`])).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('Proxy-Authorization', () => {
  it("counts on Anthropic's endpoints, before Authorization", async () => {
    const entered = await enter('node:http');
    const ann = await server.token('ann', RESOURCE);
    const proxied = { 'proxy-authorization': `Bearer ${ann}` };
    expect((await message(anthropic(entered, null, { ...proxied, 'x-api-key': 'sk-ant' }))).content).toHaveLength(1);
    const bad = { 'proxy-authorization': 'Bearer a.b' };
    await expect(message(anthropic(entered, ann, bad))).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
  });

  it("does not on OpenAI's", async () => {
    const { baseURL } = await enter('node:http');
    const ann = await server.token('ann', RESOURCE);
    const answer = await fetch(`${baseURL}/models`, { headers: { 'proxy-authorization': `Bearer ${ann}` } });
    expect(answer.status).toBe(401);
  });
});

describe('while keys change', () => {
  it.each(['ES256', 'RS256', 'EdDSA'])('no good token is refused (%s)', async (alg) => {
    const own = await openAuthorizationServer(alg);
    const { oauth } = protectedConfig().server as { oauth: object };
    const entered = await enter('node:http', [], {
      oauth: { ...oauth, url: own.keySetUrl, expectedIssuer: own.issuer },
    });
    const ask = async (token: string) =>
      (await fetch(`${entered.baseURL}/models`, { headers: { authorization: `Bearer ${token}` } })).status;
    try {
      const old = await own.token('ann', RESOURCE);
      expect(await ask(old)).toBe(200);
      await own.rotate(await signingKey(alg, 'second'));
      const fresh = await own.token('bob', RESOURCE);
      const statuses = await Promise.all(Array.from({ length: 100 }, (_, i) => ask(i % 2 === 0 ? old : fresh)));
      expect(new Set(statuses)).toEqual(new Set([200]));
      expect(own.keyRequests).toBe(2);
      // The keys are known: nobody needs the server.
      own.state = 'off';
      expect([await ask(old), await ask(fresh)]).toEqual([200, 200]);
    } finally {
      await own.close();
    }
  });
});

async function rawGet(url: string, lines: readonly string[]): Promise<string> {
  const { connect } = await import('node:net');
  const { hostname, port, pathname, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write([`GET ${pathname} HTTP/1.1`, `Host: ${host}`, ...lines, 'Connection: close', '', ''].join('\r\n'));
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}
