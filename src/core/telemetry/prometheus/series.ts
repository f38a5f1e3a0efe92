// Counters and histograms by their labels: cheap to add to, bounded in number, written out only when they are scraped.

/** The value of every label of the series that takes what there is no room for. */
export const OTHER = 'other';

/** Time series of one metric, as Prometheus counts them: a histogram of ten buckets is thirteen. */
const MOST_SERIES = 2000;

/** What a family's metric is called, and what it says. */
export interface FamilyFacts {
  readonly name: string;
  /** One line without a backslash or a quote. */
  readonly help: string;
  readonly labels: readonly string[];
}

export class Counter {
  value = 0;
  readonly labels: readonly string[];

  constructor(labels: readonly string[]) {
    this.labels = labels;
  }
}

export class Histogram {
  sum = 0;
  /** How many fell into each bucket and none before; the last one has no bound. */
  readonly counts: number[];
  readonly labels: readonly string[];
  readonly #bounds: readonly number[];

  /** `bounds`: upper ends of the buckets, rising. */
  constructor(labels: readonly string[], bounds: readonly number[]) {
    this.labels = labels;
    this.#bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket++;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += value;
  }
}

/** All series of one metric. Once there are as many as there may be, further ones share one whose labels are `other`. */
abstract class Family<Series> {
  readonly facts: FamilyFacts;
  readonly #series = new Map<string, Series>();
  readonly #most: number;

  /** `size`: time series that one of these series is. */
  constructor(facts: FamilyFacts, size: number) {
    this.facts = facts;
    this.#most = Math.floor(MOST_SERIES / size);
  }

  /** Finds or opens a series; whoever observes often keeps it. */
  with(labels: readonly string[]): Series {
    const key = labels.join('\n');
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const isFull = this.#series.size >= this.#most - 1;
    const own = isFull ? this.facts.labels.map(() => OTHER) : labels;
    const shared = isFull ? this.#series.get(own.join('\n')) : undefined;
    if (shared !== undefined) return shared;
    const series = this.create(own);
    this.#series.set(own.join('\n'), series);
    return series;
  }

  all(): Iterable<Series> {
    return this.#series.values();
  }

  protected abstract create(labels: readonly string[]): Series;
}

export class CounterFamily extends Family<Counter> {
  /** So many of what is counted are one of the metric's unit: whole numbers add up exactly. */
  readonly unit: number;

  constructor(facts: FamilyFacts, unit = 1) {
    super(facts, 1);
    this.unit = unit;
  }

  protected create(labels: readonly string[]): Counter {
    return new Counter(labels);
  }
}

export class HistogramFamily extends Family<Histogram> {
  readonly bounds: readonly number[];

  constructor(facts: FamilyFacts, bounds: readonly number[]) {
    // The bucket without a bound, the sum and the count are series too.
    super(facts, bounds.length + 3);
    this.bounds = bounds;
  }

  protected create(labels: readonly string[]): Histogram {
    return new Histogram(labels, this.bounds);
  }
}
