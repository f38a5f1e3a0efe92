import { tokenCount, type Usage } from '../../../exchange/usage.ts';
import { isJsonObject } from '../json-object.ts';

/** A `usage` object of this format → tokens. `undefined` when there are no counts. */
export function readUsage(usage: unknown): Usage | undefined {
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
  };
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
