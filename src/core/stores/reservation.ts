import type { Correction, CounterStore, Demand, Standing } from './counter-store.ts';

/**
 * Amounts that were booked on an estimate and are put right once. Whoever reserved calls one of the two; further calls do
 * nothing. Corrections go to the slots of the reservation, however late they come.
 */
export class Reservation {
  readonly #store: CounterStore;
  readonly #demands: readonly Demand[];
  readonly #standings: readonly Standing[];
  #isOpen = true;

  constructor(store: CounterStore, demands: readonly Demand[], standings: readonly Standing[]) {
    this.#store = store;
    this.#demands = demands;
    this.#standings = standings;
  }

  /** Puts the true amounts in the place of the reserved ones, in the order of the demands; absent ones stay. */
  settle(actual: readonly (number | undefined)[]): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const corrections: Correction[] = [];
    for (const [index, { key, interval, amount }] of this.#demands.entries()) {
      const standing = this.#standings[index];
      const delta = (actual[index] ?? amount) - amount;
      if (standing !== undefined && delta !== 0) corrections.push({ key, interval, slot: standing.slot, delta });
    }
    if (corrections.length > 0) void this.#store.correct(corrections);
  }

  /** Gives everything back. */
  cancel(): void {
    this.settle(this.#demands.map(() => 0));
  }
}
