/** What one request asks of one counter. */
export interface Demand {
  /** Names the counter; keys of different limits differ. */
  readonly key: string;
  /** Most that is admitted in any window of one interval. */
  readonly limit: number;
  /** Milliseconds. */
  readonly interval: number;
  /** A whole number above zero. */
  readonly amount: number;
}

/** How a counter stands after it was asked. */
export interface Standing {
  /** What is left of the limit. */
  readonly remaining: number;
  /** Milliseconds until all of the limit is there again. */
  readonly reset: number;
  /** Where the amount was booked, in the store's own terms. */
  readonly slot: number;
}

/** A question to a shared store. */
export interface StoreQuestion {
  /** On the monotonic clock, in milliseconds. */
  readonly begunAt: number;
  /** Milliseconds. */
  readonly took: number;
  /** It was away, and somebody else decided. */
  readonly failed: boolean;
}

export interface Decision {
  /** Index of the first demand that was refused; `undefined` when all were admitted. */
  readonly refused: number | undefined;
  /** Milliseconds until what was refused would be admitted, if nobody else comes; 0 when nothing was. */
  readonly retryAfter: number;
  /** Of each demand that was looked at, in order. Empty where nobody knows. */
  readonly standings: readonly Standing[];
  /** Whoever booked it; later corrections go there. */
  readonly store: CounterStore;
  /** How a shared store was asked; absent where none was. */
  readonly asked?: StoreQuestion;
}

/** A correction of what was booked. */
export interface Correction {
  readonly key: string;
  readonly interval: number;
  readonly slot: number;
  /** Whole; negative gives back. */
  readonly delta: number;
}

/**
 * `each`: demands are judged in order, the first refusal ends it, and what was admitted before stays booked.
 * `all`: either every demand is admitted or nothing is booked.
 * A refusal never books anything on the counter that refuses.
 */
export type TakeMode = 'each' | 'all';

/**
 * Counters over sliding windows. Admissions are kept in slots of a twentieth of the interval; a slot counts until the last
 * admission in it is one interval old, so that no window of one interval ever admits more than the limit, and a burst
 * is forgotten exactly one interval after it.
 */
export interface CounterStore {
  /** A promise only where somebody else keeps the counters. The keys of one call differ. */
  take(demands: readonly Demand[], mode: TakeMode): Decision | Promise<Decision>;
  /** Never rejects. What has left its window by now is left alone. */
  correct(corrections: readonly Correction[]): void | Promise<void>;
  /** `away`: counts what it can, where it can. */
  readonly state: 'ready' | 'away';
  /** Connects, where there is something to connect to. Never rejects, and gives up waiting after a second. */
  open(): Promise<void>;
  close(): Promise<void>;
}

/** Slots an interval is divided into: a steady stream is admitted up to a twentieth of the interval late. */
export const SLOTS = 20;
