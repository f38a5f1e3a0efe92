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
}

/** A count as an upstream reported it → a usable one: absent, negative, fractional, absurd and non-numeric become 0 or the nearest integer. */
export function tokenCount(value: unknown): number {
  return typeof value === 'number' && value > 0 && value <= Number.MAX_SAFE_INTEGER ? Math.round(value) : 0;
}
