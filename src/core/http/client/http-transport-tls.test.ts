import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { gone, openRawServer, type RawServer } from '../../../../test/support/raw-http-server.ts';
import { ToldCall } from '../../../../test/support/told-call.ts';
import { HttpTransport } from './http-transport.ts';

const file = (name: string): Buffer =>
  readFileSync(new URL(`../../../../test/fixtures/mcp/tls/${name}.pem`, import.meta.url));

const ca = file('ca');
const identity: TlsOptions = { cert: file('server'), key: file('server-key') };

const opened: { close(): Promise<void> }[] = [];
afterEach(() => Promise.all(opened.splice(0).map((one) => one.close())));

/** Says whether its connection lives on, and whether it resumed an earlier session. */
async function serve(connection: 'keep-alive' | 'close', settings: TlsOptions = {}): Promise<RawServer> {
  const answer = (socket: Socket): void => {
    const resumed = (socket as TLSSocket).isSessionReused();
    socket.write(
      `HTTP/1.1 200 OK\r\nconnection: ${connection}\r\nx-resumed: ${resumed}\r\ncontent-length: 5\r\n\r\nhello`,
    );
  };
  const server = await openRawServer(answer, { ...identity, ...settings });
  opened.push(server);
  return server;
}

function client(connect: object = { ca }): HttpTransport {
  const transport = new HttpTransport({ connect });
  opened.push(transport);
  return transport;
}

describe('over TLS', () => {
  it('a server whose authority is known is reached, by its name, in HTTP/1.1', async () => {
    const server = await serve('keep-alive', { ALPNProtocols: ['h2', 'http/1.1'] });
    const transport = client();
    for (let i = 0; i < 3; i++) {
      expect((await new ToldCall(transport, { origin: server.origin }).over).text).toBe('hello');
    }
    const [socket] = server.sockets as (TLSSocket & { servername?: string })[];
    expect([server.sockets.length, socket?.alpnProtocol, socket?.servername]).toEqual([1, 'http/1.1', 'localhost']);
    expect(server.requests[0]?.head).toContain(`\r\nhost: localhost:${server.port}\r\n`);
  });

  it('a body of every kind arrives', async () => {
    const server = await serve('keep-alive');
    const transport = client();
    for (const body of ['x', 'é', 'x'.repeat(100_000), Buffer.alloc(10, 1), Buffer.alloc(100_000, 2)]) {
      await new ToldCall(transport, { origin: server.origin, method: 'POST', body }).over;
      expect(server.requests.at(-1)?.body.equals(Buffer.from(body as string))).toBe(true);
    }
    expect(server.sockets.length).toBe(1);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'a later connection resumes the session of an earlier one (%s)',
    async (version) => {
      const server = await serve('close', { minVersion: version, maxVersion: version });
      const transport = client();
      const resumed: unknown[] = [];
      for (let i = 0; i < 3; i++) {
        const { headers } = await new ToldCall(transport, { origin: server.origin }).over;
        resumed.push(headers['x-resumed']);
        await gone(server.sockets[i]);
      }
      expect(resumed).toEqual(['false', 'true', 'true']);
    },
  );

  it.each([
    ['an unknown authority', {}, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', identity],
    ['another name', { ca }, 'ERR_TLS_CERT_ALTNAME_INVALID', { cert: file('wrong-host'), key: file('wrong-host-key') }],
  ])('a server of %s is refused, each time, and hears no request', async (_, connect, code, settings) => {
    const server = await serve('keep-alive', settings);
    const transport = client(connect);
    for (let i = 0; i < 3; i++) {
      const told = await new ToldCall(transport, { origin: server.origin, headers: ['x-key', 'secret'] }).over;
      expect([told.events, told.code]).toEqual([['error'], code]);
    }
    expect(server.requests).toEqual([]);
  });

  it('a server that speaks no TLS is refused, once', async () => {
    const server = await openRawServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    opened.push(server);
    const asked = new ToldCall(client(), { origin: `https://localhost:${server.port}` });
    await expect.poll(() => server.sockets.length).toBe(1);
    server.sockets[0]?.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    expect((await asked.over).events).toEqual(['error']);
  });

  it('an abort within the handshake is the last of it', async () => {
    const server = await openRawServer(() => {});
    opened.push(server);
    const told = new ToldCall(client(), { origin: `https://localhost:${server.port}` });
    await expect.poll(() => server.sockets.length).toBe(1);
    told.call.abort();
    await gone(server.sockets[0]);
    expect(told.events).toEqual([]);
  });
});
