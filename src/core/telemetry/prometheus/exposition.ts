// Metrics as text: Prometheus' format 0.0.4, and OpenMetrics 1.0 for whoever asks for it.
// https://prometheus.io/docs/instrumenting/exposition_formats/ and https://openmetrics.io
import type { CounterFamily, FamilyFacts, Histogram, HistogramFamily } from './series.ts';

export type TextFormat = 'prometheus' | 'openmetrics';

export const CONTENT_TYPES: Readonly<Record<TextFormat, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** The format a scraper wants, by its `Accept`: OpenMetrics where that is named, else the older text. */
export function formatFor(accept: string | undefined): TextFormat {
  return accept?.includes('application/openmetrics-text') === true ? 'openmetrics' : 'prometheus';
}

/** A value that is what it is at the moment it is read: labels in the family's order. */
export interface Sample {
  readonly labels: readonly string[];
  readonly value: number;
}

/** Writes families one after the other; none may come twice. */
export class Exposition {
  readonly #format: TextFormat;
  readonly #lines: string[] = [];

  constructor(format: TextFormat) {
    this.#format = format;
  }

  counters(family: CounterFamily): void {
    const { facts, unit } = family;
    this.#head(facts, 'counter');
    for (const { labels, value } of family.all()) this.#sample(facts, labels, value / unit);
  }

  histograms(family: HistogramFamily): void {
    this.#head(family.facts, 'histogram');
    for (const histogram of family.all()) this.#histogram(family, histogram);
  }

  /** `samples` of a counter are totals that somebody else keeps. */
  samples(facts: FamilyFacts, type: 'gauge' | 'counter', samples: Iterable<Sample>): void {
    this.#head(facts, type);
    for (const { labels, value } of samples) this.#sample(facts, labels, value);
  }

  text(): string {
    const end = this.#format === 'openmetrics' ? '# EOF\n' : '';
    return `${this.#lines.join('\n')}\n${end}`;
  }

  #head({ name, help }: FamilyFacts, type: 'counter' | 'gauge' | 'histogram'): void {
    // There the family of a counter has the name without the suffix of its samples.
    const family = this.#format === 'openmetrics' && type === 'counter' ? name.replace(/_total$/, '') : name;
    this.#lines.push(`# HELP ${family} ${help}`, `# TYPE ${family} ${type}`);
  }

  #sample({ name, labels: names }: FamilyFacts, labels: readonly string[], value: number): void {
    this.#lines.push(`${name}${labelled(names, labels)} ${number(value)}`);
  }

  #histogram({ facts, bounds }: HistogramFamily, { labels, counts, sum }: Histogram): void {
    const { name } = facts;
    const names = [...facts.labels, 'le'];
    let total = 0;
    for (const [index, count] of counts.entries()) {
      total += count;
      const bound = bounds[index];
      const le = bound === undefined ? '+Inf' : canonical(bound);
      this.#lines.push(`${name}_bucket${labelled(names, [...labels, le])} ${total}`);
    }
    const own = labelled(facts.labels, labels);
    this.#lines.push(`${name}_sum${own} ${number(sum)}`, `${name}_count${own} ${total}`);
  }
}

/** `{name="value",…}`; nothing for none. */
function labelled(names: readonly string[], values: readonly string[]): string {
  if (names.length === 0) return '';
  return `{${names.map((name, index) => `${name}="${escapeValue(values[index] ?? '')}"`).join(',')}}`;
}

function escapeValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

/** Bounds of buckets have a point in OpenMetrics, and one spelling in both formats: they are labels. */
function canonical(bound: number): string {
  return Number.isInteger(bound) ? `${bound}.0` : String(bound);
}

function number(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
