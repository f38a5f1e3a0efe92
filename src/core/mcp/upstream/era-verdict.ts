/** What was found out about a server by asking it; forgotten after a day, for servers are upgraded. */
export interface Findings {
  readonly era: 'legacy' | 'modern';
  /** It speaks SSE, and no streamable HTTP. */
  readonly sse: boolean;
}

const LIFE_MS = 24 * 3_600_000;

/** Remembers what a server speaks, so that not every connection begins with questions. */
export class EraVerdict {
  readonly #now: () => number;
  readonly #pinned: 'legacy' | 'modern' | undefined;
  #found: Findings | undefined;
  #foundAt = 0;

  /** `era` as configured; `now` is Unix milliseconds. */
  constructor(era: 'auto' | 'legacy' | 'modern', now: () => number) {
    this.#pinned = era === 'auto' ? undefined : era;
    this.#now = now;
  }

  /** Which era the configuration says. */
  get pinned(): 'legacy' | 'modern' | undefined {
    return this.#pinned;
  }

  get current(): Findings | undefined {
    if (this.#found !== undefined && this.#now() - this.#foundAt >= LIFE_MS) this.#found = undefined;
    return this.#found;
  }

  record(found: Findings): void {
    if (this.#found?.era === found.era && this.#found.sse === found.sse) return;
    this.#found = found;
    this.#foundAt = this.#now();
  }

  forget(): void {
    this.#found = undefined;
  }
}
