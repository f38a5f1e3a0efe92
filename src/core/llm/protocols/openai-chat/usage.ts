import { tokenCount, type Usage } from '../../../exchange/usage.ts';
import { isJsonObject } from '../json-object.ts';

/**
 * A `usage` object of this format → tokens. Compatible hosts keep the cached share elsewhere: DeepSeek in
 * `prompt_cache_hit_tokens`, Mistral in `num_cached_tokens`. `undefined` when there are no counts.
 */
export function readUsage(usage: unknown): Usage | undefined {
  if (!isJsonObject(usage)) return undefined;
  const { prompt_tokens, completion_tokens } = usage;
  if (typeof prompt_tokens !== 'number' && typeof completion_tokens !== 'number') return undefined;
  const input = tokenCount(prompt_tokens);
  const output = tokenCount(completion_tokens);
  const read = isJsonObject(usage['prompt_tokens_details']) ? usage['prompt_tokens_details'] : {};
  const written = isJsonObject(usage['completion_tokens_details']) ? usage['completion_tokens_details'] : {};
  const cached = read['cached_tokens'] ?? usage['prompt_cache_hit_tokens'] ?? usage['num_cached_tokens'];
  const cacheRead = Math.min(tokenCount(cached), input);
  return {
    input,
    output,
    cacheRead,
    cacheWrite: Math.min(tokenCount(read['cache_write_tokens']), input - cacheRead),
    reasoning: Math.min(tokenCount(written['reasoning_tokens']), output),
  };
}

/** The usage of one chunk of a stream; Groq has it apart. */
export function readChunkUsage(chunk: { readonly [member: string]: unknown }): Usage | undefined {
  const groq = chunk['x_groq'];
  return readUsage(chunk['usage']) ?? (isJsonObject(groq) ? readUsage(groq['usage']) : undefined);
}

/** Tokens → JSON text of a `usage` object. */
export function writeUsage(usage: Usage): string {
  const written = usage.cacheWrite > 0 ? `,"cache_write_tokens":${usage.cacheWrite}` : '';
  return (
    `{"prompt_tokens":${usage.input},"completion_tokens":${usage.output},"total_tokens":${usage.input + usage.output},` +
    `"prompt_tokens_details":{"cached_tokens":${usage.cacheRead}${written}},` +
    `"completion_tokens_details":{"reasoning_tokens":${usage.reasoning}}}`
  );
}
