import { Buffer } from 'node:buffer';
import { NexusError } from '../errors/nexus-error.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { utf8Text } from './text.ts';

/** A request body: the bytes as they came, and what they mean. */
export interface JsonBody {
  readonly bytes: Buffer;
  readonly value: unknown;
}

const MAX_DEPTH = 128;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Reads a JSON request. Rejects with `unsupported_media_type` for anything not declared as JSON (a cross-site form or text
 * post never gets past here), `payload_too_large`, and `invalid_request` for text that is not JSON or nests deeper than
 * 128 levels: later steps may then recurse.
 */
export function readJsonBody(exchange: Exchange, limit: number): Promise<JsonBody> {
  return readJsonBytes(exchange, limit).then(parseJsonBody);
}

/** The first half of `readJsonBody`, for callers who can do the second in a step of theirs. */
export function readJsonBytes(exchange: Exchange, limit: number): Promise<Uint8Array> {
  const refusal = refuseType(exchange);
  return refusal === undefined ? exchange.bytes(limit) : Promise.reject(refusal);
}

/** The second half of `readJsonBody`; throws what that rejects with. */
export function parseJsonBody(read: Uint8Array): JsonBody {
  let bytes = Buffer.isBuffer(read) ? read : Buffer.from(read.buffer, read.byteOffset, read.byteLength);
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
  const text = utf8Text(bytes);
  if (text === undefined) throw new NexusError('invalid_request', 'The request body is not UTF-8 text');
  if (nestsTooDeep(bytes)) {
    throw new NexusError('invalid_request', `The request body nests deeper than ${MAX_DEPTH} levels`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the body.
    throw new NexusError(
      'invalid_request',
      bytes.length === 0 ? 'The request body is empty; expected JSON' : 'The request body is not valid JSON',
    );
  }
  return { bytes, value };
}

function refuseType(exchange: Exchange): NexusError | undefined {
  const encoding = exchange.header('content-encoding');
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    return new NexusError('unsupported_media_type', 'The request body must not be compressed');
  }
  const type = exchange.header('content-type');
  if (type === 'application/json') return undefined;
  const media = type?.split(';', 1)[0]?.trim().toLowerCase();
  if (media === 'application/json' || media?.endsWith('+json')) return undefined;
  return new NexusError('unsupported_media_type', "The request's content-type must be application/json");
}

/**
 * Whether JSON text opens more levels than allowed. Judged before parsing: 16 million levels fit into 32 MiB and would
 * hold the process for seconds.
 */
function nestsTooDeep(bytes: Buffer): boolean {
  let depth = 0;
  for (let i = 0; i < bytes.length; i++) {
    switch (bytes[i]) {
      case QUOTE:
        i = stringEnd(bytes, i + 1);
        break;
      case 0x5b:
      case 0x7b:
        if (++depth > MAX_DEPTH) return true;
        break;
      case 0x5d:
      case 0x7d:
        depth--;
        break;
    }
  }
  return false;
}

/** Up to here a string's end is looked for byte by byte; the engine's search is faster only for longer ones. */
const SHORT_STRING = 32;

/** Index of the quote that closes the string whose text begins at `from`; past the end when none does. */
function stringEnd(bytes: Buffer, from: number): number {
  let at = from;
  for (const stop = Math.min(from + SHORT_STRING, bytes.length); at < stop; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at++;
  }
  for (let quote = bytes.indexOf(QUOTE, at); quote >= 0; quote = bytes.indexOf(QUOTE, quote + 1)) {
    let backslashes = 0;
    while (quote - backslashes > at && bytes[quote - backslashes - 1] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return quote;
  }
  return bytes.length;
}
