import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';

/** One message of the stream. */
export interface Frame {
  /** Its headers that are text: `:message-type`, `:event-type`, `:exception-type`, `:content-type`, … */
  readonly headers: ReadonlyMap<string, string>;
  readonly payload: Buffer;
}

/** Both lengths and their checksum. */
const PRELUDE = 12;
const CHECKSUM = 4;
/** The format's own bounds: 16 MiB of payload, 128 KiB of headers. */
const LONGEST = 16 * 1024 * 1024 + 128 * 1024 + PRELUDE + CHECKSUM;

const TEXT = 7;
/** Bytes of the value by type of header; those that are absent carry their length in two bytes. */
const SIZES: ReadonlyMap<number, number> = new Map([
  [0, 0],
  [1, 0],
  [2, 1],
  [3, 2],
  [4, 4],
  [5, 8],
  [8, 8],
  [9, 16],
]);

/**
 * Amazon's event stream arriving in pieces → whole messages. Format (`application/vnd.amazon.eventstream`): length of the
 * message, length of its headers, CRC-32 of these two; headers; payload; CRC-32 of everything before it. All numbers are
 * big-endian.
 */
export class FrameReader {
  readonly #onFrame: (frame: Frame) => void;
  #pieces: Buffer[] = [];
  #size = 0;
  /** Bytes that must be there before it is worth looking. */
  #needed = PRELUDE;

  constructor(onFrame: (frame: Frame) => void) {
    this.#onFrame = onFrame;
  }

  /** False when the bytes are not this format, or damaged: the stream must be given up. */
  push(chunk: Buffer): boolean {
    this.#pieces.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#needed) return true;
    const bytes = this.#pieces.length === 1 ? chunk : Buffer.concat(this.#pieces);
    let at = 0;
    this.#needed = PRELUDE;
    while (bytes.length - at >= PRELUDE) {
      const length = bytes.readUInt32BE(at);
      const headers = bytes.readUInt32BE(at + 4);
      if (crc32(bytes.subarray(at, at + 8)) !== bytes.readUInt32BE(at + 8)) return false;
      if (length > LONGEST || length < PRELUDE + headers + CHECKSUM) return false;
      if (bytes.length - at < length) {
        this.#needed = length;
        break;
      }
      const frame = readFrame(bytes.subarray(at, at + length), headers);
      if (frame === undefined) return false;
      at += length;
      this.#onFrame(frame);
    }
    const rest = bytes.subarray(at);
    this.#pieces = rest.length > 0 ? [rest] : [];
    this.#size = rest.length;
    return true;
  }
}

function readFrame(bytes: Buffer, headersLength: number): Frame | undefined {
  const end = bytes.length - CHECKSUM;
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32BE(end)) return undefined;
  const headers = readHeaders(bytes.subarray(PRELUDE, PRELUDE + headersLength));
  return headers && { headers, payload: bytes.subarray(PRELUDE + headersLength, end) };
}

function readHeaders(bytes: Buffer): Map<string, string> | undefined {
  const headers = new Map<string, string>();
  let at = 0;
  while (at < bytes.length) {
    const nameEnd = at + 1 + (bytes[at] ?? 0);
    const type = bytes[nameEnd];
    let value = nameEnd + 1;
    if (type === undefined || type > 9) return undefined;
    let length = SIZES.get(type);
    if (length === undefined) {
      if (value + 2 > bytes.length) return undefined;
      length = bytes.readUInt16BE(value);
      value += 2;
    }
    if (value + length > bytes.length) return undefined;
    if (type === TEXT)
      headers.set(bytes.toString('utf8', at + 1, nameEnd), bytes.toString('utf8', value, value + length));
    at = value + length;
  }
  return headers;
}
