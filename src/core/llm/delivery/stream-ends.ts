import { Buffer } from 'node:buffer';

/** How much of a stream is kept from where its content begins: what is written in all of it is told from this part. */
const SAMPLE = 8 * 1024;
/** What comes before the content may repeat the request; more of it than this is not kept. */
const PREFACE_LIMIT = 1024 * 1024;

/**
 * The beginning of a stream, which tells what was written should it be cut, and its last bytes, which tell how it ended.
 * Kept as texts of one character for each byte: a chunk of a few hundred bytes takes three times as many as a buffer, and
 * there are some of them in every open stream.
 */
export class StreamEnds {
  /** Bytes that have come. */
  size = 0;
  readonly #beginning: string[] = [];
  /** Where the content began: with the chunk that brought the first of it. */
  #contentFrom: number | undefined;
  /** Bytes of the beginning that came from there on. */
  #sampled = 0;
  readonly #last: string[] = [];
  #lastSize = 0;

  /** `hasContent`: some has come by now. `needed`: how many of the last bytes must not be forgotten. */
  push(chunk: Buffer, hasContent: boolean, needed: number): void {
    const text = chunk.toString('latin1');
    if (hasContent) this.#contentFrom ??= this.size;
    if (this.size < (this.#contentFrom === undefined ? PREFACE_LIMIT : this.#contentFrom + SAMPLE)) {
      this.#beginning.push(text);
      if (this.#contentFrom !== undefined) this.#sampled += text.length;
    }
    this.size += text.length;
    this.#last.push(text);
    this.#lastSize += text.length;
    for (
      let first = this.#last[0];
      first !== undefined && this.#lastSize - first.length >= needed;
      first = this.#last[0]
    ) {
      this.#last.shift();
      this.#lastSize -= first.length;
    }
  }

  get beginning(): Buffer {
    return Buffer.from(this.#beginning.join(''), 'latin1');
  }

  /** How many times as much content has come as there is in the beginning; at least 1. */
  get share(): number {
    return this.#contentFrom === undefined ? 1 : (this.size - this.#contentFrom) / this.#sampled;
  }

  /** The last bytes, about as many as were needed. */
  get last(): Buffer {
    return Buffer.from(this.#last.join(''), 'latin1');
  }
}
