import { Buffer } from 'node:buffer';
import { textOf } from '../../../http/text.ts';
import { LARGEST_MESSAGE } from '../message-size.ts';

const BYTE_ORDER_MARK = 0xfeff;

/** A body on its way, up to the size of the largest message. */
export class BoundedBody {
  #first: Buffer | undefined;
  #rest: Buffer[] | undefined;
  #length = 0;

  /** False when it has become too large: then it is of no more use. */
  push(chunk: Buffer): boolean {
    this.#length += chunk.length;
    if (this.#length > LARGEST_MESSAGE) return false;
    if (this.#first === undefined) this.#first = chunk;
    else if (this.#rest === undefined) this.#rest = [this.#first, chunk];
    else this.#rest.push(chunk);
    return true;
  }

  text(): string {
    const bytes = this.#rest === undefined ? this.#first : Buffer.concat(this.#rest, this.#length);
    const text = bytes === undefined ? '' : textOf(bytes);
    return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
  }
}
