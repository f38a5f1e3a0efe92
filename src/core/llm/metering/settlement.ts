import type { ParsedConfig } from '../../config/resolve.ts';
import type { NexusError } from '../../errors/nexus-error.ts';
import type { Charged, Evidence } from '../../exchange/evidence.ts';
import type { Charge, RequestRecord } from '../../exchange/record.ts';
import { openBook, readyBook } from './prices/open-book.ts';
import type { Price } from './prices/price.ts';
import type { PriceBook, Priced } from './prices/price-book.ts';
import type { PriceRow } from './prices/price-row.ts';

type Providers = ParsedConfig['llm']['providers'];

/**
 * Completes sealed records: what was used, as far as the provider did not say, and what it cost. Runs after the request;
 * price lists are loaded when the first record needs them.
 */
export class Settlement {
  readonly #providers: Providers;
  readonly #file: string | undefined;
  readonly #onFailure: (error: NexusError) => void;
  #book: PriceBook | undefined;
  #opening: Promise<PriceBook> | undefined;

  /** `onFailure` is told when the configured price file cannot be used. */
  constructor({ providers, prices }: ParsedConfig['llm'], onFailure: (error: NexusError) => void) {
    this.#providers = providers;
    this.#file = prices.file;
    this.#onFailure = onFailure;
  }

  /** A promise only while the price lists are being loaded. */
  settle(record: RequestRecord, evidence: Evidence | undefined): void | Promise<void> {
    const measured = evidence?.measure();
    if (measured !== undefined) {
      record.usage = measured.usage;
      record.usageSource = measured.source;
    } else if (record.usage !== undefined && record.usageSource === 'none') record.usageSource = 'reported';
    const charged = evidence?.charged;
    if (record.usage === undefined && charged === undefined) return;
    this.#book ??= readyBook(this.#file);
    if (this.#book !== undefined) this.#price(record, this.#book, charged);
    else return this.open().then((book) => this.#price(record, book, charged));
  }

  /** Loads the price lists, so that the first record need not wait. */
  open(): Promise<PriceBook> {
    this.#opening ??= openBook(this.#file, this.#onFailure).then((book) => {
      this.#book = book;
      return book;
    });
    return this.#opening;
  }

  #price(record: RequestRecord, book: PriceBook, charged: readonly Charged[] | undefined): void {
    const { provider, model, usage } = record;
    if (provider !== undefined && model !== undefined && usage !== undefined) {
      const alias = record.modelAlias ?? aliasOf(record.requestedModel ?? model, provider);
      record.cost = this.#find(book, provider, alias, model)?.costOf(usage);
    }
    if (charged !== undefined) record.charges = charged.flatMap((one) => this.#charge(one, book) ?? []);
    let total = record.cost?.nanoUsd;
    for (const { cost } of record.charges) if (cost !== undefined) total = (total ?? 0) + cost.nanoUsd;
    record.totalNanoUsd = total;
  }

  #charge({ measure, ...call }: Charged, book: PriceBook): Charge | undefined {
    const { usage, source } = measure();
    if (usage === undefined) return undefined;
    const { provider, model, modelAlias = model } = call;
    return { ...call, usage, usageSource: source, cost: this.#find(book, provider, modelAlias, model)?.costOf(usage) };
  }

  /** The lists that prices are looked up in, in their order; none before they are loaded. */
  get priceLists(): PriceBook['lists'] {
    return this.#book?.lists ?? [];
  }

  /** Unit prices of a model; a promise only while the price lists are being loaded. */
  priceOf(provider: string, alias: string, model: string): Price | undefined | Promise<Price | undefined> {
    this.#book ??= readyBook(this.#file);
    return this.#book === undefined
      ? this.open().then((book) => this.#find(book, provider, alias, model))
      : this.#find(this.#book, provider, alias, model);
  }

  #find(book: PriceBook, provider: string, alias: string, model: string): Price | undefined {
    // No name holds a line feed: they stand in headers and paths.
    return book.price(`${provider}\n${alias}\n${model}`, () => this.#priced(provider, alias, model));
  }

  #priced(provider: string, alias: string, model: string): Priced {
    const config = this.#providers[provider];
    const entry = config?.models[alias];
    return {
      kind: config?.type ?? provider,
      model,
      region: config?.aws.region,
      own: entry?.price === undefined ? undefined : ownRow(`${provider}/${alias}`, entry.price),
      priceAs: entry?.priceAs,
    };
  }
}

/** The model's part of what the client asked for. */
function aliasOf(requested: string, provider: string): string {
  return requested.startsWith(`${provider}/`) ? requested.slice(provider.length + 1) : requested;
}

function ownRow(id: string, prices: Readonly<Record<string, string>>): PriceRow {
  return { id, biller: id, rates: new Map(Object.entries(prices)), ranges: [] };
}
