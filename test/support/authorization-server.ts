import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, type JWK } from 'jose';
import Provider from 'oidc-provider';
import { type SigningKey, signingKey } from './key-server.ts';

export interface AuthorizationServer {
  readonly issuer: string;
  readonly keySetUrl: string;
  /** Requests for its keys so far. */
  readonly keyRequests: number;
  /** `off` closes every connection. */
  state: 'on' | 'off';
  /** A token by the grant `client_credentials`; the client stands for one person and one group. */
  token(client: string, resource: string): Promise<string>;
  /** From now on it signs with this key; `keep`: the keys before stay in its set. */
  rotate(key: SigningKey, keep?: boolean): Promise<void>;
  close(): Promise<void>;
}

const SECRET = 'secret-of-every-client';
export const CLIENTS = new Map([
  ['ann', 'red'],
  ['bob', 'blue'],
  ['eve', 'nobody'],
]);

/** A real authorization server on a loopback port, whose tokens are signed JWTs. */
export async function openAuthorizationServer(alg = 'ES256'): Promise<AuthorizationServer> {
  let handle: RequestListener = (_request, response) => response.end();
  let state: 'on' | 'off' = 'on';
  let keyRequests = 0;
  const server = createServer((request, response) => {
    if (state === 'off') request.socket.destroy();
    else {
      if (request.url === '/jwks') keyRequests++;
      handle(request, response);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let keys: JWK[] = [];
  const rotate = async (key: SigningKey, keep = true): Promise<void> => {
    const secret: JWK = { ...(await exportJWK(key.pair.privateKey)), kid: key.kid, alg: key.alg, use: 'sig' };
    // It signs with the first one that fits.
    keys = [secret, ...(keep ? keys : [])];
    handle = createProvider(issuer, keys, key.alg).callback();
  };
  await rotate(await signingKey(alg, 'first'));
  return {
    issuer,
    keySetUrl: `${issuer}/jwks`,
    get keyRequests() {
      return keyRequests;
    },
    get state() {
      return state;
    },
    set state(next) {
      state = next;
    },
    rotate,
    async token(client, resource) {
      const response = await fetch(`${issuer}/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: client,
          client_secret: SECRET,
          resource,
          scope: 'chat',
        }),
      });
      const { access_token: token, ...rest } = (await response.json()) as { access_token?: string };
      if (token === undefined) throw new Error(`No token: ${JSON.stringify(rest)}`);
      return token;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function createProvider(issuer: string, keys: readonly JWK[], alg: string): Provider {
  return new Provider(issuer, {
    jwks: { keys: [...keys] },
    clients: [...CLIENTS.keys()].map((id) => ({
      client_id: id,
      client_secret: SECRET,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: 'client_secret_post',
      // What an id token would be signed with; there is none.
      id_token_signed_response_alg: alg,
    })),
    scopes: ['chat'],
    extraTokenClaims: (_context: unknown, token: { clientId?: string }) => ({
      org: { team: CLIENTS.get(token.clientId ?? '') },
    }),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context: unknown, resource: string) => ({
          scope: 'chat',
          audience: resource,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: alg } },
        }),
      },
    },
  });
}
