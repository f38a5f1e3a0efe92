import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
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

function pauseForATurn({ call }: ToldCall): void {
  call.pause();
  setImmediate(() => call.resume());
}

const PIECE = 64 * 1024;

/** Writes no faster than the other side reads. */
function pour(socket: Socket, bytes: Buffer): void {
  let from = 0;
  const more = (): void => {
    while (from < bytes.length && socket.write(bytes.subarray(from, from + PIECE))) from += PIECE;
    from += PIECE;
    if (from < bytes.length) socket.once('drain', more);
  };
  more();
}

/** Waits until `count` stands still. */
async function still(count: () => number): Promise<number> {
  for (let last = -1; ; await delay(60)) {
    const now = count();
    if (now === last) return now;
    last = now;
  }
}

const received = ({ data }: ToldCall): number => data.reduce((sum, { length }) => sum + length, 0);

const plain = randomBytes(32 << 20);
const packed = gzipSync(plain, { level: 1 });
const large: [string, string, Buffer][] = [
  ['as it is', `content-length: ${plain.length}`, plain],
  ['packed', `content-encoding: gzip\r\ncontent-length: ${packed.length}`, packed],
];

describe.each(large)('a large answer, %s,', (_, headers, bytes) => {
  const open = (): Promise<RawServer> =>
    serve((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${headers}\r\n\r\n`);
      pour(socket, bytes);
    });

  it.each(['head', 'data'] as const)('stops when it is paused at its %s, and goes on', async (event) => {
    const server = await open();
    let pauses = 0;
    const pause = ({ call }: ToldCall): void => {
      if (pauses++ === 0) call.pause();
    };
    const told = new ToldCall(transport, { origin: server.origin }, { [event]: pause });
    await expect.poll(() => pauses).toBe(1);
    const sent = await still(() => server.sockets[0]?.bytesWritten ?? 0);
    expect(sent).toBeLessThan(bytes.length);
    expect(received(told)).toBeLessThan(1 << 20);
    told.call.resume();
    await told.over;
    expect(told.events).toEqual(['head', 'data', 'end']);
    expect(Buffer.concat(told.data).equals(plain)).toBe(true);
  });

  it('comes whole when it is paused again and again', async () => {
    const server = await open();
    const told = new ToldCall(transport, { origin: server.origin }, { data: pauseForATurn });
    await told.over;
    expect(told.events).toEqual(['head', 'data', 'end']);
    expect(Buffer.concat(told.data).equals(plain)).toBe(true);
  });

  it('can be aborted while it is paused', async () => {
    const server = await open();
    const told = new ToldCall(transport, { origin: server.origin }, { data: ({ call }) => call.pause() });
    await expect.poll(() => told.data.length).toBeGreaterThan(0);
    const { length } = told.data;
    told.call.abort();
    told.call.resume();
    await gone(server.sockets[0]);
    expect([told.events, told.data.length]).toEqual([['head', 'data'], length]);
  });
});

it('a small packed answer with much in it is not read faster than its receiver takes it', async () => {
  // Some 20 bytes for each packed one: a piece from the socket is many pieces for the receiver.
  const lines = Array.from({ length: 60_000 }, () => `${randomBytes(12).toString('hex')}${'x'.repeat(600)}`).join('');
  const body = gzipSync(lines);
  const warnings: string[] = [];
  const onWarning = ({ name }: Error): number => warnings.push(name);
  process.on('warning', onWarning);
  const server = await serve((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n`);
    pour(socket, body);
  });
  const told = new ToldCall(transport, { origin: server.origin }, { data: pauseForATurn });
  await told.over;
  await nextTurn();
  process.off('warning', onWarning);
  expect(told.text === lines).toBe(true);
  // One listener for `drain` for every piece that came too early.
  expect(warnings).toEqual([]);
});

