// The head of an HTTP/1.1 response: its text → status, headers, and how the body behind it ends.
// Format: RFC 9112 (sections 2.2, 4, 5, 6.3 and 9.3), RFC 9110 5.5. Read strictly: where two readers could disagree about
// where an answer ends, it is refused.
import { Buffer } from 'node:buffer';
import type { UpstreamHeaders } from '../transport.ts';
import { invalidAnswer } from './connection-error.ts';

/** The body ends with its last chunk. */
export const CHUNKED = -1;
/** The body ends with the connection. */
export const UNTIL_CLOSE = -2;

export interface ResponseHead {
  readonly status: number;
  readonly headers: UpstreamHeaders;
  /** Bytes of body, `CHUNKED` or `UNTIL_CLOSE`. */
  readonly length: number;
  /** The connection may carry another request. */
  readonly persistent: boolean;
}

const STATUS_LINE = /^HTTP\/1\.[01] [1-5]\d\d(?:[ \r]|$)/;
const DIGITS = /^\d{1,15}$/;
const CLOSE = /(?:^|,)[\t ]*close[\t ]*(?:,|$)/i;
const KEEP_ALIVE = /(?:^|,)[\t ]*keep-alive[\t ]*(?:,|$)/i;

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const COLON = 58;

/** What a byte may stand in: nothing but a line's end (0), a value (1), also a name (2). */
const PLACES = new Uint8Array(256)
  .fill(1, SPACE)
  .fill(1, TAB, TAB + 1)
  .fill(0, 127, 128);
for (const byte of Buffer.from("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
  PLACES[byte] = 2;

/** Inherits nothing: a header can be called anything. */
class Headers {
  [name: string]: string | string[] | undefined;
}
Reflect.deleteProperty(Headers.prototype, 'constructor');
Object.setPrototypeOf(Headers.prototype, null);

/** `bytes` begin with the head; `end` is where its empty line begins. Throws what is no head, or says two things about its body. */
export function parseResponseHead(bytes: Buffer, end: number): ResponseHead {
  const text = bytes.toString('latin1', 0, end);
  if (!STATUS_LINE.test(text)) throw invalidAnswer('it does not begin like one');
  const headers = new Headers();
  let at = pastValue(bytes, 0, end);
  while (at < end) {
    const start = at + 2;
    let colon = start;
    while (PLACES[bytes[colon] ?? 0] === 2) colon++;
    if (colon === start || bytes[colon] !== COLON) throw invalidAnswer('a header has no proper name');
    let from = colon + 1;
    while (isBlank(bytes[from])) from++;
    at = pastValue(bytes, from, end);
    let to = at;
    while (to > from && isBlank(bytes[to - 1])) to--;
    add(headers, lowerCase(text.slice(start, colon)), text.slice(from, to));
  }
  const status = Number(text.slice(9, 12));
  const isOld = text.charCodeAt(7) === 0x30;
  const length = bodyLength(status, headers, isOld);
  return { status, headers, length, persistent: length !== UNTIL_CLOSE && isPersistent(headers, isOld) };
}

/** Where the value that begins at `from` is over: at the end of its line, or of the head. */
function pastValue(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && PLACES[bytes[at] ?? 0] !== 0) at++;
  if (at < end && (bytes[at] !== CR || bytes[at + 1] !== LF)) throw invalidAnswer('its head has a stray character');
  return at;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

/** The same names come again and again. */
const NAMES = new Map<string, string>();
const NAMES_LIMIT = 512;
const NAME_LENGTH_LIMIT = 64;

function lowerCase(name: string): string {
  const known = NAMES.get(name);
  if (known !== undefined) return known;
  if (NAMES.size >= NAMES_LIMIT || name.length > NAME_LENGTH_LIMIT) return name.toLowerCase();
  // A copy: the name itself is a piece of its head, and would keep that.
  const copy = Buffer.from(name).toString();
  const lower = copy.toLowerCase();
  NAMES.set(copy, lower);
  return lower;
}

function add(headers: Headers, name: string, value: string): void {
  const earlier = headers[name];
  if (earlier === undefined) headers[name] = value;
  else if (typeof earlier === 'string') headers[name] = [earlier, value];
  else earlier.push(value);
}

function bodyLength(status: number, headers: UpstreamHeaders, isOld: boolean): number {
  const coding = headers['transfer-encoding'];
  const length = headers['content-length'];
  if (coding !== undefined) {
    if (length !== undefined) throw invalidAnswer('it names a length and a transfer coding');
    if (isOld || typeof coding !== 'string' || coding.toLowerCase() !== 'chunked')
      throw invalidAnswer('its transfer coding is unknown');
  } else if (length !== undefined && (typeof length !== 'string' || !DIGITS.test(length)))
    throw invalidAnswer('its length is no number');
  if (status < 200 || status === 204 || status === 304) return 0;
  if (coding !== undefined) return CHUNKED;
  return length === undefined ? UNTIL_CLOSE : Number(length);
}

function isPersistent({ connection }: UpstreamHeaders, isOld: boolean): boolean {
  const options = connection === undefined ? '' : String(connection);
  return !CLOSE.test(options) && (!isOld || KEEP_ALIVE.test(options));
}
