/*
 * A row of a price list, still as text: names of rates and decimals, US dollars per million tokens (`request` and `search`:
 * per piece). A name is a kind of use and what it holds for: `input`, `input>200000` (requests that read more than that
 * many tokens), `input@flex` (a class of service), `input>272000@priority`.
 */

/** Kinds of use that have a price. */
export const RATES = [
  'input',
  'output',
  'cacheRead',
  'cacheWrite',
  'cacheWrite1h',
  'reasoning',
  'audioInput',
  'audioOutput',
  'request',
  'search',
] as const;

export type Rate = (typeof RATES)[number];

/** Prices by name. */
export type RateTable = ReadonlyMap<string, string>;

/** Rates of requests that read more than `above` and up to `upTo` tokens. */
export interface PriceRange {
  readonly above: number;
  readonly upTo: number;
  readonly rates: RateTable;
}

export interface PriceRow {
  readonly id: string;
  /** Whose prices these are, in the words of the list: the same model has other prices elsewhere. */
  readonly biller: string;
  readonly rates: RateTable;
  /** Instead of `rates`, where prices go by the length of what is read. In rising order. */
  readonly ranges: readonly PriceRange[];
}

/** One line of text; the opposite of `parseRow`. Ids and billers hold no blanks. */
export function writeRow({ id, biller, rates, ranges }: PriceRow): string {
  const words = [id, biller, ...writeRates(rates)];
  for (const { above, upTo, rates: inside } of ranges) words.push(`[${above}-${upTo}]`, ...writeRates(inside));
  return words.join(' ');
}

/** A line that `writeRow` wrote. */
export function parseRow(line: string): PriceRow {
  const [id = '', biller = '', ...words] = line.split(' ');
  const rates = new Map<string, string>();
  const ranges: PriceRange[] = [];
  let table = rates;
  for (const word of words) {
    const bounds = /^\[(\d+)-(\d+)\]$/.exec(word);
    if (bounds !== null) {
      table = new Map();
      ranges.push({ above: Number(bounds[1]), upTo: Number(bounds[2]), rates: table });
      continue;
    }
    const mark = word.indexOf('=');
    table.set(word.slice(0, mark), word.slice(mark + 1));
  }
  return { id, biller, rates, ranges };
}

function writeRates(rates: RateTable): string[] {
  return [...rates].map(([name, price]) => `${name}=${price}`);
}
