/** When a breaker opens and for how long; times in milliseconds. */
export interface BreakerSettings {
  /** So many failures in a row. */
  readonly failures: number;
  /** Share of failures in the window, once there were `minRequests`. */
  readonly ratio: number;
  readonly minRequests: number;
  readonly window: number;
  readonly cooldown: number;
}

const LONGEST_COOLDOWN = 5 * 60_000;
/** The window moves in steps of a tenth of it. */
const SLOTS = 10;

/**
 * Learns from the results of calls whether a target is worth one. Closed: calls go through. Open: they should go
 * elsewhere. Half open, after the cool-down: one call is a trial; its success closes the breaker, its failure opens it for
 * twice as long. It only advises: who has nowhere else to go may call all the same. Times come from the caller's clock.
 */
export class Breaker {
  readonly #settings: BreakerSettings;
  readonly #slot: number;
  readonly #successes = new Array<number>(SLOTS).fill(0);
  readonly #failures = new Array<number>(SLOTS).fill(0);
  /** Number of the newest slot, counted from the clock's zero. */
  #newest = 0;
  #inARow = 0;
  /** When an open one becomes half open; `undefined`: closed. */
  #opensAt: number | undefined;
  #cooldown: number;
  #isTrying = false;

  readonly #opened: ((cooldown: number) => void) | undefined;

  /** `opened` is told when it opens by what it has learnt, and for how long. */
  constructor(settings: BreakerSettings, opened?: (cooldown: number) => void) {
    this.#settings = settings;
    this.#opened = opened;
    this.#slot = settings.window / SLOTS;
    this.#cooldown = settings.cooldown;
  }

  state(now: number): 'closed' | 'open' | 'half_open' | 'trying' {
    if (this.#opensAt === undefined) return 'closed';
    if (now < this.#opensAt) return 'open';
    return this.#isTrying ? 'trying' : 'half_open';
  }

  /** A call is being sent. */
  begin(now: number): void {
    if (this.#opensAt !== undefined && now >= this.#opensAt) this.#isTrying = true;
  }

  succeed(now: number): void {
    this.#inARow = 0;
    if (this.#opensAt !== undefined) {
      this.#close();
      return;
    }
    this.#move(now);
    this.#add(this.#successes);
  }

  fail(now: number): void {
    this.#move(now);
    this.#add(this.#failures);
    this.#inARow++;
    if (this.#opensAt === undefined) {
      if (this.#isTooMuch()) this.#open(now, this.#settings.cooldown);
    } else if (this.#isTrying && now >= this.#opensAt) {
      this.#open(now, Math.min(this.#cooldown * 2, LONGEST_COOLDOWN));
    }
  }

  /** The call came to nothing that says anything: the client left, or the request was at fault. */
  forget(): void {
    this.#isTrying = false;
  }

  /** Another process has opened its own: this one is open at least as long, and has a trial of its own then. */
  openUntil(time: number): void {
    if (this.#opensAt !== undefined && this.#opensAt >= time) return;
    this.#opensAt = time;
    this.#isTrying = false;
  }

  #isTooMuch(): boolean {
    const { failures, minRequests, ratio } = this.#settings;
    if (this.#inARow >= failures) return true;
    const failed = sum(this.#failures);
    const all = failed + sum(this.#successes);
    return all >= minRequests && failed >= all * ratio && failed > 0;
  }

  #open(now: number, cooldown: number): void {
    this.#opensAt = now + cooldown;
    this.#cooldown = cooldown;
    this.#isTrying = false;
    this.#opened?.(cooldown);
  }

  #close(): void {
    this.#opensAt = undefined;
    this.#cooldown = this.#settings.cooldown;
    this.#isTrying = false;
    this.#successes.fill(0);
    this.#failures.fill(0);
  }

  #add(counts: number[]): void {
    const slot = this.#newest % SLOTS;
    counts[slot] = (counts[slot] ?? 0) + 1;
  }

  /** Forgets what has left the window. */
  #move(now: number): void {
    const current = Math.floor(now / this.#slot);
    const passed = Math.min(current - this.#newest, SLOTS);
    for (let step = 0; step < passed; step++) {
      const slot = (current - step) % SLOTS;
      this.#successes[slot] = 0;
      this.#failures[slot] = 0;
    }
    if (current > this.#newest) this.#newest = current;
  }
}

function sum(counts: readonly number[]): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
