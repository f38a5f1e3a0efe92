import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, type GenerateKeyPairResult, generateKeyPair, type JWK, SignJWT } from 'jose';

/** A key pair as an authorization server has it. */
export interface SigningKey {
  readonly alg: string;
  readonly kid: string;
  readonly pair: GenerateKeyPairResult;
  /** As it stands in the key set. */
  readonly jwk: JWK;
}

export async function signingKey(alg = 'ES256', kid = `key-${alg}`): Promise<SigningKey> {
  const pair = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, pair, jwk: { ...(await exportJWK(pair.publicKey)), kid, alg, use: 'sig' } };
}

/** A token that is good for an hour, with these claims besides; `undefined` takes one out. */
export function sign(
  key: SigningKey,
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const all = { sub: 'ann', iss: ISSUER, aud: AUDIENCE, exp: now + 3600, ...claims };
  return new SignJWT(all).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).sign(key.pair.privateKey);
}

export const ISSUER = 'https://issuer.test';
export const AUDIENCE = 'https://gateway.test/';

export interface KeyServer {
  readonly url: string;
  /** Requests it got, at any path. */
  requests: number;
  keys: readonly JWK[];
  /** `off` closes each connection, `silent` never answers. */
  state: 'on' | 'off' | 'silent';
  close(): Promise<void>;
}

/** A real server that has a key set at every path. */
export async function openKeyServer(keys: readonly JWK[]): Promise<KeyServer> {
  const server = createServer((request, response) => {
    served.requests++;
    if (served.state === 'off') request.socket.destroy();
    else if (served.state === 'on') {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ keys: served.keys }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const served: KeyServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`,
    requests: 0,
    keys,
    state: 'on',
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return served;
}

/** The `server.oauth` table for a key server. */
export function oauthTable(keyServer: Pick<KeyServer, 'url'>, more: object = {}) {
  return {
    url: keyServer.url,
    expectedIssuer: ISSUER,
    expectedAudience: AUDIENCE,
    protectedResource: { resource: 'https://gateway.test', authorizationServers: [ISSUER] },
    ...more,
  };
}
