import { Buffer } from 'node:buffer';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { CompactEncrypt, exportSPKI, SignJWT } from 'jose';
import { createNexus, type Nexus, type Runtime } from 'nexus-ai';
import { createTestClock } from 'nexus-ai/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  AUDIENCE,
  ISSUER,
  type KeyServer,
  oauthTable,
  openKeyServer,
  type SigningKey,
  sign,
  signingKey,
} from '../support/key-server.ts';
import { leastUntil } from '../support/least.ts';

const CHALLENGE = 'Bearer resource_metadata="https://gateway.test/.well-known/oauth-protected-resource"';
const UNAUTHORIZED = { error: 'unauthorized' };
const MISSING = { error: 'invalid_token', error_description: 'missing token' };
const OTHER_SCHEME = { error: 'invalid_token', error_description: 'token must be prefixed with Bearer' };
const MALFORMED = { error: 'invalid_token', error_description: 'invalid token' };
const UNAVAILABLE = { error: 'internal_server_error', error_description: 'An internal error occurred' };

let key: SigningKey;
let rsa: SigningKey;
let keyServer: KeyServer;
/** Hears of it when anybody follows an address in a token. */
let canary: KeyServer;
const open: Nexus[] = [];

beforeAll(async () => {
  [key, rsa] = await Promise.all([signingKey('ES256', 'key'), signingKey('RS256', 'rsa')]);
  [keyServer, canary] = await Promise.all([openKeyServer([key.jwk, rsa.jwk]), openKeyServer([])]);
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((instance) => instance.close()));
  keyServer.state = 'on';
  keyServer.keys = [key.jwk, rsa.jwk];
});
afterAll(async () => {
  await Promise.all([keyServer.close(), canary.close()]);
});

function gateway(oauth: object = {}, runtime: Partial<Runtime> = {}): Nexus {
  const instance = createNexus(
    {
      llm: { discovery: { enabled: false }, providers: { openai: { type: 'openai', apiKey: 'sk-up' } } },
      server: { oauth: oauthTable(keyServer, oauth) },
    },
    { runtime, logger: { debug() {}, info() {}, warn() {}, error() {} } },
  );
  open.push(instance);
  return instance;
}

