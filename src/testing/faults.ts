// How a good answer goes wrong. What each fault means to the reader of an answer: `FakeFault`.
import { STATUS_CODES } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { StreamEvent } from './answer.ts';
import type { Delivery, Piece } from './delivery.ts';
import type { FakeFault } from './fake-rule.ts';
import type { JsonObject } from './json-value.ts';

const POLLUTION = '"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}';
const PROXY_PAGE =
  '<!doctype html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>';

/** The body that takes the place of `answer`; undefined where the fault is not about the body. */
export function faultyBody(fault: FakeFault | undefined, answer: JsonObject): string | undefined {
  const text = JSON.stringify(answer);
  switch (fault) {
    case 'not-json':
      return 'upstream connect error or disconnect/reset before headers';
    case 'truncated-json':
      return text.slice(0, Math.floor(text.length / 2));
    case 'json-null':
      return 'null';
    case 'wrong-shape':
      return '{"unexpected":["shape"]}';
    case 'no-choices':
      return JSON.stringify({ ...answer, ...('choices' in answer ? { choices: [] } : { content: [] }) });
    case 'empty':
      return '';
    case 'html':
      return PROXY_PAGE;
    case 'deep-json':
      return `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    case 'proto-in-answer':
      return `{${POLLUTION},${text.slice(1)}`;
    default:
      return undefined;
  }
}

/** Where in a stream `after` chunks of content have been sent. */
export function positionAfter(events: readonly StreamEvent[], after: number): number {
  let sent = 0;
  let end = 1;
  for (const [index, { content }] of events.entries()) {
    if (content !== true) continue;
    if (sent === after) return index;
    sent += 1;
    end = index + 1;
  }
  return end;
}

/** The events of a stream that goes wrong. `failure` is the dialect's error event. */
export function faultyEvents(
  events: readonly StreamEvent[],
  terminal: StreamEvent,
  failure: StreamEvent,
  { fault, after = 1 }: { fault?: FakeFault | undefined; after?: number | undefined },
): StreamEvent[] {
  const position = positionAfter(events, after);
  switch (fault) {
    case 'error-first-event':
      return [failure];
    case 'error-in-stream':
      return [...events.slice(0, position), failure];
    case 'bad-sse': {
      const broken = { ...events[position], data: '{"broken":', content: false, tokens: 0 };
      return [...events.slice(0, position), broken, ...events.slice(position), terminal];
    }
    case 'no-done':
      return [...events];
    case 'after-done': {
      const late = events.filter(({ content }) => content).slice(0, 1);
      return [...events, terminal, ...late.map((event) => ({ ...event, content: false, tokens: 0 })), terminal];
    }
    default:
      return [...events, terminal];
  }
}

/** The same bytes in writes of `size` bytes; an event's tokens go with its last byte. */
export function recut(pieces: readonly Piece[], size: number): Piece[] {
  const whole = Buffer.concat(pieces.map(({ bytes }) => bytes));
  const cut = Array.from({ length: Math.ceil(whole.length / size) }, (_, at) => ({
    bytes: whole.subarray(at * size, (at + 1) * size),
    tokens: 0,
  }));
  let end = 0;
  for (const { bytes, tokens } of pieces) {
    end += bytes.length;
    const holder = cut[Math.ceil(end / size) - 1];
    if (holder !== undefined) holder.tokens += tokens;
  }
  return cut;
}

const ENCODERS: Partial<Record<FakeFault, readonly [string, (bytes: Buffer) => Uint8Array]>> = {
  gzip: ['gzip', gzipSync],
  deflate: ['deflate', deflateSync],
  br: ['br', brotliCompressSync],
  'gzip-lie': ['gzip', (bytes) => bytes],
};

/** Encodes the whole answer, where the fault says so: the `content-encoding` and the one piece that is left. */
export function encoded(fault: FakeFault | undefined, pieces: readonly Piece[]): [string, Piece] | undefined {
  const encoder = fault && ENCODERS[fault];
  if (encoder === undefined) return undefined;
  const [name, encode] = encoder;
  const tokens = pieces.reduce((sum, piece) => sum + piece.tokens, 0);
  return [name, { bytes: encode(Buffer.concat(pieces.map(({ bytes }) => bytes))), tokens }];
}

function chunked({ bytes, tokens }: Piece): Piece {
  return {
    bytes: Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]),
    tokens,
  };
}

const text = (value: string): Piece => ({ bytes: Buffer.from(value), tokens: 0 });

/** Breaks the head or the framing of an answer, where the fault says so. */
export function faultyHead(fault: FakeFault | undefined, delivery: Delivery): Delivery {
  const { head, pieces } = delivery;
  if (head === undefined) return delivery;
  const length = pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const headers = head.headers.filter(([name]) => name !== 'content-length');
  const raw = (...framing: string[]) =>
    [
      `HTTP/1.1 ${head.status} ${STATUS_CODES[head.status] ?? ''}`,
      ...headers.map(([name, value]) => `${name}: ${value}`),
      ...framing,
      '\r\n',
    ].join('\r\n');
  switch (fault) {
    case 'bad-status-line':
      return { ...delivery, rawHead: 'THIS IS NOT HTTP\r\n\r\n', pieces: [], ending: 'close' };
    case 'header-flood': {
      const flood = Array.from({ length: 200 }, (_, at) => [`x-flood-${at}`, 'f'.repeat(1000)] as const);
      return { ...delivery, head: { ...head, headers: [...head.headers, ...flood] } };
    }
    case 'wrong-length':
      return {
        ...delivery,
        head: { ...head, headers: [...headers, ['content-length', String(length + 100)]] },
        ending: 'close',
      };
    case 'dup-length':
      return {
        ...delivery,
        rawHead: raw(`content-length: ${length}`, `content-length: ${length + 1}`),
        ending: 'close',
      };
    case 'length-and-chunked':
      return {
        ...delivery,
        rawHead: raw(`content-length: ${length}`, 'transfer-encoding: chunked'),
        pieces: [...pieces.map(chunked), text('0\r\n\r\n')],
        ending: 'close',
      };
    case 'bad-chunk':
      return {
        ...delivery,
        rawHead: raw('transfer-encoding: chunked'),
        pieces: [...pieces.slice(0, 1).map(chunked), text('zz\r\nnot a chunk\r\n')],
        ending: 'close',
      };
    default:
      return delivery;
  }
}
