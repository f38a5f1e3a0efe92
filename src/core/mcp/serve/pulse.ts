/** Something that must say something now and then, or its connection is taken for dead. */
export interface Beating {
  /** Called about every quarter of a minute while nothing else was said. */
  beat(): void;
}

const INTERVAL_MS = 15_000;

/** One timer for all open streams. It keeps no process alive, and runs only while something is open. */
export class Pulse {
  readonly #open = new Set<Beating>();
  readonly #interval: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(interval: number = INTERVAL_MS) {
    this.#interval = interval;
  }

  add(beating: Beating): void {
    this.#open.add(beating);
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => {
      for (const one of this.#open) one.beat();
    }, this.#interval);
    this.#timer.unref();
  }

  delete(beating: Beating): void {
    this.#open.delete(beating);
    if (this.#open.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  get size(): number {
    return this.#open.size;
  }
}
