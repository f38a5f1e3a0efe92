import type { Socket } from 'node:net';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { gone, openRawServer, type RawServer } from '../../../../test/support/raw-http-server.ts';
import { ToldCall } from '../../../../test/support/told-call.ts';
import { HttpTransport } from './http-transport.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(() => Promise.all(opened.splice(0).map((one) => one.close())));

async function serve(answer: Parameters<typeof openRawServer>[0]): Promise<RawServer> {
  const server = await openRawServer(answer);
  opened.push(server);
  return server;
}

function client(settings?: ConstructorParameters<typeof HttpTransport>[0]): HttpTransport {
  const transport = new HttpTransport(settings);
  opened.push(transport);
  return transport;
}

/** Whoever is to hear of what has happened on a socket has heard. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await nextTurn();
}

const OK = 'HTTP/1.1 200 OK\r\n';
const POISON = 'HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison';
const HELLO = `${OK}content-length: 5\r\n\r\nhello`;

describe('a connection is used again', () => {
  const gzip = gzipSync('hello').toString('latin1');

  it.each([
    ['a counted answer', HELLO],
    ['one without a body', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['a chunked one', `${OK}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`],
    ['a chunked one with trailers', `${OK}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\na: 1\r\n\r\n`],
    ['a packed one', `${OK}content-encoding: gzip\r\ncontent-length: ${gzip.length}\r\n\r\n${gzip}`],
    ['one that followed an interim one', `HTTP/1.1 103 Early Hints\r\n\r\n${HELLO}`],
    ['an error', 'HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n'],
    ['one that says so', `${OK}connection: keep-alive\r\nkeep-alive: timeout=60, max=9\r\ncontent-length: 0\r\n\r\n`],
    ['one of HTTP/1.0 that says so', 'HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 0\r\n\r\n'],
  ])('after %s', async (_, answer) => {
    const server = await serve((socket) => socket.write(answer, 'latin1'));
    const transport = client();
    for (let i = 0; i < 4; i++) {
      expect((await new ToldCall(transport, { origin: server.origin }).over).events.at(-1)).toBe('end');
    }
    expect(server.sockets.length).toBe(1);
  });

  it('not for a call that is sent at the end of the one before: its server may hang up right behind', async () => {
    const server = await serve((socket) => socket.end(HELLO));
    const transport = client();
    const second = new Promise<ToldCall>((resolve) => {
      new ToldCall(
        transport,
        { origin: server.origin },
        {
          end: () => resolve(new ToldCall(transport, { origin: server.origin })),
        },
      );
    });
    expect((await (await second).over).text).toBe('hello');
    expect(server.sockets.length).toBe(2);
  });

  it.each([
    ['not when its server has hung up meanwhile', (socket: Socket) => socket.end()],
    ['not when its server has said what nobody asked for', (socket: Socket) => socket.write(POISON)],
  ])('%s, and nobody had the time to look', async (_, spoil) => {
    const server = await serve((socket) => socket.write(HELLO));
    const transport = client();
    await new ToldCall(transport, { origin: server.origin }).over;
    // The server's end is in this process too: what it sends is with the kernel now, and unread.
    const [socket] = server.sockets;
    if (socket !== undefined) spoil(socket);
    const second = await new ToldCall(transport, { origin: server.origin }).over;
    expect([second.text, second.code]).toEqual(['hello', undefined]);
    expect(server.sockets.length).toBe(2);
  });

  it('though its last call left it paused', async () => {
    const server = await serve((socket) => socket.write(HELLO));
    const transport = client();
    for (let i = 0; i < 3; i++) {
      const told = await new ToldCall(transport, { origin: server.origin }, { data: ({ call }) => call.pause() }).over;
      expect(told.text).toBe('hello');
    }
    expect(server.sockets.length).toBe(1);
  });

  it('not by a call that is over', async () => {
    const server = await serve((socket) => {
      if (server.requests.length < 2) socket.write(HELLO);
    });
    const transport = client();
    const first = await new ToldCall(transport, { origin: server.origin }).over;
    const second = new ToldCall(transport, { origin: server.origin });
    await expect.poll(() => server.requests.length).toBe(2);
    first.call.pause();
    first.call.abort();
    server.sockets[0]?.write(HELLO);
    expect((await second.over).text).toBe('hello');
    expect(first.events).toEqual(['head', 'data', 'end']);
  });

  it('the one used last first', async () => {
    const server = await serve(() => {});
    const transport = client();
    const send = (): ToldCall => new ToldCall(transport, { origin: server.origin });
    const first = [send(), send(), send()];
    await expect.poll(() => server.requests.length).toBe(3);
    for (const connection of [1, 0, 2]) {
      server.sockets[connection]?.write(HELLO);
      await expect
        .poll(() => first.filter(({ events }) => events.includes('end')).length)
        .toBe([1, 0, 2].indexOf(connection) + 1);
    }
    const second = [send(), send(), send(), send()];
    await expect.poll(() => server.requests.length).toBe(7);
    expect(
      server.requests
        .slice(3)
        .map(({ connection }) => connection)
        .toSorted(),
    ).toEqual([0, 1, 2, 3]);
    for (const socket of server.sockets) socket.write(HELLO);
    await Promise.all(second.map(({ over }) => over));

    const last = send();
    await expect.poll(() => server.requests.length).toBe(8);
    const newest = server.requests.at(-1)?.connection ?? -1;
    server.sockets[newest]?.write(HELLO);
    await last.over;
    const again = send();
    await expect.poll(() => server.requests.length).toBe(9);
    expect(server.requests.at(-1)?.connection).toBe(newest);
    server.sockets[newest]?.write(HELLO);
    await again.over;
  });

  it('by as many calls as there are connections', async () => {
    const waiting: (() => void)[] = [];
    const server = await serve((socket) => {
      waiting.push(() => socket.write(HELLO));
      if (waiting.length === 50) for (const answer of waiting.splice(0)) answer();
    });
    const transport = client();
    for (let round = 0; round < 3; round++) {
      const calls = Array.from({ length: 50 }, () => new ToldCall(transport, { origin: server.origin }).over);
      expect((await Promise.all(calls)).map(({ text }) => text)).toEqual(Array(50).fill('hello'));
      expect(server.sockets.length).toBe(50);
    }
  });

  it('of its own origin only', async () => {
    const servers = [await serve((socket) => socket.write(HELLO)), await serve((socket) => socket.write(HELLO))];
    const transport = client();
    for (let i = 0; i < 4; i++) await new ToldCall(transport, { origin: servers[i % 2]?.origin ?? '' }).over;
    expect(servers.map(({ sockets }) => sockets.length)).toEqual([1, 1]);
  });

  it('keeps no process alive while it is free', async () => {
    const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    const server = await serve(() => {});
    await settled();
    const told = new ToldCall(client(), { origin: server.origin });
    await expect.poll(() => server.requests.length).toBe(1);
    const busy = sockets();
    server.sockets[0]?.write(HELLO);
    await told.over;
    // The server's own side of it is counted still.
    expect(sockets()).toBe(busy - 1);
  });
});

describe('a connection is not used again', () => {
  it.each([
    ['an answer that says so', `${OK}connection: close\r\ncontent-length: 0\r\n\r\n`],
    ['one of HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n'],
    ['bytes behind the answer', `${HELLO}\r\n`],
    ['a second answer', HELLO + HELLO],
    ['a time that is over too soon', `${OK}keep-alive: timeout=1\r\ncontent-length: 0\r\n\r\n`],
    ['a time that is within the margin', `${OK}Keep-Alive: max=5, timeout=2\r\ncontent-length: 0\r\n\r\n`],
    ['no time', `${OK}keep-alive: timeout=0\r\ncontent-length: 0\r\n\r\n`],
  ])('after %s', async (_, answer) => {
    const server = await serve((socket) => socket.write(answer));
    const transport = client();
    for (let i = 0; i < 3; i++) {
      expect((await new ToldCall(transport, { origin: server.origin }).over).events.at(-1)).toBe('end');
    }
    expect(server.sockets.length).toBe(3);
    await Promise.all(server.sockets.slice(0, 2).map(gone));
  });

  it.each<[string, (server: RawServer) => void]>([
    ['the server has closed it', (server) => server.sockets[0]?.end()],
    ['the server has reset it', (server) => server.sockets[0]?.resetAndDestroy()],
    ['bytes came that nobody asked for', (server) => server.sockets[0]?.write(HELLO)],
  ])('after %s', async (_, spoil) => {
    const server = await serve((socket) => socket.write(HELLO));
    const transport = client();
    await new ToldCall(transport, { origin: server.origin }).over;
    spoil(server);
    await gone(server.sockets[0]);
    await settled();
    const told = await new ToldCall(transport, { origin: server.origin }).over;
    expect([told.text, server.sockets.length]).toEqual(['hello', 2]);
  });

  it('after an answer whose end was its own', async () => {
    const server = await serve((socket) => socket.end(`${OK}\r\nhello`));
    const transport = client();
    for (let i = 0; i < 2; i++) {
      expect((await new ToldCall(transport, { origin: server.origin }).over).text).toBe('hello');
    }
    expect(server.sockets.length).toBe(2);
  });

  it('after a call that was given up', async () => {
    const server = await serve((socket) => socket.write(server.sockets.length === 1 ? HELLO.slice(0, -1) : HELLO));
    const transport = client();
    const first = new ToldCall(transport, { origin: server.origin }, { data: ({ call }) => call.abort() });
    await expect.poll(() => first.events).toEqual(['head', 'data']);
    const second = await new ToldCall(transport, { origin: server.origin }).over;
    expect([second.text, server.sockets.length]).toEqual(['hello', 2]);
    await gone(server.sockets[0]);
  });

  it('after an answer that came before the server had the whole request', async () => {
    const answer = 'HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n';
    const server = await serve((socket) => socket.write(HELLO));
    const transport = client();
    const body = Buffer.alloc(64 << 20);
    const first = new ToldCall(transport, { origin: server.origin, method: 'POST', body });
    await expect.poll(() => server.sockets.length).toBe(1);
    server.sockets[0]?.pause();
    server.sockets[0]?.write(answer);
    expect([(await first.over).status, first.events]).toEqual([413, ['head', 'end']]);
    const second = await new ToldCall(transport, { origin: server.origin }).over;
    expect([second.text, server.sockets.length]).toEqual(['hello', 2]);
  });

  it('after it has been free too long', async () => {
    const server = await serve((socket) => socket.write(HELLO));
    const transport = client({ keepAlive: 5 });
    await new ToldCall(transport, { origin: server.origin }).over;
    await delay(20);
    await new ToldCall(transport, { origin: server.origin }).over;
    expect(server.sockets.length).toBe(2);
    // Nobody asks for the second one: it is closed all the same.
    await Promise.all(server.sockets.map(gone));
  });
});
