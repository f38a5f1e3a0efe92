import { extraCount, serviceTierOf, tokenCount, type Usage } from '../../../exchange/usage.ts';
import type { JsonObject } from '../../canonical/request.ts';
import { isJsonObject } from '../json-object.ts';

/** A `response` object → what it used: its `usage`, its searches, its class of service. `undefined` when there are no counts. */
export function readUsage({ usage, output: items, service_tier: tier }: JsonObject): Usage | undefined {
  if (!isJsonObject(usage)) return undefined;
  const { input_tokens, output_tokens } = usage;
  if (typeof input_tokens !== 'number' && typeof output_tokens !== 'number') return undefined;
  const input = tokenCount(input_tokens);
  const output = tokenCount(output_tokens);
  const read = isJsonObject(usage['input_tokens_details']) ? usage['input_tokens_details'] : {};
  const written = isJsonObject(usage['output_tokens_details']) ? usage['output_tokens_details'] : {};
  const cacheRead = Math.min(tokenCount(read['cached_tokens']), input);
  return {
    input,
    output,
    cacheRead,
    cacheWrite: Math.min(tokenCount(read['cache_write_tokens']), input - cacheRead),
    reasoning: Math.min(tokenCount(written['reasoning_tokens']), output),
    searches: searchesIn(items),
    serviceTier: serviceTierOf(tier),
  };
}

/** Searches of the vendor's own tool; looking into a page that was found costs nothing. */
function searchesIn(items: unknown): number | undefined {
  if (!Array.isArray(items)) return undefined;
  const isSearch = (item: unknown): boolean => {
    if (!isJsonObject(item) || item['type'] !== 'web_search_call') return false;
    const { action } = item;
    return !isJsonObject(action) || action['type'] === 'search';
  };
  return extraCount(items.filter(isSearch).length);
}

/** Tokens → JSON text of a `usage` object; `null` when nothing was counted. */
export function writeUsage(usage: Usage | undefined): string {
  if (usage === undefined) return 'null';
  return (
    `{"input_tokens":${usage.input},"input_tokens_details":{"cached_tokens":${usage.cacheRead},` +
    `"cache_write_tokens":${usage.cacheWrite}},"output_tokens":${usage.output},` +
    `"output_tokens_details":{"reasoning_tokens":${usage.reasoning}},"total_tokens":${usage.input + usage.output}}`
  );
}
