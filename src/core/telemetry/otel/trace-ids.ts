import { Buffer } from 'node:buffer';
import type { IdGenerator } from '@opentelemetry/sdk-trace-base';

/** Bytes of randomness that are fetched at once. */
const POOL = 4096;
const TRACE_DIGITS = 32;
const SPAN_DIGITS = 16;

/** Ids of traces and spans (W3C Trace Context: 32 and 16 hexadecimal digits, not all zero). */
export class TraceIds implements IdGenerator {
  readonly #bytes = Buffer.allocUnsafe(POOL);
  /** The bytes, in hexadecimal digits. */
  #digits = '';
  #used = 0;
  #next: string | undefined;

  /** The next trace gets this id. */
  giveNext(traceId: string): void {
    this.#next = traceId;
  }

  generateTraceId(): string {
    const chosen = this.#next;
    this.#next = undefined;
    return chosen ?? this.#random(TRACE_DIGITS);
  }

  generateSpanId(): string {
    return this.#random(SPAN_DIGITS);
  }

  #random(length: number): string {
    if (this.#used + length > this.#digits.length) {
      this.#digits = crypto.getRandomValues(this.#bytes).toString('hex');
      this.#used = 0;
    }
    const from = this.#used;
    this.#used += length;
    const id = this.#digits.slice(from, this.#used);
    return ALL_ZERO.startsWith(id) ? this.#random(length) : id;
  }
}

const ALL_ZERO = '0'.repeat(TRACE_DIGITS);
