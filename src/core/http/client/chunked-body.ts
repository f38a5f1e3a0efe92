// The chunked transfer coding (RFC 9112, 7.1): chunks in, the data in them out.
import { Buffer } from 'node:buffer';
import { invalidAnswer } from './connection-error.ts';

const CR = 13;
const LF = 10;
const SEMICOLON = 59;
const SPACE = 32;
const TAB = 9;

/** The most a line of a size may say beside it, and all trailers together, bytes. */
const LINES_LIMIT = 16 * 1024;
/** Hexadecimal digits of a size: as many as a number holds exactly. */
const DIGITS_LIMIT = 13;

/** What the next byte belongs to. */
type Place =
  | 'size'
  | 'blank'
  | 'extension'
  | 'size-lf'
  | 'data'
  | 'data-cr'
  | 'data-lf'
  | 'line'
  | 'trailer'
  | 'line-lf'
  | 'last-lf';

export class ChunkedBody {
  #place: Place = 'size';
  #digits = 0;
  /** Of the chunk's data, bytes that have not come. */
  #left = 0;
  /** Bytes of extensions of this chunk, or of trailers. */
  #aside = 0;
  #over = false;

  /**
   * Returns where in `bytes` the body ends, -1 when it goes on behind them. The data of all chunks in `bytes` is handed
   * on as one: who reads it has less to do. Throws at what is no chunk, after it has handed on what came before.
   */
  push(bytes: Buffer, onData: (data: Buffer) => void): number {
    const data: Buffer[] = [];
    try {
      return this.#read(bytes, data);
    } finally {
      const [first] = data;
      if (first !== undefined) onData(data.length === 1 ? first : Buffer.concat(data));
    }
  }

  #read(bytes: Buffer, data: Buffer[]): number {
    let at = 0;
    while (at < bytes.length) {
      if (this.#place === 'data') {
        const piece = bytes.subarray(at, at + this.#left);
        data.push(piece);
        at += piece.length;
        this.#left -= piece.length;
        if (this.#left === 0) this.#place = 'data-cr';
      } else {
        this.#place = this.#follow(bytes[at] ?? 0);
        at++;
        if (this.#over) return at;
      }
    }
    return -1;
  }

  /** Where the byte after this one belongs. */
  #follow(byte: number): Place {
    switch (this.#place) {
      case 'size':
        return this.#followSize(byte);
      case 'blank':
        return this.#followBlank(byte);
      case 'extension':
        if (byte === CR) return 'size-lf';
        return this.#skip(byte, 'extension');
      case 'size-lf':
        expect(byte, LF);
        this.#digits = 0;
        this.#aside = 0;
        return this.#left === 0 ? 'line' : 'data';
      case 'data-cr':
        expect(byte, CR);
        return 'data-lf';
      case 'data-lf':
        expect(byte, LF);
        return 'size';
      case 'line':
        return byte === CR ? 'last-lf' : this.#skip(byte, 'trailer');
      case 'trailer':
        return byte === CR ? 'line-lf' : this.#skip(byte, 'trailer');
      case 'line-lf':
        expect(byte, LF);
        return 'line';
      default:
        expect(byte, LF);
        this.#over = true;
        return 'last-lf';
    }
  }

  #followSize(byte: number): Place {
    const digit = hexDigit(byte);
    if (digit >= 0) {
      if (++this.#digits > DIGITS_LIMIT) throw invalidAnswer('a chunk is too long');
      this.#left = this.#left * 16 + digit;
      return 'size';
    }
    if (this.#digits === 0) throw invalidAnswer('a chunk has no size');
    return this.#followBlank(byte);
  }

  #followBlank(byte: number): Place {
    if (byte === CR) return 'size-lf';
    if (byte === SEMICOLON) return 'extension';
    if (byte === SPACE || byte === TAB) return this.#skip(byte, 'blank');
    throw invalidAnswer("a chunk's size is no number");
  }

  #skip(byte: number, place: Place): Place {
    if (byte === LF || byte === 0) throw invalidAnswer('a chunk is malformed');
    if (++this.#aside > LINES_LIMIT) throw invalidAnswer('a chunk says too much');
    return place;
  }
}

function expect(byte: number, wanted: number): void {
  if (byte !== wanted) throw invalidAnswer('a chunk does not end where it should');
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 0x20;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}
