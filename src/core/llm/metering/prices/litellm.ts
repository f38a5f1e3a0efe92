import { shiftDecimal } from './decimal.ts';
import type { PriceRange, PriceRow, Rate } from './price-row.ts';

/*
 * Rows of LiteLLM's public price file, `model_prices_and_context_window.json` (github.com/BerriAI/litellm): an object per
 * model, prices in US dollars per single token.
 */

const FIELDS: ReadonlyMap<string, Rate> = new Map([
  ['input_cost_per_token', 'input'],
  ['output_cost_per_token', 'output'],
  ['cache_read_input_token_cost', 'cacheRead'],
  ['cache_creation_input_token_cost', 'cacheWrite'],
  ['cache_creation_input_token_cost_above_1hr', 'cacheWrite1h'],
  ['output_cost_per_reasoning_token', 'reasoning'],
  ['input_cost_per_audio_token', 'audioInput'],
  ['output_cost_per_audio_token', 'audioOutput'],
  ['input_cost_per_request', 'request'],
  ['input_cost_per_query', 'search'],
]);
/** The same as the cache read of other rows, by its older name. */
const OLD_CACHE_READ = 'input_cost_per_token_cache_hit';
/** Prices of a search by the size of what it brings: the middle one is what vendors take by default. */
const SEARCHES = 'search_context_cost_per_query';
const DEFAULT_SEARCH = 'search_context_size_medium';
const PIECES: ReadonlySet<Rate> = new Set<Rate>(['request', 'search']);
const NAME = /^(.+?)(?:_above_(\d{1,6})k_tokens)?(?:_(priority|flex|batches))?$/;

/** `undefined` for what is no row, or has no price that is known here. Prices that are no decimals are left out. */
export function rowOfLiteLlm(id: string, value: unknown): PriceRow | undefined {
  if (!isObject(value) || id === '' || /\s/.test(id)) return undefined;
  const biller = value['litellm_provider'];
  const rates = ratesOf(value);
  const ranges = rangesOf(value['tiered_pricing']);
  if (typeof biller !== 'string' || !/^\S+$/.test(biller) || (rates.size === 0 && ranges.length === 0))
    return undefined;
  return { id, biller, rates, ranges };
}

function ratesOf(fields: Record<string, unknown>): Map<string, string> {
  const rates = new Map<string, string>();
  for (const [name, value] of Object.entries(fields)) {
    const [, field = '', thousands, tier] = NAME.exec(name) ?? [];
    const rate = FIELDS.get(field);
    const price = rate === undefined ? undefined : decimalOf(value, PIECES.has(rate));
    if (rate === undefined || price === undefined) continue;
    const above = thousands === undefined ? '' : `>${Number(thousands) * 1000}`;
    const service = tier === undefined ? '' : `@${tier === 'batches' ? 'batch' : tier}`;
    rates.set(rate + above + service, price);
  }
  const old = decimalOf(fields[OLD_CACHE_READ], false);
  if (old !== undefined && !rates.has('cacheRead')) rates.set('cacheRead', old);
  const searches = fields[SEARCHES];
  const search = isObject(searches) ? decimalOf(searches[DEFAULT_SEARCH], true) : undefined;
  if (search !== undefined) rates.set('search', search);
  return rates;
}

function rangesOf(tiers: unknown): PriceRange[] {
  const ranges: PriceRange[] = [];
  for (const tier of Array.isArray(tiers) ? tiers : []) {
    if (!isObject(tier) || !Array.isArray(tier['range'])) continue;
    const [above, upTo]: unknown[] = tier['range'];
    const rates = ratesOf(tier);
    if (isBound(above) && isBound(upTo) && rates.size > 0) ranges.push({ above, upTo, rates });
  }
  return ranges.sort((a, b) => a.above - b.above);
}

/** Per million tokens instead of per token; pieces as they are. A number's shortest text is the decimal it was made of. */
function decimalOf(value: unknown, piece: boolean): string | undefined {
  return typeof value === 'number' ? shiftDecimal(String(value), piece ? 0 : 6) : undefined;
}

function isBound(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
