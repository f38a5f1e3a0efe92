import { createHash } from 'node:crypto';
import type { ParsedRate } from '../../config/resolve-limits.ts';

const SIMPLE = /^[\w.@-]{1,64}$/;
const LONGEST = 128;

/**
 * Names of a counter and its limit → its key: what callers choose is encoded, so that no two lists of names give the same
 * key, and short, whatever they send.
 */
export function counterKey(scope: string, names: readonly string[], rate: ParsedRate): string {
  return joined(scope, names) + ending(rate);
}

/** The same where only the last names differ from key to key. */
export function counterKeys(
  scope: string,
  names: readonly string[],
  rate: ParsedRate,
): (last: readonly string[]) => string {
  const head = joined(scope, names);
  const end = ending(rate);
  const whole = head + end;
  return (last) => (last.length === 0 ? whole : joined(head, last) + end);
}

/** Counters of different limits never mix, also when a configuration has changed. */
function ending({ limit, interval }: ParsedRate): string {
  return `:${limit}/${interval}`;
}

function joined(head: string, names: readonly string[]): string {
  let key = head;
  for (const name of names) key += `:${encodeName(name)}`;
  return key;
}

function encodeName(name: string): string {
  if (SIMPLE.test(name)) return name;
  const encoded = encodeURIComponent(name.replaceAll(/\p{Surrogate}/gu, '\uFFFD')).replaceAll('~', '%7E');
  if (encoded.length <= LONGEST) return encoded;
  return `~${createHash('sha256').update(name).digest('base64url')}`;
}
