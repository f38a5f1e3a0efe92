/** What a target that nobody has measured yet is taken for when no other has been measured either. */
const UNKNOWN = 1000;
/** A failed call counts at least so long. */
export const FAILURE_TIME = 5000;

/**
 * How long a target takes, as a moving average that rises at once and falls slowly ("peak EWMA"): a target that gets slow
 * loses its calls with the first slow one. Milliseconds; times come from the caller's clock.
 */
export class Latency {
  #estimate: number | undefined;
  #updatedAt = 0;

  /** `undefined` before the first sample. */
  get estimate(): number | undefined {
    return this.#estimate;
  }

  /** `decay`: the time in which what was known fades to about a third. */
  learn(sample: number, now: number, decay: number): void {
    const known = this.#estimate;
    if (known === undefined || sample > known) this.#estimate = sample;
    else {
      const weight = Math.exp((this.#updatedAt - now) / decay);
      this.#estimate = known * weight + sample * (1 - weight);
    }
    this.#updatedAt = now;
  }

  /** A call that failed for a reason of the target's: at least `floor`. */
  fail(now: number, decay: number, floor = FAILURE_TIME): void {
    this.learn(Math.max(this.#estimate ?? 0, floor), now, decay);
  }

  /** The client left after `age`: that long it took at least. */
  giveUp(age: number, now: number): void {
    if (this.#estimate === undefined || age <= this.#estimate) return;
    this.#estimate = age;
    this.#updatedAt = now;
  }

  /**
   * The estimate as it counts now: one that has not been renewed comes closer to `best`, the best that is known of any
   * target, so that a target that was punished is tried again.
   */
  read(now: number, decay: number, best: number | undefined): number {
    if (this.#estimate === undefined) return best ?? UNKNOWN;
    if (best === undefined) return this.#estimate;
    const weight = 1 - Math.exp((this.#updatedAt - now) / (4 * decay));
    return this.#estimate + (best - this.#estimate) * weight;
  }
}
