import type { JsonObject } from '../../canonical/request.ts';
import type { SafetyReport } from '../../canonical/safety.ts';
import { isJsonObject } from '../json-object.ts';

/**
 * What Azure adds to a response, `content_filters`, in the form in which it says the same of chat completions. A list of
 * `{ source_type: 'prompt' | 'completion', content_filter_results, … }`; `undefined` when it says nothing.
 */
export function readSafety({ content_filters: filters }: JsonObject): SafetyReport | undefined {
  if (!Array.isArray(filters)) return undefined;
  const promptFilter: JsonObject[] = [];
  let contentFilter: JsonObject | undefined;
  for (const filter of filters) {
    if (!isJsonObject(filter)) continue;
    const { source_type: source, content_filter_results: results } = filter;
    if (!isJsonObject(results)) continue;
    if (source === 'prompt') promptFilter.push({ prompt_index: promptFilter.length, content_filter_results: results });
    else contentFilter = { ...contentFilter, ...results };
  }
  if (promptFilter.length === 0 && contentFilter === undefined) return undefined;
  return { ...(promptFilter.length > 0 && { promptFilter }), ...(contentFilter !== undefined && { contentFilter }) };
}