it('a call may be paused before its connection is there', async () => {
  const server = await serve((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi'));
  const told = new ToldCall(transport, { origin: server.origin });
  told.call.pause();
  await expect.poll(() => server.requests.length).toBe(1);
  expect(told.events).toEqual([]);
  told.call.resume();
  expect((await told.over).text).toBe('hi');
});

describe('abort()', () => {
  const packedHello = gzipSync('hello, '.repeat(1000), { level: 0 }).toString('latin1');
  const partial = (headers: string, body: string) => (socket: Socket) => {
    socket.write(`HTTP/1.1 200 OK\r\n${headers}content-length: 100000\r\n\r\n${body}`, 'latin1');
  };
  const answers: [string, (socket: Socket) => void][] = [
    ['plain', partial('', 'hello')],
    ['packed', partial('content-encoding: gzip\r\n', packedHello)],
  ];

  it('before the connection is there sends nothing', async () => {
    const server = await serve(() => {});
    const told = new ToldCall(transport, { origin: server.origin });
    told.call.abort();
    await new ToldCall(transport, { origin: server.origin, path: ' ' }).over;
    for (let turn = 0; turn < 10; turn++) await nextTurn();
    await Promise.all(server.sockets.map(gone));
    expect([told.events, server.requests.length]).toEqual([[], 0]);
  });

  it('before the answer closes the connection', async () => {
    const server = await serve(() => {});
    const told = new ToldCall(transport, { origin: server.origin });
    await expect.poll(() => server.requests.length).toBe(1);
    told.call.abort();
    await gone(server.sockets[0]);
    expect(told.events).toEqual([]);
  });

  it.each(answers)('within a %s body is the last of it', async (_, answer) => {
    const server = await serve(answer);
    const told = new ToldCall(transport, { origin: server.origin });
    await expect.poll(() => told.events).toEqual(['head', 'data']);
    told.call.abort();
    const { length } = told.data;
    server.sockets[0]?.write('more');
    await gone(server.sockets[0]);
    await nextTurn();
    expect([told.events, told.data.length]).toEqual([['head', 'data'], length]);
  });

  it.each(answers)('from within the head of a %s answer is the last of it', async (_, answer) => {
    const server = await serve(answer);
    const told = new ToldCall(transport, { origin: server.origin }, { head: ({ call }) => call.abort() });
    await expect.poll(() => told.events.length).toBe(1);
    await gone(server.sockets[0]);
    await nextTurn();
    expect(told.events).toEqual(['head']);
  });

  it.each(answers)('from within the data of a %s answer is the last of it', async (_, answer) => {
    const server = await serve(answer);
    const told = new ToldCall(transport, { origin: server.origin }, { data: ({ call }) => call.abort() });
    await expect.poll(() => told.data.length).toBe(1);
    await gone(server.sockets[0]);
    await nextTurn();
    expect([told.events, told.data.length]).toEqual([['head', 'data'], 1]);
  });

  it.each([
    ['the last data of a counted answer', 'content-length: 5\r\n\r\nhello'],
    ['the last data of a chunked answer', 'transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'],
    ['data before a defect', 'transfer-encoding: chunked\r\n\r\n5\r\nhello\r\nx'],
  ])('from within %s is the last of it', async (_, text) => {
    const server = await serve((socket) => socket.write(`HTTP/1.1 200 OK\r\n${text}`));
    const told = new ToldCall(transport, { origin: server.origin }, { data: ({ call }) => call.abort() });
    await expect.poll(() => told.data.length).toBe(1);
    await gone(server.sockets[0]);
    expect(told.events).toEqual(['head', 'data']);
  });

  it('after the end changes nothing, nor does a second one', async () => {
    const server = await serve((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi'));
    const abort = ({ call }: ToldCall): void => call.abort();
    for (let i = 0; i < 3; i++) {
      const told = await new ToldCall(transport, { origin: server.origin }, { end: abort }).over;
      told.call.abort();
      told.call.abort();
      expect(told.events).toEqual(['head', 'data', 'end']);
    }
    expect(server.sockets.length).toBe(1);
  });

  it('from within an error changes nothing', async () => {
    const server = await serve((socket) => socket.end());
    const told = await new ToldCall(transport, { origin: server.origin }, { error: ({ call }) => call.abort() }).over;
    await nextTurn();
    expect(told.events).toEqual(['error']);
  });

  it('leaves the calls beside it alone', async () => {
    const server = await serve(() => {});
    const calls = Array.from({ length: 5 }, () => new ToldCall(transport, { origin: server.origin }));
    await expect.poll(() => server.requests.length).toBe(5);
    calls[2]?.call.abort();
    for (const socket of server.sockets) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi');
    for (const told of calls.filter((_, index) => index !== 2)) expect((await told.over).text).toBe('hi');
    expect(calls[2]?.events).toEqual([]);
  });
});
