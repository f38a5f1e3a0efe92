import type { RequestRecord } from './record.ts';

/** How the rest of the house learns from a sealed record. */
export type RecordSink = (record: Readonly<RequestRecord>) => void;

const QUEUE_LIMIT = 10_000;

/**
 * Hands sealed records to the sinks, after the request and never in its way. A failing sink loses only its own output
 * and is reported once; records over the queue's limit are counted as dropped.
 */
export class RecordBus {
  dropped = 0;
  failures = 0;
  readonly #sinks: readonly RecordSink[];
  readonly #onFailure: (error: unknown) => void;
  #queue: RequestRecord[] = [];
  #scheduled = false;

  constructor(sinks: readonly RecordSink[], onFailure: (error: unknown) => void) {
    this.#sinks = sinks;
    this.#onFailure = onFailure;
  }

  publish(record: RequestRecord): void {
    if (this.#sinks.length === 0) return;
    if (this.#queue.length >= QUEUE_LIMIT) {
      this.dropped++;
      return;
    }
    this.#queue.push(record);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.flush());
  }

  flush(): void {
    this.#scheduled = false;
    const records = this.#queue;
    this.#queue = [];
    for (const record of records) {
      for (const sink of this.#sinks) {
        try {
          sink(record);
        } catch (error) {
          if (this.failures++ === 0) this.#onFailure(error);
        }
      }
    }
  }
}
