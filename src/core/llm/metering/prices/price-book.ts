import type { Cost } from '../../../exchange/cost.ts';
import { isPriced, Price } from './price.ts';
import { priceKeys } from './price-keys.ts';
import type { PriceList } from './price-list.ts';
import type { PriceRow } from './price-row.ts';

/** A model whose price is wanted. */
export interface Priced {
  /** Kind of its provider. */
  readonly kind: string;
  /** The vendor's own name for it. */
  readonly model: string;
  readonly region?: string | undefined;
  /** Prices the configuration gives it. */
  readonly own?: PriceRow | undefined;
  /** Id of the row that prices it, whoever bills that. */
  readonly priceAs?: string | undefined;
}

/** Lists in the order they are asked. */
export interface Source {
  readonly name: Exclude<Cost['source'], 'config'>;
  readonly list: PriceList;
}

/** Most models whose prices are remembered. */
const REMEMBERED = 2000;

/** One order of look-up for all who ask for prices: configuration, the operator's file, the list of the package. */
export class PriceBook {
  readonly #sources: readonly Source[];
  readonly #found = new Map<string, Price | undefined>();

  constructor(sources: readonly Source[]) {
    this.#sources = sources;
  }

  /** Where prices are looked up, and of what day that is. */
  get lists(): readonly { readonly source: Source['name']; readonly asOf: string | undefined }[] {
    return this.#sources.map(({ name, list }) => ({ source: name, asOf: list.asOf }));
  }

  /**
   * Prices of a model, remembered under `key`: the same key must always mean the same model. `undefined`: it has none,
   * which is not a price of zero.
   */
  price(key: string, model: () => Priced): Price | undefined {
    const known = this.#found.get(key);
    if (known !== undefined || this.#found.has(key)) return known;
    const price = this.#lookUp(model());
    // Names come from clients: the oldest goes, so that no stream of invented ones can fill the memory.
    const [oldest] = this.#found.size >= REMEMBERED ? this.#found.keys() : [];
    if (oldest !== undefined) this.#found.delete(oldest);
    this.#found.set(key, price);
    return price;
  }

  #lookUp({ kind, model, region, own, priceAs }: Priced): Price | undefined {
    if (own !== undefined) return new Price(own, 'config', undefined);
    const keys = priceKeys(kind, model, region);
    for (const { name, list } of this.#sources) {
      const row = priceAs === undefined ? list.find(keys) : pricedRow(list.row(priceAs), keys.zeroIsFree);
      if (row !== undefined) return new Price(row, name, list.asOf);
    }
    return undefined;
  }
}

function pricedRow(row: PriceRow | undefined, zeroIsFree: boolean): PriceRow | undefined {
  return row !== undefined && isPriced(row, zeroIsFree) ? row : undefined;
}
