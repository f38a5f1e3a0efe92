import { createHash } from 'node:crypto';

const LIFETIME = 10 * 60_000;
const MOST = 2000;

/**
 * What a classifier has decided, for ten minutes, by the hash of what it was asked: no prompt is kept. Two maps that take
 * turns hold at most 2,000 decisions each; what nobody has asked for in the meantime goes with the older one.
 */
export class Decisions {
  readonly #now: () => number;
  #young = new Map<string, { readonly target: string; readonly until: number }>();
  #old = this.#young;

  /** Monotonic milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  find(key: string): string | undefined {
    const known = this.#young.get(key) ?? this.#old.get(key);
    return known === undefined || known.until <= this.#now() ? undefined : known.target;
  }

  keep(key: string, target: string): void {
    if (this.#young.size >= MOST) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, { target, until: this.#now() + LIFETIME });
  }
}

/** The same route, the same targets on offer, the same text. */
export function decisionKey(route: string, names: readonly string[], text: string): string {
  return createHash('sha256')
    .update(JSON.stringify([route, names, text]))
    .digest('base64');
}
