import type { UpstreamHeaders } from './transport.ts';

const KEPT = new Set(['retry-after', 'retry-after-ms', 'x-should-retry', 'x-request-id', 'request-id']);
const KEPT_PREFIXES = ['x-ratelimit-', 'anthropic-ratelimit-', 'openai-'];

const decisions = new Map<string, boolean>();
const DECISION_LIMIT = 1000;

/**
 * The upstream's headers a client may see, names and values in turn: rate limits, request ids, retry advice. Everything else (cookies, server
 * names, CORS, framing) stays behind.
 */
export function clientHeaders(upstream: UpstreamHeaders): string[] {
  const kept: string[] = [];
  const connection = upstream['connection'];
  for (const name in upstream) {
    if (!isKept(name) || isNamedIn(connection, name)) continue;
    const value = upstream[name];
    if (value !== undefined) kept.push(name, typeof value === 'string' ? value : value.join(', '));
  }
  return kept;
}

/** Headers that `connection` names belong to that connection alone. */
function isNamedIn(connection: UpstreamHeaders[string], name: string): boolean {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return false;
  return String(connection)
    .toLowerCase()
    .split(',')
    .some((named) => named.trim() === name);
}

function isKept(name: string): boolean {
  let decision = decisions.get(name);
  if (decision === undefined) {
    const lower = name.toLowerCase();
    decision = KEPT.has(lower) || KEPT_PREFIXES.some((prefix) => lower.startsWith(prefix));
    if (decisions.size < DECISION_LIMIT) decisions.set(name, decision);
  }
  return decision;
}
