import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { gone, openRawServer, type RawServer } from '../../../../test/support/raw-http-server.ts';
import { ToldCall } from '../../../../test/support/told-call.ts';
import { HttpTransport } from './http-transport.ts';

let transport = new HttpTransport();
const servers: RawServer[] = [];

afterEach(async () => {
  await transport.close();
  transport = new HttpTransport();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(answer: (socket: Socket) => void): Promise<RawServer> {
  const server = await openRawServer(answer);
  servers.push(server);
  return server;
}

const says = (...parts: (string | Buffer)[]): Promise<RawServer> =>
  serve((socket) => socket.write(Buffer.concat(parts.map((part) => Buffer.from(part as string)))));

const ask = (server: RawServer): Promise<ToldCall> => new ToldCall(transport, { origin: server.origin }).over;

describe('a request', () => {
  it.each<[string, Buffer | string | null]>([
    ['an ASCII text', '{"model":"x"}'],
    ['a text of other characters', '{"é":"日本 😀"}'],
    ['a text of Latin-1 characters', '\xe9\xff\x80'],
    ['half a surrogate pair', 'a\ud83d'],
    ['an empty text', ''],
    ['a long ASCII text', 'x'.repeat(300_000)],
    ['a long text of other characters', '😀é'.repeat(50_000)],
    ['a few bytes', Buffer.from([0, 13, 10, 255])],
    ['no bytes', Buffer.alloc(0)],
    ['32 KB', Buffer.alloc(32 * 1024, 'ab')],
    ['more than 32 KB', Buffer.alloc(32 * 1024 + 1, 'ab')],
    ['8 MB', Buffer.alloc(8 << 20, 'abc')],
    ['nothing', null],
  ])("with %s as its body reaches Node's own server as it is", async (_, body) => {
    const server = createServer((request, response) => {
      response.setHeader('x-asked', `${request.method} ${request.url} ${request.headers.host}`);
      response.setHeader('x-length', request.headers['content-length'] ?? 'none');
      request.pipe(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const told = await new ToldCall(transport, { origin: `http://${host}`, path: '/a?b', method: 'POST', body }).over;
      const sent = Buffer.from(body ?? '');
      expect(told.error).toBeUndefined();
      expect(told.headers).toMatchObject({ 'x-asked': `POST /a?b ${host}`, 'x-length': String(sent.length) });
      expect(Buffer.concat(told.data).equals(sent)).toBe(true);
    } finally {
      await transport.close();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it.each([
    ['a header that would become two', { headers: ['x', 'a\r\ny: b'] }],
    ['a path with a space', { path: '/a b' }],
  ])('with %s is not sent, and refused after `send` has returned', async (_, request) => {
    const server = await says('HTTP/1.1 204 X\r\n\r\n');
    const told = new ToldCall(transport, { origin: server.origin, ...request });
    expect(told.events).toEqual([]);
    await told.over;
    await nextTurn();
    expect([told.events, told.code, server.sockets.length]).toEqual([['error'], 'HTTP_UNSENDABLE', 0]);
  });

  it('that is refused can be aborted before it hears of it', async () => {
    const told = new ToldCall(transport, { origin: 'http://127.0.0.1:9', path: ' ' });
    told.call.abort();
    await nextTurn();
    expect(told.events).toEqual([]);
  });

  it('to nobody fails with the code of the operating system', async () => {
    const server = await says('');
    await server.close();
    const told = await ask(server);
    expect([told.events, told.code]).toEqual([['error'], 'ECONNREFUSED']);
  });
});

describe('an encoded answer', () => {
  const text = 'hello, '.repeat(30_000);
  const encoded = (name: string, body: Buffer): [string, Buffer] => [
    `HTTP/1.1 200 OK\r\ncontent-encoding: ${name}\r\ncontent-length: ${body.length}\r\n\r\n`,
    body,
  ];

  it.each<[string, Buffer]>([
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['GZIP', gzipSync(text)],
    ['gzip', Buffer.concat([gzipSync(text.slice(0, 99)), gzipSync(text.slice(99))])],
    ['br', brotliCompressSync(text)],
    ['deflate', deflateSync(text)],
    ['identity', Buffer.from(text)],
    ['', Buffer.from(text)],
  ])('of %j is told decoded, and its connection used again', async (name, body) => {
    const server = await says(...encoded(name, body));
    for (let i = 0; i < 3; i++) {
      const told = await ask(server);
      expect([told.events, told.status]).toEqual([['head', 'data', 'end'], 200]);
      expect(told.text === text).toBe(true);
    }
    expect(server.sockets.length).toBe(1);
  });

  it.each([204, 304])('of status %i has nothing to decode', async (status) => {
    const server = await says(`HTTP/1.1 ${status} X\r\ncontent-encoding: gzip\r\n\r\n`);
    const told = await ask(server);
    expect([told.events, told.code]).toEqual([['head', 'end'], undefined]);
  });

  it.each<[string, string, Buffer, string[]]>([
    ['an unknown coding', 'zstd', gzipSync(text), ['error']],
    ['two codings', 'gzip, br', gzipSync(text), ['error']],
    ['another coding than it says', 'gzip', deflateSync(text), ['head', 'error']],
    ['none of what it says', 'br', Buffer.from('plain'), ['head', 'error']],
    ['a beginning only', 'gzip', gzipSync(text).subarray(0, -12), ['head', 'data', 'error']],
    [
      'a wrong check sum',
      'gzip',
      Buffer.concat([gzipSync(text).subarray(0, -8), Buffer.alloc(8, 7)]),
      ['head', 'data', 'error'],
    ],
  ])('of %s fails, once', async (_, name, body, events) => {
    const server = await says(...encoded(name, body));
    const told = await ask(server);
    await nextTurn();
    expect(told.events.filter((event) => event !== 'data')).toEqual(events.filter((event) => event !== 'data'));
    expect(told.error).toBeInstanceOf(Error);
    if (events[0] === 'error') expect(told.code).toBe('HTTP_INVALID');
  });

  it.each<[string, Buffer]>([
    ['gzip', gzipSync('hello')],
    ['br', brotliCompressSync('hello')],
    ['deflate', deflateSync('hello')],
  ])('of %s with bytes behind it is not over before the answer is', async (name, body) => {
    const [head, whole] = encoded(name, Buffer.concat([body, Buffer.alloc(9)]));
    const server = await says(head, whole.subarray(0, -1));
    const told = new ToldCall(transport, { origin: server.origin });
    await until(told, 'data');
    for (let turn = 0; turn < 10; turn++) await nextTurn();
    expect(told.events).toEqual(['head', 'data']);
    told.call.abort();
    await gone(server.sockets[0]);
  });

  it('that fails in its middle closes the connection', async () => {
    const server = await says(...encoded('gzip', Buffer.from('plain')).slice(0, 1), 'pl');
    const told = await ask(server);
    expect(told.events).toEqual(['head', 'error']);
    await gone(server.sockets[0]);
  });
});

describe('an answer that does not come whole', () => {
  const OK = 'HTTP/1.1 200 OK\r\n';

  it.each([
    ['before it', '', ['error']],
    ['within its head', OK, ['error']],
    ['after an interim one', 'HTTP/1.1 100 Continue\r\n\r\n', ['error']],
    ['behind its head', `${OK}content-length: 5\r\n\r\n`, ['head', 'error']],
    ['within its body', `${OK}content-length: 5\r\n\r\nhell`, ['head', 'data', 'error']],
    ['within a chunk', `${OK}transfer-encoding: chunked\r\n\r\n5\r\nhell`, ['head', 'data', 'error']],
    ['before its last chunk', `${OK}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n`, ['head', 'data', 'error']],
    ['within its gzip', `${OK}content-encoding: gzip\r\ncontent-length: 50\r\n\r\n\x1f`, ['head', 'error']],
  ])('because the server closes %s fails as HTTP_CLOSED', async (_, text, events) => {
    const server = await serve((socket) => socket.end(text, 'latin1'));
    const told = await ask(server);
    await gone(server.sockets[0]);
    expect([told.events, told.code]).toEqual([events, 'HTTP_CLOSED']);
  });

  it('because the server resets the connection fails once', async () => {
    const server = await serve((socket) => {
      socket.write(`${OK}content-length: 5\r\n\r\nhell`, () => socket.resetAndDestroy());
    });
    const told = await ask(server);
    await nextTurn();
    expect(told.events.at(-1)).toBe('error');
    expect(told.events.filter((event) => event === 'error' || event === 'end')).toHaveLength(1);
  });

  it.each([
    ['garbage', 'SSH-2.0-OpenSSH\r\n\r\n', ['error']],
    ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', ['error']],
    ['a malformed head', `${OK}a : b\r\n\r\n`, ['error']],
    ['a malformed chunk', `${OK}transfer-encoding: chunked\r\n\r\n2\r\nhi\r\nx`, ['head', 'data', 'error']],
  ])('because it is %s fails as HTTP_INVALID, and closes the connection', async (_, text, events) => {
    const server = await says(text);
    const told = await ask(server);
    await gone(server.sockets[0]);
    expect([told.events, told.code]).toEqual([events, 'HTTP_INVALID']);
  });
});

describe('close()', () => {
  it('ends what is under way, and leaves no connection', async () => {
    const server = await serve((socket) => {
      if (server.requests.length < 3) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nh');
      else if (server.requests.length === 3) socket.write('HTTP/1.1 204 X\r\n\r\n');
    });
    const partial = [0, 1].map(() => new ToldCall(transport, { origin: server.origin }));
    await Promise.all(partial.map((told) => until(told, 'data')));
    await ask(server);
    const silent = new ToldCall(transport, { origin: server.origin });
    const connecting = new ToldCall(transport, { origin: server.origin });
    await transport.close();
    for (const told of [...partial, silent, connecting]) expect((await told.over).code).toBe('HTTP_ABORTED');
    expect(partial[0]?.events).toEqual(['head', 'data', 'error']);
    await Promise.all(server.sockets.map(gone));
  });

  it('lets nothing begin any more, not even from within', async () => {
    const server = await serve(() => {});
    const again: ToldCall[] = [];
    const send = (): number => again.push(new ToldCall(transport, { origin: server.origin }));
    const first = new ToldCall(transport, { origin: server.origin }, { error: send });
    await expect.poll(() => server.requests.length).toBe(1);
    await transport.close();
    send();
    await first.over;
    for (const told of again) {
      expect([(await told.over).code, told.events]).toEqual(['HTTP_ABORTED', ['error']]);
    }
    await nextTurn();
    expect([again.length, server.sockets.length]).toEqual([2, 1]);
  });

  it('may come twice, and before anything', async () => {
    await transport.close();
    await transport.close();
  });
});

async function until(told: ToldCall, event: ToldCall['events'][number]): Promise<void> {
  await expect.poll(() => told.events.includes(event)).toBe(true);
}
