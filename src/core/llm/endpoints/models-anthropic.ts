import { NexusError } from '../../errors/nexus-error.ts';
import type { ModelEntry, ModelSnapshot } from '../models/snapshot.ts';
import { countIn, indexAfter, indexOf, LARGEST_PAGE } from './model-page.ts';

/** Anthropic's list of models. `limit`, `after_id` and `before_id` cut a page; without them the list is whole. */
export const anthropicModels = {
  list({ entries }: ModelSnapshot, query: URLSearchParams): string {
    const limit = countIn(query, 'limit', 1);
    const size = limit === undefined ? entries.length : Math.min(limit, LARGEST_PAGE);
    const [after, before] = [query.get('after_id'), query.get('before_id')];
    if (after !== null && before !== null) {
      throw new NexusError('invalid_request', 'Give after_id or before_id, not both', { param: 'before_id' });
    }
    const end = before === null ? entries.length : indexOf(entries, before);
    const start = before === null ? (after === null ? 0 : indexAfter(entries, after)) : Math.max(0, end - size);
    const page = entries.slice(start, Math.min(start + size, end));
    return JSON.stringify({
      data: page.map(model),
      has_more: before === null ? start + page.length < entries.length : start > 0,
      first_id: page[0]?.id ?? null,
      last_id: page.at(-1)?.id ?? null,
    });
  },
  one(snapshot: ModelSnapshot, id: string): string | undefined {
    const entry = snapshot.find(id);
    return entry === undefined ? undefined : JSON.stringify(model(entry));
  },
};

function model({ id, created }: ModelEntry) {
  return { id, type: 'model', display_name: id, created_at: instant(created) };
}

/** Unix seconds as RFC 3339; the epoch where nobody knows, as Anthropic has it. Beyond what a date can hold too. */
function instant(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString();
}
