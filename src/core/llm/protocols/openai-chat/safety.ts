import type { JsonObject } from '../../canonical/request.ts';
import type { SafetyReport } from '../../canonical/safety.ts';
import { isJsonObject } from '../json-object.ts';

/**
 * What Azure adds to an answer, or to a chunk of one: `prompt_filter_results` beside the choices and
 * `content_filter_results` in them. `undefined` when it says nothing.
 */
export function readSafety(body: JsonObject, choice: JsonObject | undefined): SafetyReport | undefined {
  const listed = body['prompt_filter_results'];
  const found = choice?.['content_filter_results'];
  if (listed === undefined && found === undefined) return undefined;
  const promptFilter = Array.isArray(listed) ? listed.filter(isJsonObject) : [];
  const contentFilter = isJsonObject(found) && Object.keys(found).length > 0 ? found : undefined;
  if (promptFilter.length === 0 && contentFilter === undefined) return undefined;
  return { ...(promptFilter.length > 0 && { promptFilter }), ...(contentFilter !== undefined && { contentFilter }) };
}
