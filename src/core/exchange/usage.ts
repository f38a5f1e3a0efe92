/**
 * Tokens of one call, normalised over all vendors: `input` is everything the model read (cached or not), `output`
 * everything it wrote (reasoning included). Always non-negative integers.
 */
export interface Usage {
  readonly input: number;
  readonly output: number;
  /** Part of `input` that was read from the vendor's prompt cache. */
  readonly cacheRead: number;
  /** Part of `input` that was written to the vendor's prompt cache. */
  readonly cacheWrite: number;
  /** Part of `output` spent on reasoning. */
  readonly reasoning: number;
  /** Part of `cacheWrite` that is kept for an hour instead of minutes. Absent: the vendor does not tell them apart. */
  readonly cacheWrite1h?: number | undefined;
  /** Part of `input` that was sound. Absent: none, or not told. */
  readonly audioInput?: number | undefined;
  /** Part of `output` that was sound. Absent: none, or not told. */
  readonly audioOutput?: number | undefined;
  /** Searches the vendor made on the model's behalf and bills apart from tokens. Absent: none, or not told. */
  readonly searches?: number | undefined;
  /** The class of service the vendor says it served, where that is not its standard one. */
  readonly serviceTier?: ServiceTier | undefined;
}

/** Classes of service with prices of their own. */
export type ServiceTier = 'batch' | 'flex' | 'priority';

/** No call comes near it; whatever is above is not a count. */
const LARGEST_COUNT = 1e9;

/**
 * A count as an upstream reported it → a usable one: a fraction becomes the nearest integer; what is absent, negative, not
 * a number or absurd (above a thousand million) becomes 0.
 */
export function tokenCount(value: unknown): number {
  return typeof value === 'number' && value > 0 && value <= LARGEST_COUNT ? Math.round(value) : 0;
}

/** `tokenCount` of a count that need not be there: `undefined` for none. */
export function extraCount(value: unknown, limit = LARGEST_COUNT): number | undefined {
  return Math.min(tokenCount(value), limit) || undefined;
}

/**
 * A class of service in any vendor's words (`priority`, `flex`, `batch`, `ON_DEMAND_PRIORITY`, …) → ours; `undefined` for
 * the standard one and for all that are priced like it.
 */
export function serviceTierOf(value: unknown): ServiceTier | undefined {
  if (typeof value !== 'string' || value.length > 64) return undefined;
  const word = value.slice(value.lastIndexOf('_') + 1).toLowerCase();
  return word === 'batch' || word === 'flex' || word === 'priority' ? word : undefined;
}
