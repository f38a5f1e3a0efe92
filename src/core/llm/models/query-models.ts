import { NexusError } from '../../errors/nexus-error.ts';
import type { Transport } from '../../http/transport.ts';
import type { Provider } from '../providers/provider.ts';
import { getJson } from '../upstream/get-json.ts';
import { type DiscoveredModel, LIST_FORMS } from './list-page.ts';

/** Bounds against lists that never end. */
const MOST_PAGES = 100;
const MOST_MODELS = 20_000;

/**
 * Asks a provider for all its models, page by page, with its configured key. Rejects with a `NexusError` when a page
 * fails: half a list would make models disappear.
 */
export async function queryModels(
  provider: Provider,
  transport: Transport,
  signal: AbortSignal,
): Promise<readonly DiscoveredModel[]> {
  const models: DiscoveredModel[] = [];
  for (const { form: name, headers, path } of provider.listings) {
    const form = LIST_FORMS[name];
    let query: string | undefined = form.first;
    for (let page = 0; query !== undefined; page++) {
      if (page === MOST_PAGES || models.length > MOST_MODELS) {
        throw new NexusError('upstream_invalid', "The provider's list of models does not end");
      }
      const question = { origin: provider.url, path: withQuery(path, query), headers };
      const { models: more, next } = form.read(await getJson(transport, question, signal));
      for (const model of more) models.push(model);
      if (next === query) {
        throw new NexusError('upstream_invalid', "The provider's list of models repeats a page");
      }
      query = next;
    }
  }
  return models;
}

function withQuery(path: string, query: string): string {
  if (query === '') return path;
  return `${path}${path.includes('?') ? '&' : '?'}${query}`;
}
