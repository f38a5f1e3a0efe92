import { extraCount, serviceTierOf, tokenCount, type Usage } from '../../../exchange/usage.ts';
import { isJsonObject } from '../json-object.ts';

/**
 * A `usage` object of this format → tokens. `input_tokens` leaves out what was read from or written to the cache, so
 * the three are added up. Counts missing in `usage` are taken from `earlier`: in a stream the closing event of older
 * models repeats the output count only. `undefined` when neither is an object.
 */
export function readUsage(usage: unknown, earlier?: unknown): Usage | undefined {
  if (!isJsonObject(usage) && !isJsonObject(earlier)) return undefined;
  const last = isJsonObject(usage) ? usage : {};
  const first = isJsonObject(earlier) ? earlier : {};
  const count = (name: string) => tokenCount(last[name] ?? first[name]);
  const cacheRead = count('cache_read_input_tokens');
  const cacheWrite = count('cache_creation_input_tokens');
  const output = count('output_tokens');
  const inner = (name: string, member: string): unknown => {
    const details = last[name] ?? first[name];
    return isJsonObject(details) ? details[member] : undefined;
  };
  const thinking = tokenCount(inner('output_tokens_details', 'thinking_tokens'));
  return {
    input: count('input_tokens') + cacheRead + cacheWrite,
    output,
    cacheRead,
    cacheWrite,
    reasoning: Math.min(thinking, output),
    cacheWrite1h: extraCount(inner('cache_creation', 'ephemeral_1h_input_tokens'), cacheWrite),
    searches: extraCount(inner('server_tool_use', 'web_search_requests')),
    serviceTier: serviceTierOf(last['service_tier'] ?? first['service_tier']),
  };
}

/** Tokens → JSON text of a `usage` object. Unknown counts are written as 0, because clients read them unasked. */
export function writeUsage(usage: Usage | undefined): string {
  if (usage === undefined) {
    return '{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0}';
  }
  const { input, output, cacheRead, cacheWrite, reasoning } = usage;
  const details = reasoning > 0 ? `,"output_tokens_details":{"thinking_tokens":${reasoning}}` : '';
  return (
    `{"input_tokens":${Math.max(input - cacheRead - cacheWrite, 0)},"cache_creation_input_tokens":${cacheWrite},` +
    `"cache_read_input_tokens":${cacheRead},"output_tokens":${output}${details}}`
  );
}
