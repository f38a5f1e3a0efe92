import { extraCount, serviceTierOf, tokenCount, type Usage } from '../../../exchange/usage.ts';
import { isJsonObject } from '../json-object.ts';

/**
 * A `usage` object → tokens. `inputTokens` leaves out what was read from or written to the cache, so the three are added
 * up. The service writes each cache count under two names: `…Tokens`, and `…TokenCount` for older readers. `tier` is the
 * `serviceTier` beside it.
 */
export function readUsage(usage: unknown, tier?: unknown): Usage | undefined {
  if (!isJsonObject(usage)) return undefined;
  const cacheRead = tokenCount(usage['cacheReadInputTokens'] ?? usage['cacheReadInputTokenCount']);
  const cacheWrite = tokenCount(usage['cacheWriteInputTokens'] ?? usage['cacheWriteInputTokenCount']);
  return {
    input: tokenCount(usage['inputTokens']) + cacheRead + cacheWrite,
    output: tokenCount(usage['outputTokens']),
    cacheRead,
    cacheWrite,
    reasoning: 0,
    cacheWrite1h: extraCount(keptForAnHour(usage['cacheDetails']), cacheWrite),
    serviceTier: serviceTierOf(isJsonObject(tier) ? tier['type'] : undefined),
  };
}

/** Writes to the cache by how long they stay. */
function keptForAnHour(details: unknown): number {
  let tokens = 0;
  for (const detail of Array.isArray(details) ? details : []) {
    if (isJsonObject(detail) && detail['ttl'] === '1h') tokens += tokenCount(detail['inputTokens']);
  }
  return tokens;
}
