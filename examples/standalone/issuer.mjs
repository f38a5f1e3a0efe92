// An authorization server in small, for the profile "full" of server.mjs: its key is made when it starts, and whoever
// asks gets a token. A real one asks who you are first.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

const ALGORITHM = 'ES256';

/** Listens on a free loopback port: `/jwks` has the key set, `/token?sub=ann&group=red` a token that is good for a day. */
export async function openIssuer(audience) {
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM);
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'start', alg: ALGORITHM, use: 'sig' }];
  const keySet = JSON.stringify({ keys });
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://issuer');
    if (pathname === '/jwks') response.setHeader('content-type', 'application/json').end(keySet);
    else if (pathname === '/token') response.end(await token(Object.fromEntries(searchParams)));
    else response.writeHead(404).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;

  function token({ sub = 'anyone', group } = {}) {
    return new SignJWT({ group })
      .setProtectedHeader({ alg: ALGORITHM, kid: 'start' })
      .setIssuer(url)
      .setAudience(audience)
      .setSubject(sub)
      .setExpirationTime('1d')
      .sign(privateKey);
  }

  return {
    url,
    token,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
