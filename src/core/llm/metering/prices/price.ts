import type { Cost } from '../../../exchange/cost.ts';
import type { ServiceTier, Usage } from '../../../exchange/usage.ts';
import { type Money, nanoDollars, parseMoney } from './decimal.ts';
import type { PriceRow, Rate, RateTable } from './price-row.ts';

/** Prices per token stand in lists per million. */
const PER_MILLION = 6;
const PIECES: ReadonlySet<Rate> = new Set<Rate>(['request', 'search']);

/** What a rate is called in the list, and what it comes to for one token or piece. */
interface UnitPrice {
  readonly name: string;
  readonly text: string;
  readonly money: Money;
}

/** The prices of one model, ready to be applied. */
export class Price {
  readonly #row: PriceRow;
  readonly #source: Cost['source'];
  readonly #asOf: string | undefined;
  /** Unit prices of each table by the name of their rate. */
  readonly #units = new Map<RateTable, ReadonlyMap<string, UnitPrice>>();
  /** Lengths above which other prices hold, the largest first. */
  readonly #thresholds: readonly number[];

  constructor(row: PriceRow, source: Cost['source'], asOf: string | undefined) {
    this.#row = row;
    this.#source = source;
    this.#asOf = asOf;
    const bounds = [...row.rates.keys()].map((name) => Number(/>(\d+)/.exec(name)?.[1] ?? 0));
    this.#thresholds = [...new Set(bounds)].filter((bound) => bound > 0).sort((a, b) => b - a);
  }

  /** The list's price in US dollars per million tokens, for calls of usual length and class; `undefined`: it has none. */
  perMillion(rate: 'input' | 'output'): string | undefined {
    return (this.#row.ranges[0]?.rates ?? this.#row.rates).get(rate);
  }

  /** What a call comes to, each kind of token at its own price, rounded up once. */
  costOf(usage: Usage): Cost {
    const bill = new Bill((rate) => this.#unit(rate, usage));
    const cacheRead = Math.min(usage.cacheRead, usage.input);
    const cacheWrite = Math.min(usage.cacheWrite, usage.input - cacheRead);
    const cacheWrite1h = Math.min(usage.cacheWrite1h ?? 0, cacheWrite);
    const fresh = usage.input - cacheRead - cacheWrite;
    const audioInput = Math.min(usage.audioInput ?? 0, fresh);
    const reasoning = Math.min(usage.reasoning, usage.output);
    const audioOutput = Math.min(usage.audioOutput ?? 0, usage.output - reasoning);
    bill.add(fresh - audioInput, 'input');
    bill.add(audioInput, 'audioInput', 'input');
    bill.add(cacheRead, 'cacheRead', 'input');
    bill.add(cacheWrite - cacheWrite1h, 'cacheWrite', 'input');
    bill.add(cacheWrite1h, 'cacheWrite1h', 'cacheWrite', 'input');
    bill.add(usage.output - reasoning - audioOutput, 'output');
    bill.add(reasoning, 'reasoning', 'output');
    bill.add(audioOutput, 'audioOutput', 'output');
    bill.add(usage.searches ?? 0, 'search');
    if (this.#unit('request', usage) !== undefined) bill.add(1, 'request');
    return {
      nanoUsd: nanoDollars(bill.total),
      source: this.#source,
      row: this.#row.id,
      asOf: this.#asOf,
      rates: bill.rates,
      unpriced: bill.unpriced,
    };
  }

  /**
   * The price of a rate for a call of this length and class of service. Where the list has prices for both the length and
   * the class, but none for the two together, the higher one holds.
   */
  #unit(rate: Rate, { input, serviceTier }: Usage): UnitPrice | undefined {
    const { rates, ranges } = this.#row;
    if (ranges.length > 0) {
      const range = ranges.find(({ upTo }) => input <= upTo) ?? ranges.at(-1);
      return range === undefined ? undefined : this.#table(range.rates).get(rate);
    }
    const units = this.#table(rates);
    const long = this.#thresholds.find((bound) => input > bound && units.has(`${rate}>${bound}`));
    const forLength = long === undefined ? undefined : units.get(`${rate}>${long}`);
    if (serviceTier === undefined) return forLength ?? units.get(rate);
    const both = long === undefined ? undefined : units.get(`${rate}>${long}@${serviceTier}`);
    return both ?? higher(forLength, tiered(units, rate, serviceTier)) ?? units.get(rate);
  }

  #table(rates: RateTable): ReadonlyMap<string, UnitPrice> {
    const known = this.#units.get(rates);
    if (known !== undefined) return known;
    const units = new Map<string, UnitPrice>();
    for (const [name, text] of rates) {
      const kind = name.replace(/[>@].*$/, '');
      const money = parseMoney(text, PIECES.has(kind as Rate) ? 0 : PER_MILLION);
      if (money !== undefined) units.set(name, { name, text, money });
    }
    this.#units.set(rates, units);
    return units;
  }
}

function tiered(units: ReadonlyMap<string, UnitPrice>, rate: Rate, tier: ServiceTier): UnitPrice | undefined {
  return units.get(`${rate}@${tier}`);
}

function higher(a: UnitPrice | undefined, b: UnitPrice | undefined): UnitPrice | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.money >= b.money ? a : b;
}

/** Adds up, and notes which prices were used. */
class Bill {
  total: Money = 0n;
  readonly rates: Record<string, string> = Object.create(null);
  readonly unpriced: string[] = [];
  readonly #unit: (rate: Rate) => UnitPrice | undefined;

  constructor(unit: (rate: Rate) => UnitPrice | undefined) {
    this.#unit = unit;
  }

  /** `count` at the first of the rates that has a price. */
  add(count: number, ...rates: readonly [Rate, ...Rate[]]): void {
    if (count === 0) return;
    for (const rate of rates) {
      const unit = this.#unit(rate);
      if (unit === undefined) continue;
      this.total += BigInt(count) * unit.money;
      this.rates[unit.name] = unit.text;
      return;
    }
    this.unpriced.push(rates[0]);
  }
}

/** Whether a row says what a call costs: a row of zeros says it only for models that run on one's own machines. */
export function isPriced({ rates, ranges }: PriceRow, zeroIsFree: boolean): boolean {
  const texts = [rates, ...ranges.map((range) => range.rates)].flatMap((table) => [...table.values()]);
  return texts.length > 0 && (zeroIsFree || texts.some((text) => (parseMoney(text) ?? 0n) > 0n));
}
