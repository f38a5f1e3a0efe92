import { rowOfLiteLlm } from './litellm.ts';
import { isPriced } from './price.ts';
import type { PriceKeys } from './price-keys.ts';
import { type PriceRow, parseRow } from './price-row.ts';

/** Prices of many models, by id. Rows are read when they are asked for. */
export class PriceList {
  /** Day of the list, as `2026-08-06`; absent where it does not say. */
  readonly asOf: string | undefined;
  readonly #rows: ReadonlyMap<string, string | PriceRow>;

  private constructor(asOf: string | undefined, rows: ReadonlyMap<string, string | PriceRow>) {
    this.asOf = asOf;
    this.#rows = rows;
  }

  /** The text `scripts/prices.mjs` writes: lines of `#` with notes, one of them `# date: …`, then a row a line. */
  static ofText(text: string): PriceList {
    const rows = new Map<string, string>();
    let asOf: string | undefined;
    for (const line of text.split('\n')) {
      if (line.startsWith('#')) asOf ??= /^# date: (\S+)$/.exec(line)?.[1];
      else if (line !== '') rows.set(line.slice(0, line.indexOf(' ')), line);
    }
    return new PriceList(asOf, rows);
  }

  /** A parsed file in LiteLLM's form; `undefined` when it has not a single row. */
  static ofLiteLlm(file: unknown, asOf?: string): PriceList | undefined {
    if (typeof file !== 'object' || file === null || Array.isArray(file)) return undefined;
    const rows = new Map<string, PriceRow>();
    for (const [id, value] of Object.entries(file)) {
      const row = id === 'sample_spec' ? undefined : rowOfLiteLlm(id, value);
      if (row !== undefined) rows.set(id, row);
    }
    return rows.size === 0 ? undefined : new PriceList(asOf, rows);
  }

  get ids(): Iterable<string> {
    return this.#rows.keys();
  }

  row(id: string): PriceRow | undefined {
    const row = this.#rows.get(id);
    return typeof row === 'string' ? parseRow(row) : row;
  }

  /** The first of the ids that stands in the list under one of the billers; nothing when that row has no price. */
  find({ ids, billers, zeroIsFree }: PriceKeys): PriceRow | undefined {
    for (const id of ids) {
      const row = this.row(id);
      if (row !== undefined && billers.has(row.biller)) return isPriced(row, zeroIsFree) ? row : undefined;
    }
    return undefined;
  }
}
