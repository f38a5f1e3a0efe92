import type { CounterStore, Demand, Standing } from './counter-store.ts';

/** An amount that was booked on an estimate and is put right once: in the slot it was booked in, however late. */
export class Reservation {
  readonly #store: CounterStore;
  readonly #demand: Demand;
  readonly #slot: number;
  #isOpen = true;

  constructor(store: CounterStore, demand: Demand, { slot }: Standing) {
    this.#store = store;
    this.#demand = demand;
    this.#slot = slot;
  }

  /** Puts the true amount in the place of the reserved one. Further calls do nothing. */
  settle(actual: number): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const { key, interval, amount } = this.#demand;
    if (actual !== amount) void this.#store.correct([{ key, interval, slot: this.#slot, delta: actual - amount }]);
  }
}
