import type { Correction, CounterStore, Decision, Demand, Standing, TakeMode } from './counter-store.ts';
import { book, correctSlot, resetIn, type SlotWindow, usedAt, waitFor } from './slot-window.ts';

/** Counters of one interval that are kept; callers choose the keys, so there must be an end. */
const MOST_COUNTERS = 100_000;

export interface MemoryCountersOptions {
  /** Monotonic milliseconds (any unit will do, if the intervals have it too). */
  readonly now: () => number;
  /** Most counters kept for one interval. Default: 100,000. */
  readonly most?: number | undefined;
}

/**
 * Counters of this process. Counters without use for one interval are forgotten, which changes nothing; over `most` of
 * them the least used half is forgotten early, which sets those callers back to zero.
 */
export class MemoryCounters implements CounterStore {
  readonly state = 'ready';
  readonly #now: () => number;
  readonly #most: number;
  /** By interval: the configuration names them, so they are few. */
  readonly #shelves = new Map<number, Shelf>();

  constructor({ now, most = MOST_COUNTERS }: MemoryCountersOptions) {
    this.#now = now;
    this.#most = most;
  }

  /** How many counters are kept. */
  get size(): number {
    let size = 0;
    for (const shelf of this.#shelves.values()) size += shelf.size;
    return size;
  }

  take(demands: readonly Demand[], mode: TakeMode): Decision {
    const now = this.#now();
    // Of a single one there is nothing to take back.
    const booksAtOnce = mode === 'each' || demands.length === 1;
    const standings: Standing[] = [];
    let refused: number | undefined;
    let retryAfter = 0;
    let index = -1;
    for (const demand of demands) {
      index++;
      const { key, interval, limit, amount } = demand;
      const shelf = this.#shelf(interval, now);
      const window = shelf.find(key);
      const used = window === undefined ? 0 : usedAt(window, now, interval);
      if (used + amount <= limit) {
        const slot = booksAtOnce ? bookAt(shelf, demand, window, now) : now;
        standings.push({ remaining: limit - used - amount, reset: interval, slot });
        continue;
      }
      const full = window ?? [];
      refused ??= index;
      retryAfter = Math.max(retryAfter, waitFor(full, now, interval, limit, amount));
      standings.push({ remaining: Math.max(0, limit - used), reset: resetIn(full, now, interval), slot: now });
      if (booksAtOnce) break;
    }
    if (!booksAtOnce && refused === undefined) {
      return { refused, retryAfter, standings: this.#bookAll(demands, standings, now), store: this };
    }
    return { refused, retryAfter, standings, store: this };
  }

  /** Books amounts that somebody else has admitted. */
  note(demands: readonly Demand[]): void {
    const now = this.#now();
    for (const demand of demands) {
      const shelf = this.#shelf(demand.interval, now);
      const window = shelf.find(demand.key);
      if (window !== undefined) usedAt(window, now, demand.interval);
      bookAt(shelf, demand, window, now);
    }
  }

  correct(corrections: readonly Correction[]): void {
    const now = this.#now();
    for (const { key, interval, slot, delta } of corrections) {
      const window = this.#shelf(interval, now).find(key);
      if (window !== undefined) correctSlot(window, slot, delta);
    }
  }

  async open(): Promise<void> {}

  async close(): Promise<void> {
    this.#shelves.clear();
  }

  #bookAll(demands: readonly Demand[], standings: readonly Standing[], now: number): Standing[] {
    return standings.map((standing, index) => {
      const demand = demands[index];
      if (demand === undefined) return standing;
      const shelf = this.#shelf(demand.interval, now);
      return { ...standing, slot: bookAt(shelf, demand, shelf.find(demand.key), now) };
    });
  }

  #shelf(interval: number, now: number): Shelf {
    let shelf = this.#shelves.get(interval);
    if (shelf === undefined) {
      shelf = new Shelf(interval, this.#most, now);
      this.#shelves.set(interval, shelf);
    }
    shelf.turn(now);
    return shelf;
  }
}

/**
 * The counters of one interval in two generations: what is used comes into the young one, and when that is full, or one
 * interval old, the old one goes. Keeps what is used without moving anything on each use.
 */
class Shelf {
  readonly #interval: number;
  readonly #most: number;
  #young = new Map<string, SlotWindow>();
  #old = new Map<string, SlotWindow>();
  #turnedAt: number;

  constructor(interval: number, most: number, now: number) {
    this.#interval = interval;
    this.#most = most;
    this.#turnedAt = now;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  find(key: string): SlotWindow | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old === undefined) return undefined;
    this.#old.delete(key);
    this.add(key, old);
    return old;
  }

  add(key: string, window: SlotWindow): void {
    this.#young.set(key, window);
  }

  turn(now: number): void {
    if (this.#young.size < this.#most / 2 && now - this.#turnedAt < this.#interval) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#turnedAt = now;
  }
}

/** The slot it was booked in. */
function bookAt(shelf: Shelf, { key, interval, amount }: Demand, window: SlotWindow | undefined, now: number): number {
  if (window !== undefined) return book(window, now, interval, amount);
  shelf.add(key, [now, now, amount]);
  return now;
}
