import { createHash } from 'node:crypto';
import type { ParsedRate } from '../../config/resolve-limits.ts';

const SIMPLE = /^[\w.@-]{1,64}$/;
const LONGEST = 128;

/**
 * Names of a counter and its limit → its key: what callers choose is encoded, so that no two lists of names give the same
 * key, and short, whatever they send.
 */
export function counterKey(scope: string, names: readonly string[], { limit, interval }: ParsedRate): string {
  let key = scope;
  for (const name of names) key += `:${encodeName(name)}`;
  // Counters of different limits never mix, also when a configuration has changed.
  return `${key}:${limit}/${interval}`;
}

function encodeName(name: string): string {
  if (SIMPLE.test(name)) return name;
  const encoded = encodeURIComponent(name.replaceAll(/\p{Surrogate}/gu, '\uFFFD')).replaceAll('~', '%7E');
  if (encoded.length <= LONGEST) return encoded;
  return `~${createHash('sha256').update(name).digest('base64url')}`;
}
