import type { Evidence } from './evidence.ts';
import type { RequestRecord } from './record.ts';

/** How the rest of the house learns from a sealed record. */
export type RecordSink = (record: Readonly<RequestRecord>) => void;

const QUEUE_LIMIT = 10_000;

/** Completes a sealed record before the sinks see it. A promise only while something is still being loaded. */
export type Settle = (record: RequestRecord, evidence: Evidence | undefined) => void | Promise<void>;

interface Sealed {
  readonly record: RequestRecord;
  readonly evidence: Evidence | undefined;
}

/** Records that are handed over in one step; more of them let others on the event loop have their turn in between. */
const BATCH = 50;

/**
 * Settles sealed records and hands them to the sinks, in their order, after the request and never in its way. A failing
 * sink loses only its own output and is reported once; records over the queue's limit are counted as dropped. Without
 * sinks nothing is settled.
 */
export class RecordBus {
  dropped = 0;
  failures = 0;
  readonly #sinks: readonly RecordSink[];
  readonly #onFailure: (error: unknown) => void;
  readonly #settle: Settle;
  #queue: Sealed[] = [];
  #flushing: Promise<void> | undefined;
  #scheduled = false;

  constructor(sinks: readonly RecordSink[], onFailure: (error: unknown) => void, settle: Settle = () => undefined) {
    this.#sinks = sinks;
    this.#onFailure = onFailure;
    this.#settle = settle;
  }

  /** Whether anybody learns from records. */
  get hasSinks(): boolean {
    return this.#sinks.length > 0;
  }

  publish(record: RequestRecord, evidence?: Evidence): void {
    if (!this.hasSinks) return;
    if (this.#queue.length >= QUEUE_LIMIT) {
      this.dropped++;
      return;
    }
    this.#queue.push({ record, evidence });
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => void this.flush());
  }

  /** Resolves when everything published so far has reached the sinks. */
  flush(): Promise<void> {
    this.#flushing ??= this.#deliver().finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  async #deliver(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, BATCH);
      this.#queue = this.#queue.slice(BATCH);
      for (const { record, evidence } of batch) {
        try {
          const settling = this.#settle(record, evidence);
          if (settling !== undefined) await settling;
        } catch (error) {
          this.#report(error);
        }
        for (const sink of this.#sinks) {
          try {
            sink(record);
          } catch (error) {
            this.#report(error);
          }
        }
      }
      if (this.#queue.length > 0) await new Promise((resolve) => setImmediate(resolve));
    }
    this.#scheduled = false;
  }

  #report(error: unknown): void {
    if (this.failures++ === 0) this.#onFailure(error);
  }
}
