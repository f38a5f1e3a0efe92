import { atExit } from '../runtime/at-exit.ts';
import type { Booking } from './booking.ts';
import type { Evidence } from './evidence.ts';
import type { RequestRecord } from './record.ts';

/**
 * How the rest of the house learns from a sealed record. May be asynchronous: nobody waits for it, and a rejection counts
 * as a failure of it.
 */
export type RecordSink = (record: Readonly<RequestRecord>) => void;

/** What an instance tells its application, by name. */
export interface NexusEvents {
  /** A request has ended: its last byte has left, or its client has. Tokens and cost are settled. */
  request: RecordSink;
}

/** Completes a sealed record before the sinks see it. A promise only while something is still being loaded. */
export type Settle = (record: RequestRecord, evidence: Evidence | undefined) => void | Promise<void>;

/** Who completes a record: what served its request. */
export interface Settler {
  readonly settle: Settle;
  /** Those that learn from its own records only, of several at once, within moments. Absent: there are none. */
  readonly watchers?: readonly Subscription[] | undefined;
}

/** A sink and what became of it. */
export interface SinkState {
  readonly name: string;
  readonly failures: number;
}

const QUEUE_LIMIT = 10_000;

interface Sealed {
  readonly record: RequestRecord;
  readonly evidence: Evidence | undefined;
  readonly settler: Settler | undefined;
  readonly booking: Booking | undefined;
}

/** Records that are handed over in one step; more of them let others on the event loop have their turn in between. */
const BATCH = 50;

interface Watched {
  readonly record: RequestRecord;
  readonly watchers: readonly Subscription[];
}

/** Records that watchers are told of in one go: one by one, each would run through cold code. */
const WATCHED_BATCH = 50;

/** The longest that watchers wait for a batch to fill. */
const WATCHERS_WAIT_MS = 20;

/** How long asynchronous sinks may take at the end. */
const LAST_WAIT_MS = 5000;

/** A sink by a name that tells an operator which one it is. */
export class Subscription implements SinkState {
  failures = 0;
  readonly name: string;
  readonly sink: RecordSink;

  constructor(name: string, sink: RecordSink) {
    this.name = name;
    this.sink = sink;
  }
}

/**
 * Settles sealed records and hands them to the sinks, in their order, after the request and never in its way. A failing
 * sink loses only its own output: its first failure is reported, all are counted. Records over the queue's limit are
 * counted as dropped; what was reserved for them stays. Nothing is settled that nobody learns from and nothing was
 * reserved for.
 */
export class RecordBus {
  dropped = 0;
  /** Of sinks and of settling. */
  failures = 0;
  readonly #onFailure: (error: unknown, sink: string) => void;
  /** Replaced, never changed: a sink may come or go while records are handed out. */
  #subscriptions: readonly Subscription[];
  readonly #settling = new Subscription('settlement', () => undefined);
  #queue: Sealed[] = [];
  #delivering: Promise<void> | undefined;
  #scheduled = false;
  #watched: Watched[] = [];
  #due: { readonly timer: ReturnType<typeof setTimeout>; readonly forget: () => void } | undefined;
  /** Calls of asynchronous sinks that have not ended. */
  #pending = 0;
  #idle: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;

  constructor(sinks: readonly RecordSink[], onFailure: (error: unknown, sink: string) => void) {
    this.#subscriptions = sinks.map((sink, index) => new Subscription(`sinks[${index}]`, sink));
    this.#onFailure = onFailure;
  }

  /** Whether anybody learns from records. */
  get hasSinks(): boolean {
    return this.#subscriptions.length > 0;
  }

  /** Records that wait for their turn. */
  get queued(): number {
    return this.#queue.length + this.#watched.length;
  }

  get sinks(): readonly SinkState[] {
    return this.#subscriptions;
  }

  /** Lets a sink learn from records from now on; returns the function that ends it. */
  subscribe(name: string, sink: RecordSink): () => void {
    const subscription = new Subscription(name, sink);
    this.#subscriptions = [...this.#subscriptions, subscription];
    return () => {
      this.#subscriptions = this.#subscriptions.filter((other) => other !== subscription);
    };
  }

