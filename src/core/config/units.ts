// Durations and byte sizes as people write them. The duration grammar is the reference's: `90s`, `1h30m`, `1m + 30s`,
// `2*30s`; a bare number is seconds.

const MILLISECONDS: ReadonlyMap<string, number> = new Map(
  (
    [
      [1e-6, 'ns nsec nanosecond nanoseconds'],
      [1e-3, 'us µs μs usec microsecond microseconds'],
      [1, 'ms msec millisecond milliseconds'],
      [1000, 's sec secs second seconds'],
      [60_000, 'm min mins minute minutes'],
      [3_600_000, 'h hr hrs hour hours'],
      [86_400_000, 'd day days'],
      [7 * 86_400_000, 'w week weeks'],
      [30 * 86_400_000, 'mon month months'],
      [365 * 86_400_000, 'y year years'],
    ] as const
  ).flatMap(([factor, names]) => names.split(' ').map((name): [string, number] => [name, factor])),
);

const BYTES: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ['k', 1000],
  ['kb', 1000],
  ['kib', 1024],
  ['m', 1000 ** 2],
  ['mb', 1000 ** 2],
  ['mib', 1024 ** 2],
  ['g', 1000 ** 3],
  ['gb', 1000 ** 3],
  ['gib', 1024 ** 3],
]);

const LONGEST_TEXT = 64;

/** A duration → milliseconds; `undefined` when it is not one. Numbers and bare numbers in text are seconds. */
export function parseDuration(value: string | number): number | undefined {
  if (typeof value === 'number') return asMilliseconds(value * 1000);
  if (value.length > LONGEST_TEXT) return undefined;
  let total = 0;
  for (const term of value.split('+')) {
    const milliseconds = parseProduct(term);
    if (milliseconds === undefined) return undefined;
    total += milliseconds;
  }
  return asMilliseconds(total);
}

/** A byte size (`32MiB`, `10MB`, `512kb`, plain bytes) → whole bytes; `undefined` when it is not one. */
export function parseSize(value: string | number): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  if (value.length > LONGEST_TEXT) return undefined;
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(value);
  const factor = BYTES.get(match?.[2]?.toLowerCase() ?? '');
  if (match === null || factor === undefined) return undefined;
  const bytes = Number(match[1]) * factor;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Factors joined by `*`: plain numbers and at most one duration; without a duration the product is seconds. */
function parseProduct(text: string): number | undefined {
  let product = 1;
  let unit: number | undefined;
  for (const factor of text.split('*')) {
    if (/^\s*\d+(?:\.\d+)?\s*$/.test(factor)) {
      product *= Number(factor);
      continue;
    }
    const sequence = parseSequence(factor);
    if (sequence === undefined || unit !== undefined) return undefined;
    unit = sequence;
  }
  return product * (unit ?? 1000);
}

/** Terms of number and unit, one after the other: `1h30m`. */
function parseSequence(text: string): number | undefined {
  const term = /\s*(\d+(?:\.\d+)?)\s*([a-zµμ]+)\s*/iy;
  let total = 0;
  do {
    const match = term.exec(text);
    const factor = MILLISECONDS.get(match?.[2]?.toLowerCase() ?? '');
    if (match === null || factor === undefined) return undefined;
    total += Number(match[1]) * factor;
  } while (term.lastIndex < text.length);
  return total;
}

/** Timers count whole milliseconds: a fraction counts as a whole one, so that nothing but zero becomes zero. */
function asMilliseconds(value: number): number | undefined {
  if (!Number.isFinite(value) || value < 0) return undefined;
  const milliseconds = Math.ceil(Number(value.toFixed(6)));
  return Number.isSafeInteger(milliseconds) ? milliseconds : undefined;
}
