/** One question to a shared store about limits. */
export interface StoreCommand {
  readonly operation: 'check_and_consume' | 'check_and_consume_tokens';
  /** Whose limits were asked about, in their order: `global`, `ip`, `client`, `token`, `tokens`. */
  readonly scopes: readonly string[];
  /** Milliseconds after the request began. */
  readonly startMs: number;
  readonly durationMs: number;
  /** Of the limit that decided: most in any interval, and the interval in milliseconds. */
  readonly limit: number;
  readonly intervalMs: number;
  /** Tokens that were asked for; 0 where requests are counted. */
  readonly tokens: number;
  /** Whether the store was away, and somebody else decided. */
  readonly failed: boolean;
  readonly allowed: boolean;
  /** Milliseconds; 0 where it was allowed. */
  readonly retryAfterMs: number;
}
