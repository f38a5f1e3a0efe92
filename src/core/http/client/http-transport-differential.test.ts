// What our transport tells of an answer is what Node's own client tells of it.
import { Agent, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRawServer, type RawServer } from '../../../../test/support/raw-http-server.ts';
import { ToldCall } from '../../../../test/support/told-call.ts';
import { HttpTransport } from './http-transport.ts';

interface Answer {
  readonly pieces: Buffer[];
  /** The server closes behind it. */
  readonly closes: boolean;
}

interface Read {
  readonly status: number | undefined;
  readonly headers: Record<string, string>;
  readonly body: string;
}

type Random = (below: number) => number;

/** The same numbers for the same seed (mulberry32). */
function seeded(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const STATUSES = [200, 200, 200, 201, 202, 204, 206, 226, 299, 301, 304, 400, 401, 404, 418, 429, 500, 503, 599];
const REASONS = ['OK', '', 'Not Found', 'in\xe9dit', 'a\tb', ':'];
const NAMES = [
  'content-type',
  'X-One',
  'x-one',
  'SET-COOKIE',
  'Link',
  'vary',
  'x_y.z~',
  'WWW-Authenticate',
  'x-a',
  'constructor',
];
const VALUES = ['', '1', 'a, b', 'caf\xe9 \x80\xff', 'a\tb', 'x=1; path=/', '"quoted: \\"yes\\""', 'v'.repeat(300)];
const BLANKS = ['', ' ', '\t', '  '];
const EXTENSIONS = ['', '', ';a', ';a=b', ';a=b;c="d e"'];
const LETTERS = ['\r', '\n', '0', 'a', ' ', '\0', '\xff', ';', 'H'];

const text = (random: Random, most: number): string =>
  Array.from({ length: random(most + 1) }, () => LETTERS[random(LETTERS.length)]).join('');

function pick<T>(random: Random, from: readonly T[]): T {
  return from[random(from.length)] as T;
}

function chunks(random: Random, body: string): string {
  let coded = '';
  for (let from = 0; from < body.length; ) {
    const data = body.slice(from, from + 1 + random(40));
    const size = data.length.toString(16).padStart(1 + random(3), '0');
    coded += `${random(2) === 0 ? size : size.toUpperCase()}${pick(random, EXTENSIONS)}\r\n${data}\r\n`;
    from += data.length;
  }
  return `${coded}0${pick(random, EXTENSIONS)}\r\n${random(3) === 0 ? 'x-sum: 1\r\n' : ''}\r\n`;
}

function generate(random: Random): Answer {
  const status = pick(random, STATUSES);
  const version = random(5) === 0 ? '1.0' : '1.1';
  const lines: string[] = [];
  for (let count = random(8); count > 0; count--) {
    lines.push(`${pick(random, NAMES)}:${pick(random, BLANKS)}${pick(random, VALUES)}${pick(random, BLANKS)}`);
  }
  const body = text(random, pick(random, [0, 3, 100, 3000]));
  const kind = status === 204 || status === 304 ? 'none' : pick(random, ['counted', 'chunked', 'until-close'] as const);
  let coded = '';
  if (kind === 'counted' || (kind === 'chunked' && version === '1.0')) {
    lines.push(`Content-Length: ${body.length}`);
    coded = body;
  } else if (kind === 'chunked') {
    lines.push(pick(random, ['Transfer-Encoding: chunked', 'transfer-encoding:CHUNKED ']));
    coded = chunks(random, body);
  } else if (kind === 'until-close') coded = body;
  const closes = kind === 'until-close' || version === '1.0' || random(6) === 0;
  if (closes && random(2) === 0) lines.push('Connection: close');
  const interim = version === '1.1' && random(6) === 0 ? 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n' : '';
  lines.sort(() => random(3) - 1);
  const head = [`HTTP/${version} ${status} ${pick(random, REASONS)}`, ...lines, '', ''].join('\r\n');
  return { pieces: cut(random, Buffer.from(interim + head + coded, 'latin1')), closes };
}

function cut(random: Random, bytes: Buffer): Buffer[] {
  const ends = Array.from({ length: random(6) }, () => random(bytes.length + 1)).toSorted((a, b) => a - b);
  let from = 0;
  return [...ends, bytes.length].map((to) => {
    const piece = bytes.subarray(from, to);
    from = to;
    return piece;
  });
}

const seeds = Array.from({ length: 300 }, (_, index) => index);
const answers = seeds.map((seed) => generate(seeded(seed)));
const agent = new Agent({ keepAlive: true });
const transport = new HttpTransport();
let server: RawServer;

async function say(socket: Socket, { pieces, closes }: Answer): Promise<void> {
  socket.setNoDelay(true);
  for (const piece of pieces) {
    if (piece.length > 0) socket.write(piece);
    await nextTurn();
  }
  if (closes) socket.end();
}

beforeAll(async () => {
  server = await openRawServer((socket, { head }) => {
    const answer = answers[Number(/^GET \/(\d+) /.exec(head)?.[1])];
    if (answer === undefined) socket.destroy();
    else void say(socket, answer);
  });
});

afterAll(async () => {
  agent.destroy();
  await transport.close();
  await server.close();
});

async function readOurs(path: string): Promise<Read> {
  const told = await new ToldCall(transport, { origin: server.origin, path }).over;
  if (told.error !== undefined) throw told.error;
  const headers = Object.entries(told.headers).map(([name, value]) => [name, [value].flat().join(', ')]);
  return {
    status: told.status,
    headers: Object.fromEntries(headers),
    body: Buffer.concat(told.data).toString('latin1'),
  };
}

async function readNodes(path: string): Promise<Read> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request(`${server.origin}${path}`, { agent }, resolve).on('error', reject).end();
  });
  const headers: Record<string, string> = Object.create(null);
  for (let i = 0; i < answer.rawHeaders.length; i += 2) {
    const name = String(answer.rawHeaders[i]).toLowerCase();
    const value = String(answer.rawHeaders[i + 1]);
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  const body: Buffer[] = [];
  for await (const piece of answer) body.push(piece as Buffer);
  return { status: answer.statusCode, headers: { ...headers }, body: Buffer.concat(body).toString('latin1') };
}

it("300 answers are read as Node's own client reads them", async () => {
  for (const seed of seeds) {
    const [ours, nodes] = [await readOurs(`/${seed}`), await readNodes(`/${seed}`)];
    expect(ours, `seed ${seed}: ${JSON.stringify(String(Buffer.concat(answers[seed]?.pieces ?? [])))}`).toEqual(nodes);
  }
  // Not each on a connection of its own.
  expect(server.sockets.length).toBeLessThan(2 * seeds.length);
});