async function ask(instance: Nexus, authorization: string | undefined, path = '/llm/v1/models') {
  const response = await instance.fetch(`http://gateway${path}`, {
    headers: authorization === undefined ? {} : { authorization },
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** Without anybody's help: a header, claims, and a signature made by hand. */
function assemble(header: object, claims: object | string, signature = ''): string {
  const text = typeof claims === 'string' ? claims : JSON.stringify(claims);
  const parts = [JSON.stringify(header), text].map((part) => Buffer.from(part).toString('base64url'));
  return [...parts, signature].join('.');
}

const now = () => Math.floor(Date.now() / 1000);
const claims = () => ({ sub: 'ann', iss: ISSUER, aud: AUDIENCE, exp: now() + 3600 });

describe('good tokens', () => {
  it.each(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'])(
    'are signed with %s',
    async (alg) => {
      const one = await signingKey(alg);
      keyServer.keys = [one.jwk];
      expect((await ask(gateway(), `Bearer ${await sign(one)}`)).status).toBe(200);
    },
  );

  it.each(['Bearer', 'bearer', 'BEARER'])('come after %s', async (scheme) => {
    expect((await ask(gateway(), `${scheme} ${await sign(key)}`)).status).toBe(200);
  });

  it('may name several audiences', async () => {
    expect((await ask(gateway(), `Bearer ${await sign(key, { aud: ['other', AUDIENCE] })}`)).status).toBe(200);
  });

  it('may have any issuer and audience where none is demanded', async () => {
    const instance = gateway({ expectedIssuer: undefined, expectedAudience: undefined });
    expect((await ask(instance, `Bearer ${await sign(key, { iss: 'x', aud: undefined })}`)).status).toBe(200);
  });

  it('need no kid: every key is tried', async () => {
    const [first, second] = await Promise.all([signingKey('ES256', 'a'), signingKey('ES256', 'b')]);
    keyServer.keys = [first.jwk, second.jwk];
    const instance = gateway();
    for (const one of [first, second]) {
      expect((await ask(instance, `Bearer ${await sign(one, {}, { kid: undefined })}`)).status).toBe(200);
    }
  });

  it('may share their kid', async () => {
    const [first, second] = await Promise.all([signingKey('ES256', 'same'), signingKey('ES256', 'same')]);
    keyServer.keys = [first.jwk, second.jwk];
    const instance = gateway();
    for (const one of [first, second]) expect((await ask(instance, `Bearer ${await sign(one)}`)).status).toBe(200);
  });

  it('are good until they expire, however often they came before', async () => {
    const clock = createTestClock({ start: Date.now() });
    const token = await sign(key, { exp: Math.floor(clock.now / 1000) + 100 });
    const instance = gateway({}, clock.runtime);
    expect((await ask(instance, `Bearer ${token}`)).status).toBe(200);
    clock.advance(158_000);
    expect((await ask(instance, `Bearer ${token}`)).status).toBe(200);
    clock.advance(4000);
    expect((await ask(instance, `Bearer ${token}`)).body).toEqual(UNAUTHORIZED);
    expect((await ask(instance, `Bearer ${token}`)).body).toEqual(UNAUTHORIZED);
  });
});

describe('clocks', () => {
  it.each([
    ['exp 61 seconds ago', { exp: -61 }, 401],
    ['exp 59 seconds ago', { exp: -59 }, 200],
    ['nbf in 59 seconds', { nbf: 59 }, 200],
    ['nbf in 61 seconds', { nbf: 61 }, 401],
  ])('%s', async (_, times, status) => {
    const time = 1_900_000_000;
    const given = Object.fromEntries(Object.entries(times).map(([name, offset]) => [name, time + offset]));
    const token = await sign(key, { exp: time + 3600, ...given });
    expect((await ask(gateway({}, { now: () => time * 1000 }), `Bearer ${token}`)).status).toBe(status);
  });

  it('may be held to', async () => {
    const time = 1_900_000_000;
    const token = await sign(key, { exp: time - 1 });
    expect((await ask(gateway({ leeway: 0 }, { now: () => time * 1000 }), `Bearer ${token}`)).status).toBe(401);
  });
});

describe('what is no good token', () => {
  const cases: [string, () => string | undefined | Promise<string | undefined>, object][] = [
    ['nothing', () => undefined, MISSING],
    ['Bearer alone', () => 'Bearer', MISSING],
    ['Bearer and blanks', () => 'Bearer    ', MISSING],
    ['Basic', () => 'Basic YTpi', OTHER_SCHEME],
    ['Token', async () => `Token ${await sign(key)}`, OTHER_SCHEME],
    ['no scheme', async () => await sign(key), OTHER_SCHEME],
    ['two blanks', async () => `Bearer  ${await sign(key)}`, MALFORMED],
    ['two parts', () => 'Bearer a.b', MALFORMED],
    ['five parts', () => 'Bearer a.b.c.d.e', MALFORMED],
    ['two dots', () => 'Bearer ..', MALFORMED],
    ['two headers', async () => `Bearer ${await sign(key)}, Bearer ${await sign(key)}`, MALFORMED],
    ['no ASCII', () => 'Bearer \u00e9\u00e9.\u00e9\u00e9.\u00e9\u00e9', MALFORMED],
    ['100 kB of letters', () => `Bearer ${'a'.repeat(100_000)}`, MALFORMED],
    ['no algorithm', () => `Bearer ${assemble({}, claims())}`, MALFORMED],
    ['an empty signature', () => `Bearer ${assemble({ alg: 'ES256', kid: 'key' }, claims())}`, UNAUTHORIZED],
    ['alg none', () => `Bearer ${assemble({ alg: 'none' }, claims())}`, UNAUTHORIZED],
    ['alg None, signed', async () => `Bearer ${assemble({ alg: 'NONE', kid: 'key' }, claims(), 'YQ')}`, UNAUTHORIZED],
    ['an algorithm nobody knows', () => `Bearer ${assemble({ alg: 'XX1', kid: 'key' }, claims(), 'YQ')}`, UNAUTHORIZED],
    [
      'a payload that is no JSON',
      () => `Bearer ${assemble({ alg: 'ES256', kid: 'key' }, 'hello', 'YQ')}`,
      UNAUTHORIZED,
    ],
    ['an expired one', async () => `Bearer ${await sign(key, { exp: now() - 61 })}`, UNAUTHORIZED],
    ['one not good yet', async () => `Bearer ${await sign(key, { nbf: now() + 61 })}`, UNAUTHORIZED],
    ['one without exp', async () => `Bearer ${await sign(key, { exp: undefined })}`, UNAUTHORIZED],
    ['exp null', async () => `Bearer ${await sign(key, { exp: null })}`, UNAUTHORIZED],
    ['exp as text', async () => `Bearer ${await sign(key, { exp: '9999999999' })}`, UNAUTHORIZED],
    ['nbf as text', async () => `Bearer ${await sign(key, { nbf: 'now' })}`, UNAUTHORIZED],
    ['another issuer', async () => `Bearer ${await sign(key, { iss: `${ISSUER}/` })}`, UNAUTHORIZED],
    ['no issuer', async () => `Bearer ${await sign(key, { iss: undefined })}`, UNAUTHORIZED],
    ['an issuer in a list', async () => `Bearer ${await sign(key, { iss: [ISSUER] })}`, UNAUTHORIZED],
    ['another audience', async () => `Bearer ${await sign(key, { aud: 'https://gateway.test.evil/' })}`, UNAUTHORIZED],
    ['no audience', async () => `Bearer ${await sign(key, { aud: undefined })}`, UNAUTHORIZED],
    ['other audiences', async () => `Bearer ${await sign(key, { aud: ['a', 'b'] })}`, UNAUTHORIZED],
    ['an unknown kid', async () => `Bearer ${await sign({ ...key, kid: 'other' })}`, UNAUTHORIZED],
    ['a kid that is no text', async () => `Bearer ${await sign(key, {}, { kid: 5 })}`, UNAUTHORIZED],
  ];

  it.each(cases)('%s', async (_, authorization, body) => {
    const answer = await ask(gateway(), await authorization());
    expect([answer.status, answer.body]).toEqual([401, body]);
    expect(answer.headers.get('www-authenticate')).toBe(CHALLENGE);
    expect(answer.headers.get('content-type')).toBe('application/json');
  });

  it('is refused without asking for keys where its form is enough', async () => {
    const before = keyServer.requests;
    const instance = gateway();
    for (const text of ['Bearer a.b', 'Bearer ..', 'Basic x', `Bearer ${assemble({ alg: 'none' }, claims())}`]) {
      expect((await ask(instance, text)).status).toBe(401);
    }
    expect(keyServer.requests).toBe(before);
  });
});

describe('attacks', () => {
  const attacks: [string, () => Promise<string> | string][] = [
    ['no signature at all', () => assemble({ alg: 'none', typ: 'JWT' }, claims())],
    [
      'HMAC with the public key as its secret',
      async () => {
        const unsigned = assemble({ alg: 'HS256', kid: 'rsa' }, claims());
        const signed = unsigned.slice(0, -1);
        const secret = await exportSPKI(rsa.pair.publicKey);
        return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
      },
    ],
    ['a key of its own in the header', async () => forge({ jwk: (await signingKey('ES256', 'key')).jwk })],
    ['a key set of its own, as jku', () => forge({ jku: canary.url })],
    ['a certificate of its own, as x5u', () => forge({ x5u: canary.url })],
    ['a certificate of its own, as x5c', () => forge({ x5c: ['MIIB'] })],
    ['a path as kid', () => forge({ kid: '../../../../dev/null' })],
    ['an address as kid', () => forge({ kid: canary.url })],
    ['an injection as kid', () => forge({ kid: "x' UNION SELECT 'secret" })],
    ['a member of every object as kid', () => forge({ kid: '__proto__' })],
    ['an issuer it would like to be asked', () => forge({}, { iss: canary.url })],
    [
      'an ECDSA signature of zeros',
      () => assemble({ alg: 'ES256', kid: 'key' }, claims(), Buffer.alloc(64).toString('base64url')),
    ],
    [
      'an RSA key used as an ECDSA one',
      () => assemble({ alg: 'ES256', kid: 'rsa' }, claims(), Buffer.alloc(64, 1).toString('base64url')),
    ],
    [
      'a payload that is not encoded',
      async () => await sign(key, {}, { b64: false, crit: ['b64'] }).catch(() => forge({ b64: false, crit: ['b64'] })),
    ],
    ['an extension nobody understands', () => forge({ crit: ['exp'] })],
    [
      'claims that were changed after they were signed',
      async () => {
        const [header = '', , signature = ''] = (await sign(key)).split('.');
        return `${header}.${Buffer.from(JSON.stringify({ ...claims(), sub: 'root' })).toString('base64url')}.${signature}`;
      },
    ],
    [
      'a JWE that takes a million rounds to open',
      () =>
        new CompactEncrypt(Buffer.from(JSON.stringify(claims())))
          .setProtectedHeader({ alg: 'PBES2-HS256+A128KW', enc: 'A128GCM' })
          .setKeyManagementParameters({ p2c: 1000 })
          .encrypt(Buffer.from('secret'))
          .then((text) => {
            const [, ...rest] = text.split('.');
            const header = { alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 2_000_000_000, p2s: 'AAAA' };
            return [Buffer.from(JSON.stringify(header)).toString('base64url'), ...rest].join('.');
          }),
    ],
  ];

  /** Signed with a key that nobody trusts. */
  async function forge(header: Record<string, unknown>, more: object = {}): Promise<string> {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const understood = Object.fromEntries(((header['crit'] as string[] | undefined) ?? []).map((name) => [name, true]));
    const values = Object.fromEntries(Object.keys(understood).map((name) => [name, header[name] ?? true]));
    try {
      return await new SignJWT({ ...claims(), ...more })
        .setProtectedHeader({ alg: 'ES256', kid: 'key', ...values, ...header })
        .sign(other.privateKey, { crit: understood });
    } catch {
      return assemble({ alg: 'ES256', kid: 'key', ...values, ...header }, { ...claims(), ...more }, 'A'.repeat(86));
    }
  }

  it.each(attacks)('%s is a 401 in less than 100 ms, and nobody it names is asked', async (_, make) => {
    const token = await make();
    const instance = gateway();
    // The library and the keys are there already in a process that serves.
    expect((await ask(instance, `Bearer ${await sign(key)}`)).status).toBe(200);
    const took = await leastUntil(100, async () => {
      const started = performance.now();
      const { status } = await ask(instance, `Bearer ${token}`);
      expect([status, canary.requests]).toEqual([401, 0]);
      return performance.now() - started;
    });
    expect(took).toBeLessThanOrEqual(100);
  });
});

describe('keys', () => {
  it('must be meant for signatures, and for this algorithm', async () => {
    const one = await signingKey('RS256', 'one');
    const token = await sign(one);
    for (const jwk of [
      { ...one.jwk, use: 'enc' },
      { ...one.jwk, alg: 'PS256' },
      { ...one.jwk, key_ops: ['encrypt'] },
    ]) {
      keyServer.keys = [jwk];
      expect((await ask(gateway(), `Bearer ${token}`)).status).toBe(401);
    }
    keyServer.keys = [one.jwk];
    expect((await ask(gateway(), `Bearer ${token}`)).status).toBe(200);
  });

  it('are no secrets that are shared', async () => {
    keyServer.keys = [
      { kty: 'oct', kid: 'shared', k: Buffer.from('secret'.repeat(10)).toString('base64url'), alg: 'HS256' },
    ];
    const token = await new SignJWT(claims())
      .setProtectedHeader({ alg: 'HS256', kid: 'shared' })
      .sign(Buffer.from('secret'.repeat(10)));
    expect((await ask(gateway(), `Bearer ${token}`)).status).toBe(401);
  });

  it('without a kid fit no token that has one', async () => {
    const { kid: _, ...nameless } = key.jwk;
    keyServer.keys = [nameless];
    const instance = gateway();
    expect((await ask(instance, `Bearer ${await sign(key)}`)).status).toBe(401);
    expect((await ask(instance, `Bearer ${await sign(key, {}, { kid: undefined })}`)).status).toBe(200);
  });

  it('that are broken do not keep others from working', async () => {
    keyServer.keys = [{ kty: 'EC', kid: 'broken', crv: 'P-256', x: '?', y: '?' }, key.jwk];
    const instance = gateway();
    expect((await ask(instance, `Bearer ${await sign(key)}`)).status).toBe(200);
    expect((await ask(instance, `Bearer ${await sign({ ...key, kid: 'broken' })}`)).status).toBe(401);
  });

  it.each(['off', 'silent'] as const)('that cannot be had (%s) are a 500, in the form of OAuth', async (state) => {
    keyServer.state = state;
    const instance = gateway();
    const answer = await ask(instance, `Bearer ${await sign(key)}`);
    expect([answer.status, answer.body]).toEqual([500, UNAVAILABLE]);
    expect(answer.headers.get('www-authenticate')).toBe(CHALLENGE);
    // A bad form needs no keys to be told.
    expect((await ask(instance, 'Bearer a.b')).body).toEqual(MALFORMED);
  });

  it('stay good when they cannot be fetched any more', async () => {
    const clock = createTestClock({ start: Date.now() });
    const instance = gateway({ pollInterval: '10s' }, clock.runtime);
    const [first, second] = await Promise.all([sign(key), sign(key, { sub: 'bob' })]);
    expect((await ask(instance, `Bearer ${first}`)).status).toBe(200);
    keyServer.state = 'off';
    clock.advance(60_000);
    for (const token of [first, second]) expect((await ask(instance, `Bearer ${token}`)).status).toBe(200);
  });

  it('that are taken back take their tokens along, at the latest after the poll interval', async () => {
    const clock = createTestClock({ start: Date.now() });
    const instance = gateway({ pollInterval: '10s' }, clock.runtime);
    const token = await sign(key);
    expect((await ask(instance, `Bearer ${token}`)).status).toBe(200);
    keyServer.keys = [rsa.jwk];
    clock.advance(9000);
    expect((await ask(instance, `Bearer ${token}`)).status).toBe(200);
    clock.advance(1000);
    expect((await ask(instance, `Bearer ${token}`)).status).toBe(401);
  });

  it('are asked for at most twice in half a minute, whatever 1,000 callers at once say their keys are', async () => {
    const instance = gateway({}, { elapsed: () => 0 });
    const good = await sign(key);
    const before = keyServer.requests;
    const bad = await Promise.all(Array.from({ length: 1000 }, (_, i) => sign({ ...key, kid: `kid-${i}` })));
    const answers = await Promise.all([...bad, good].map((token) => ask(instance, `Bearer ${token}`)));
    expect(answers.slice(0, 1000).every(({ status }) => status === 401)).toBe(true);
    keyServer.state = 'off';
    expect([answers[1000]?.status, (await ask(instance, `Bearer ${good}`)).status]).toEqual([200, 200]);
    expect((await ask(instance, `Bearer ${await sign(key, { sub: 'new' })}`)).status).toBe(200);
    expect(keyServer.requests - before).toBeLessThanOrEqual(2);
  });
});

describe('scopes', () => {
  it.each([
    ['a text', { scope: 'read chat' }, 200],
    ['a text called scp', { scp: 'chat read' }, 200],
    ['a list', { scp: ['chat', 'read'] }, 200],
    ['too few', { scope: 'chat' }, 403],
    ['one that only looks like it', { scope: 'chat readonly' }, 403],
    ['none', {}, 403],
    ['no text', { scope: 7 }, 403],
  ])('%s', async (_, more, status) => {
    const instance = gateway({ requiredScopes: ['chat', 'read'] });
    const answer = await ask(instance, `Bearer ${await sign(key, more)}`);
    expect(answer.status).toBe(status);
    if (status === 200) return;
    expect(answer.headers.get('www-authenticate')).toBe(
      `Bearer error="insufficient_scope", scope="chat read", ${CHALLENGE.slice('Bearer '.length)}`,
    );
    expect(answer.body).toMatchObject({ error: 'insufficient_scope' });
  });

  it('are named to callers without a token too', async () => {
    const { headers } = await ask(gateway({ requiredScopes: ['chat'] }), undefined);
    expect(headers.get('www-authenticate')).toBe(`Bearer scope="chat", ${CHALLENGE.slice('Bearer '.length)}`);
  });
});
