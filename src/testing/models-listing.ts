// The answer to `GET …/models`: the list, in pages where the vendor pages, or whatever a test wants said instead.
import type { Dialect } from './dialect.ts';
import type { FakeReply } from './fake-rule.ts';

/** Ids, or a reply in the list's place: an error, a fault, a body. A reply with neither only changes how the list is sent. */
export type FakeModels = readonly string[] | FakeReply;

export interface ModelsListing {
  /** Answers so from now on. */
  set(models: FakeModels): void;
  /** What is answered to a request with this query. */
  reply(dialect: Dialect, query: string): FakeReply;
  /** Back to the list of the beginning. */
  reset(): void;
}

/** Entries of a page unless the client says otherwise, as Anthropic and Google have it. OpenAI knows no pages. */
const ANTHROPIC_PAGE = 20;
const GOOGLE_PAGE = 50;
const LARGEST_PAGE = 1000;

export function createModelsListing(initial: readonly string[]): ModelsListing {
  let ids = initial;
  let instead: FakeReply | undefined;
  return {
    set(models) {
      if (isIds(models)) {
        ids = models;
        instead = undefined;
      } else instead = models;
    },
    reply(dialect, query) {
      if (instead?.error !== undefined || instead?.body !== undefined) return instead;
      return { ...page(dialect, ids, new URLSearchParams(query)), ...instead };
    },
    reset() {
      ids = initial;
      instead = undefined;
    },
  };
}

function isIds(models: FakeModels): models is readonly string[] {
  return Array.isArray(models);
}

function page(dialect: Dialect, ids: readonly string[], query: URLSearchParams): FakeReply {
  const body = (shown: readonly string[], more: object): FakeReply => ({
    body: JSON.stringify({ ...dialect.models(shown), ...more }),
  });
  if (dialect.protocol === 'anthropic') {
    const after = query.get('after_id');
    const start = after === null ? 0 : ids.indexOf(after) + 1;
    if (after !== null && start === 0) return { error: { status: 400, message: 'after_id: no such model' } };
    const end = start + size(query.get('limit'), ANTHROPIC_PAGE);
    return body(ids.slice(start, end), { has_more: end < ids.length });
  }
  if (dialect.protocol === 'google') {
    const start = Number(query.get('pageToken') ?? 0);
    if (!Number.isSafeInteger(start)) return { error: { status: 400, message: 'Invalid page token' } };
    const end = start + size(query.get('pageSize'), GOOGLE_PAGE);
    return body(ids.slice(start, end), end < ids.length ? { nextPageToken: String(end) } : {});
  }
  return body(ids, {});
}

function size(asked: string | null, standard: number): number {
  return Math.min(Number(asked ?? 0) || standard, LARGEST_PAGE);
}