  publish(record: RequestRecord, evidence?: Evidence, settler?: Settler, booking?: Booking): void {
    if (!this.hasSinks && settler?.watchers === undefined && booking === undefined) return;
    if (this.#queue.length >= QUEUE_LIMIT) {
      this.dropped++;
      return;
    }
    this.#queue.push({ record, evidence, settler, booking });
    if (settler?.watchers !== undefined) this.#catchUpSoon();
    // Who counts what was used, or listens, has it with the next turn; watchers alone have time.
    const isAwaited = booking !== undefined || this.hasSinks || this.#queue.length >= BATCH;
    if (isAwaited && !this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => void this.#deliver());
    }
  }

  /** Resolves when every sink and watcher has been told of everything published so far. */
  async catchUp(): Promise<void> {
    do {
      await this.#deliver();
      this.#tellWatchers();
      // One that came between the two found the timer armed, which is not any more.
    } while (this.#queue.length > 0);
  }

  /** As `catchUp`, and asynchronous sinks are waited for a little while. */
  async flush(): Promise<void> {
    await this.catchUp();
    if (this.#pending === 0) return;
    this.#idle ??= this.#untilIdle().finally(() => {
      this.#idle = undefined;
    });
    await this.#idle;
  }

  async #untilIdle(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
      timer = setTimeout(resolve, LAST_WAIT_MS);
    });
    clearTimeout(timer);
  }

  #deliver(): Promise<void> {
    this.#delivering ??= this.#handOut().finally(() => {
      this.#delivering = undefined;
    });
    return this.#delivering;
  }

  async #handOut(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, BATCH);
      this.#queue = this.#queue.slice(BATCH);
      for (const { record, evidence, settler, booking } of batch) {
        try {
          const settling = settler?.settle(record, evidence);
          if (settling !== undefined) await settling;
        } catch (error) {
          this.#fail(this.#settling, error);
        }
        // Also where settling failed: then with what is known, as for a request that used nothing.
        booking?.settle(record);
        if (settler?.watchers !== undefined) this.#keepForWatchers({ record, watchers: settler.watchers });
        for (const subscription of this.#subscriptions) this.#tell(subscription, record);
      }
      if (this.#queue.length > 0) await new Promise((resolve) => setImmediate(resolve));
    }
    this.#scheduled = false;
  }

  #keepForWatchers(watched: Watched): void {
    if (this.#watched.push(watched) >= WATCHED_BATCH) this.#tellWatchers();
    else this.#catchUpSoon();
  }

  #catchUpSoon(): void {
    this.#due ??= {
      timer: setTimeout(() => void this.catchUp(), WATCHERS_WAIT_MS),
      // What a log says of the last moments is what is wanted after a crash.
      forget: atExit(() => {
        void this.#deliver();
        this.#tellWatchers();
      }),
    };
  }

  #tellWatchers(): void {
    clearTimeout(this.#due?.timer);
    this.#due?.forget();
    this.#due = undefined;
    const batch = this.#watched;
    this.#watched = [];
    for (const { record, watchers } of batch) for (const watcher of watchers) this.#tell(watcher, record);
  }

  #tell(subscription: Subscription, record: RequestRecord): void {
    try {
      const result: unknown = subscription.sink(record);
      if (isThenable(result)) this.#await(subscription, result);
    } catch (error) {
      this.#fail(subscription, error);
    }
  }

  #await(subscription: Subscription, result: PromiseLike<unknown>): void {
    this.#pending++;
    const end = (): void => {
      if (--this.#pending === 0) this.#onIdle?.();
    };
    result.then(end, (error: unknown) => {
      this.#fail(subscription, error);
      end();
    });
  }

  #fail(subscription: Subscription, error: unknown): void {
    this.failures++;
    if (subscription.failures++ > 0) return;
    try {
      this.#onFailure(error, subscription.name);
    } catch {
      // Whoever is told of failures may fail too; it has been counted.
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
