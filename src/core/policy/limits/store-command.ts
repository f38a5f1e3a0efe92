// What a shared store was asked about limits, for the record of the request that asked.
import type { RequestRecord } from '../../exchange/record.ts';
import type { Decision, Demand } from '../../stores/counter-store.ts';

/** Writes a question to a shared store into the record; counters of this process are no news. */
export function noteStoreCommand(
  record: RequestRecord | undefined,
  demands: readonly Demand[],
  { asked, refused, retryAfter }: Decision,
  countsTokens = false,
): void {
  const deciding = demands[refused ?? 0];
  if (record === undefined || asked === undefined || deciding === undefined) return;
  const command = {
    operation: countsTokens ? 'check_and_consume_tokens' : 'check_and_consume',
    scopes: demands.map(scopeOf),
    startMs: asked.begunAt - record.begunAt,
    durationMs: asked.took,
    limit: deciding.limit,
    intervalMs: deciding.interval,
    tokens: countsTokens ? Math.max(0, ...demands.map(({ amount }) => amount)) : 0,
    failed: asked.failed,
    allowed: refused === undefined,
    retryAfterMs: retryAfter,
  } as const;
  record.storeCommands = [...record.storeCommands, command];
}

/** What a counter's key begins with; a tool's counter is one of its server's. */
function scopeOf({ key }: Demand): string {
  const [scope = '', , kind] = key.split(':', 3);
  return scope === 'server' && kind === 'tool' ? 'tool' : scope;
}
