/** What one request cost, exactly, and by which prices: those of the day, so that history stays when prices change. */
export interface Cost {
  /**
   * Thousand-millionths of a US dollar, rounded up once per request. An integer below 2^53 (nine million dollars), so that
   * it is exact both as a number and in JSON, which knows no big integers; sums of it stay exact as long as they do.
   */
  readonly nanoUsd: number;
  /** Where the prices stand: the configuration, the price file it names, or the list that comes with the package. */
  readonly source: 'config' | 'file' | 'shipped';
  /** The row of the list, or the model of the configuration. */
  readonly row: string;
  /** Date of the list (`2026-08-06`); absent for prices of the configuration and lists without one. */
  readonly asOf: string | undefined;
  /** The prices that were used, as decimals: US dollars per million tokens, `request` and `search` per piece. */
  readonly rates: Readonly<Record<string, string>>;
  /** What was used and has no price in the row, for example `search`: it is not in `nanoUsd`. */
  readonly unpriced: readonly string[];
}
