import type { NexusError } from '../../errors/nexus-error.ts';

/** A call that has deadlines. */
export interface Watched {
  /** Its place; belongs to the `InFlight` it was added to. */
  slot: number;
  /** Ends the call if one of its deadlines has passed; `now` is the monotonic clock. */
  checkDeadlines(now: number): void;
}

/** Something under way that can be ended. */
export interface Running extends Watched {
  fail(error: NexusError): void;
}

/** How often deadlines are looked at, in milliseconds: how late one may be noticed. */
const TICK = 40;

/**
 * The calls under way, and the clock that watches their deadlines: one ticking timer for all of them, which stops when
 * there are none. A timer for each would cost every request more than all of its deadlines are worth.
 *
 * An array whose freed slots are filled from its end, because a `Set` that is added to and deleted from with every
 * request keeps the garbage collector busy: each time it rehashes, its old table stays behind in the old generation and
 * holds on to everything that stood in it (measured: a third more CPU per request).
 */
export class InFlight<T extends Watched> {
  readonly #elapsed: () => number;
  readonly #items: (T | undefined)[] = [];
  #size = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `elapsed` is the monotonic clock, in milliseconds. */
  constructor(elapsed: () => number) {
    this.#elapsed = elapsed;
  }

  get size(): number {
    return this.#size;
  }

  add(item: T): void {
    item.slot = this.#size;
    this.#items[this.#size++] = item;
    if (this.#timer === undefined) this.#tick();
  }

  remove(item: T): void {
    if (this.#items[item.slot] !== item) return;
    const last = this.#items[--this.#size];
    this.#items[this.#size] = undefined;
    if (last === undefined || last === item) return;
    this.#items[item.slot] = last;
    last.slot = item.slot;
  }

  /** A copy, so that what is done to the items may remove them. */
  all(): T[] {
    return this.#items.filter((item) => item !== undefined);
  }

  #tick(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const now = this.#elapsed();
      for (const item of this.all()) item.checkDeadlines(now);
      if (this.#size > 0) this.#tick();
    }, TICK);
  }
}
