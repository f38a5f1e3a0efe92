// Pages of the list of models: cut by position, so that a model which disappears between two pages breaks nothing.
import { NexusError } from '../../errors/nexus-error.ts';
import type { ModelEntry } from '../models/snapshot.ts';

/** The most a page holds, whatever was asked for; both vendors that page say so. */
export const LARGEST_PAGE = 1000;

/** Index of the first entry behind the place where `id` stands, or would stand. */
export function indexAfter(entries: readonly ModelEntry[], id: string): number {
  const at = entries.findIndex((entry) => precedes(id, entry.id));
  return at < 0 ? entries.length : at;
}

/** Index of the first entry that does not stand before `id`. */
export function indexOf(entries: readonly ModelEntry[], id: string): number {
  const at = entries.findIndex((entry) => !precedes(entry.id, id));
  return at < 0 ? entries.length : at;
}

/** A count from the query; `undefined` when it is not given. Throws `invalid_request` for what is no count of at least `least`. */
export function countIn(query: URLSearchParams, name: string, least: number): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const count = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  if (count < least) {
    throw new NexusError('invalid_request', `${name} must be a whole number of at least ${least}`, { param: name });
  }
  return count;
}

/** The order of the list: names without a provider first. */
function precedes(a: string, b: string): boolean {
  const qualified = a.includes('/');
  return qualified === b.includes('/') ? a < b : !qualified;
}
