// The bytes of an HTTP/1.1 connection → its responses, one after the other. Format: RFC 9112.
import { Buffer } from 'node:buffer';
import type { UpstreamHeaders } from '../transport.ts';
import { ChunkedBody } from './chunked-body.ts';
import { invalidAnswer, serverClosed } from './connection-error.ts';
import { CHUNKED, parseResponseHead, UNTIL_CLOSE } from './response-head.ts';

export interface ResponseEvents {
  onHead(status: number, headers: UpstreamHeaders): void;
  onBody(bytes: Buffer): void;
  /** `persistent`: the connection may carry another request. */
  onComplete(persistent: boolean): void;
}

/** As much as Node's own client takes. */
const HEAD_LIMIT = 16 * 1024;

const BLANK_LINE = Buffer.from('\r\n\r\n');

export class ResponseReader {
  readonly #events: ResponseEvents;
  /** The beginning of a head whose end has not come. */
  #partial: Buffer | undefined;
  /** The head is read: `#left` is what its body still lacks. */
  #inBody = false;
  #left = 0;
  #persistent = false;
  #chunked: ChunkedBody | undefined;
  readonly #onBody = (data: Buffer): void => this.#events.onBody(data);

  constructor(events: ResponseEvents) {
    this.#events = events;
  }

  /** Throws at what is no HTTP/1.1. */
  push(bytes: Buffer): void {
    let body = bytes;
    // Interim responses come before the one that is waited for.
    while (!this.#inBody) {
      const rest = this.#readHead(body);
      if (rest === undefined) return;
      body = rest;
    }
    if (body.length === 0 && this.#left !== 0) return;
    if (this.#left === UNTIL_CLOSE) this.#events.onBody(body);
    else if (this.#left === CHUNKED) this.#readChunks(body);
    else this.#readCounted(body);
  }

  /** The server has closed. Throws where that leaves an answer incomplete. */
  close(): void {
    if (!this.#inBody || this.#left !== UNTIL_CLOSE) throw serverClosed();
    this.#complete(false);
  }

  /** Returns what follows the head; `undefined` while its end has not come. */
  #readHead(bytes: Buffer): Buffer | undefined {
    const all = this.#partial === undefined ? bytes : Buffer.concat([this.#partial, bytes]);
    const end = all.indexOf(BLANK_LINE);
    if (end > HEAD_LIMIT) throw invalidAnswer('its head is too long');
    if (end < 0) {
      if (all.length >= HEAD_LIMIT + BLANK_LINE.length) throw invalidAnswer('its head is too long');
      this.#partial = all;
      return undefined;
    }
    this.#partial = undefined;
    const { status, headers, length, persistent } = parseResponseHead(all, end);
    if (status === 101) throw invalidAnswer('it changes to a protocol nobody asked for');
    if (status >= 200) {
      this.#inBody = true;
      this.#left = length;
      this.#persistent = persistent;
      if (length === CHUNKED) this.#chunked = new ChunkedBody();
      this.#events.onHead(status, headers);
    }
    return all.subarray(end + BLANK_LINE.length);
  }

  #readCounted(bytes: Buffer): void {
    const taken = bytes.length > this.#left ? bytes.subarray(0, this.#left) : bytes;
    this.#left -= taken.length;
    if (taken.length > 0) this.#events.onBody(taken);
    // Bytes nobody asked for: what else comes on this connection cannot be trusted.
    if (this.#left === 0) this.#complete(this.#persistent && taken.length === bytes.length);
  }

  #readChunks(bytes: Buffer): void {
    const end = this.#chunked?.push(bytes, this.#onBody) ?? -1;
    if (end >= 0) this.#complete(this.#persistent && end === bytes.length);
  }

  #complete(persistent: boolean): void {
    this.#inBody = false;
    this.#chunked = undefined;
    this.#events.onComplete(persistent);
  }
}
