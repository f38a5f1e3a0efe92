import { Buffer } from 'node:buffer';

/** A line that was too long to keep: its first and last bytes, which may still say what it was. */
export interface LongLine {
  readonly head: string;
  readonly tail: string;
}

const NEWLINE = 0x0a;
const EDGE = 512;

/** Chunks → lines. A line above the limit is not kept, whatever its length; the one after it is read as usual. */
export class LineReader {
  readonly #limit: number;
  readonly #onLine: (line: string) => void;
  readonly #onLong: (line: LongLine) => void;
  #parts: Buffer[] = [];
  #length = 0;
  #head: string | undefined;
  #tail: Buffer = Buffer.alloc(0);

  /** `limit` in bytes. */
  constructor(limit: number, onLine: (line: string) => void, onLong: (line: LongLine) => void) {
    this.#limit = limit;
    this.#onLine = onLine;
    this.#onLong = onLong;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end === -1) break;
      this.#keep(chunk.subarray(start, end));
      this.#finish();
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  /** What came after the last newline. */
  end(): void {
    if (this.#length > 0) this.#finish();
  }

  #keep(part: Buffer): void {
    if (part.length === 0) return;
    this.#length += part.length;
    if (this.#head === undefined) {
      this.#parts.push(part);
      if (this.#length <= this.#limit) return;
      const held = Buffer.concat(this.#parts);
      this.#parts = [];
      this.#head = held.toString('utf8', 0, EDGE);
      this.#tail = Buffer.from(held.subarray(-EDGE));
      return;
    }
    const joined = part.length >= EDGE ? part : Buffer.concat([this.#tail, part]);
    this.#tail = Buffer.from(joined.subarray(-EDGE));
  }

  #finish(): void {
    const head = this.#head;
    const [first] = this.#parts;
    const line = this.#parts.length === 1 && first !== undefined ? first : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#length = 0;
    this.#head = undefined;
    if (head === undefined) this.#onLine(line.toString('utf8'));
    else this.#onLong({ head, tail: this.#tail.toString('utf8') });
  }
}
