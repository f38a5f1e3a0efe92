import { Buffer } from 'node:buffer';
import type { IdGenerator } from '@opentelemetry/sdk-trace-base';

/** Bytes of randomness that are fetched at once. */
const POOL = 4096;
const TRACE_BYTES = 16;
const SPAN_BYTES = 8;

/** Ids of traces and spans (W3C Trace Context: 32 and 16 hexadecimal digits, not all zero). */
export class TraceIds implements IdGenerator {
  readonly #pool = Buffer.allocUnsafe(POOL);
  #used = POOL;
  #next: string | undefined;

  /** The next trace gets this id. */
  giveNext(traceId: string): void {
    this.#next = traceId;
  }

  generateTraceId(): string {
    const chosen = this.#next;
    this.#next = undefined;
    return chosen ?? this.#random(TRACE_BYTES);
  }

  generateSpanId(): string {
    return this.#random(SPAN_BYTES);
  }

  #random(bytes: number): string {
    if (this.#used + bytes > POOL) {
      crypto.getRandomValues(this.#pool);
      this.#used = 0;
    }
    const from = this.#used;
    this.#used += bytes;
    const id = this.#pool.toString('hex', from, this.#used);
    return ALL_ZERO.test(id) ? this.#random(bytes) : id;
  }
}

const ALL_ZERO = /^0+$/;
