import type { Catalogue } from './upstream.ts';

/** Ways of being asked that are told apart; clients with still another one see what all see. */
const MOST_VARIANTS = 16;
const FAILED_MS = 5000;

interface Variant {
  readonly found: Promise<Catalogue>;
  failedAt: number | undefined;
}

/**
 * What a server offers to clients of different capabilities, where that differs. It is asked once for each set of
 * capabilities, and again after the server has changed.
 */
export class CapabilityVariants {
  readonly #elapsed: () => number;
  readonly #variants = new Map<string, Variant>();

  /** Monotonic clock, milliseconds. */
  constructor(elapsed: () => number) {
    this.#elapsed = elapsed;
  }

  /** The catalogue for a set of capabilities: the `shared` object itself where there is no difference. */
  async find(signature: string, shared: Catalogue, read: () => Promise<Catalogue>): Promise<Catalogue> {
    const known = this.#variants.get(signature);
    const failedAt = known?.failedAt;
    const isOver = failedAt !== undefined && this.#elapsed() - failedAt >= FAILED_MS;
    if (known !== undefined && !isOver) return known.found;
    if (known === undefined && this.#variants.size >= MOST_VARIANTS) return shared;
    const variant: Variant = {
      found: read().then(
        (own) => (isSame(own, shared) ? shared : own),
        () => {
          variant.failedAt = this.#elapsed();
          return shared;
        },
      ),
      failedAt: undefined,
    };
    this.#variants.set(signature, variant);
    return variant.found;
  }

  clear(): void {
    this.#variants.clear();
  }
}

function isSame(a: Catalogue, b: Catalogue): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
