/** Refusals in a row after which a key is taken for revoked. */
const REFUSALS = 3;

/** One of a provider's own keys, and how it has fared. */
export class PooledKey {
  /** Its place in the configuration, from 0; stands for it in records. */
  readonly index: number;
  #restsUntil = 0;
  #refusals = 0;

  constructor(index: number) {
    this.index = index;
  }

  /** When it may be used again, on the monotonic clock; infinity for one that was refused too often. */
  get usableAt(): number {
    return this.#refusals >= REFUSALS ? Number.POSITIVE_INFINITY : this.#restsUntil;
  }

  /** The vendor limits it until then. */
  rest(until: number): void {
    this.#restsUntil = Math.max(this.#restsUntil, until);
  }

  refused(): void {
    this.#refusals++;
  }

  accepted(): void {
    this.#refusals = 0;
  }
}

/** The keys of one provider, taken in turn. None is ever excluded for good: when all rest, the first to wake is taken. */
export class KeyPool {
  readonly #keys: readonly PooledKey[];
  #next = 0;

  constructor(keys: readonly PooledKey[]) {
    this.#keys = keys;
  }

  take(now: number): PooledKey | undefined {
    const keys = this.#keys;
    if (keys.length === 1) return keys[0];
    let best: PooledKey | undefined;
    for (let step = 0; step < keys.length; step++) {
      const key = keys[(this.#next + step) % keys.length];
      if (key === undefined) continue;
      if (key.usableAt <= now) {
        this.#next = (this.#next + step + 1) % keys.length;
        return key;
      }
      if (best === undefined || key.usableAt < best.usableAt) best = key;
    }
    return best;
  }

  /** Whether a key can be used at once. */
  hasUsable(now: number): boolean {
    return this.#keys.some(({ usableAt }) => usableAt <= now);
  }
}
