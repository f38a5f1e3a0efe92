import { tokenCount, type Usage } from '../../../exchange/usage.ts';
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
  const details = last['output_tokens_details'] ?? first['output_tokens_details'];
  const thinking = isJsonObject(details) ? tokenCount(details['thinking_tokens']) : 0;
  return {
    input: Math.min(count('input_tokens') + cacheRead + cacheWrite, Number.MAX_SAFE_INTEGER),
    output,
    cacheRead,
    cacheWrite,
    reasoning: Math.min(thinking, output),
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
