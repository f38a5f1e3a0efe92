import { extraCount, serviceTierOf, tokenCount, type Usage } from '../../../exchange/usage.ts';
import { isJsonObject } from '../json-object.ts';

/**
 * A `usage` object of this format → tokens. Compatible hosts keep the cached share elsewhere: Moonshot in
 * `cached_tokens`, DeepSeek in `prompt_cache_hit_tokens`, Mistral in `num_cached_tokens`. Some (xAI, Google) leave the
 * reasoning out of `completion_tokens` and have it in the total only. `tier` is the answer's `service_tier`. `undefined`
 * when there are no counts.
 */
export function readUsage(usage: unknown, tier?: unknown): Usage | undefined {
  if (!isJsonObject(usage)) return undefined;
  const { prompt_tokens, completion_tokens } = usage;
  if (typeof prompt_tokens !== 'number' && typeof completion_tokens !== 'number') return undefined;
  const input = tokenCount(prompt_tokens);
  const told = tokenCount(completion_tokens);
  const read = isJsonObject(usage['prompt_tokens_details']) ? usage['prompt_tokens_details'] : {};
  const written = isJsonObject(usage['completion_tokens_details']) ? usage['completion_tokens_details'] : {};
  const unseen = unseenReasoning(
    typeof prompt_tokens === 'number' ? tokenCount(usage['total_tokens']) - input - told : 0,
    written['reasoning_tokens'],
  );
  const output = told + unseen;
  const cached =
    read['cached_tokens'] ?? usage['cached_tokens'] ?? usage['prompt_cache_hit_tokens'] ?? usage['num_cached_tokens'];
  const cacheRead = Math.min(tokenCount(cached), input);
  return {
    input,
    output,
    cacheRead,
    cacheWrite: Math.min(tokenCount(read['cache_write_tokens']), input - cacheRead),
    reasoning: Math.min(Math.max(tokenCount(written['reasoning_tokens']), unseen), output),
    audioInput: extraCount(read['audio_tokens'], input),
    audioOutput: extraCount(written['audio_tokens'], output),
    searches: searchesOf(usage),
    serviceTier: serviceTierOf(tier),
  };
}

/** What the total has beyond prompt and completion is reasoning, unless the vendor tells of another amount of it. */
function unseenReasoning(beyond: number, told: unknown): number {
  return beyond > 0 && (typeof told !== 'number' || told === beyond) ? beyond : 0;
}

/** Perplexity counts its searches, OpenRouter those of its tools. */
function searchesOf(usage: { readonly [member: string]: unknown }): number | undefined {
  const tools = usage['server_tool_use_details'];
  return extraCount(usage['num_search_queries'] ?? (isJsonObject(tools) ? tools['web_search_requests'] : undefined));
}

/** The usage of one chunk of a stream; Groq has it apart, Moonshot in the choice that ends. */
export function readChunkUsage(chunk: { readonly [member: string]: unknown }): Usage | undefined {
  const groq = chunk['x_groq'];
  const tier = chunk['service_tier'];
  const choice: unknown = Array.isArray(chunk['choices']) ? chunk['choices'][0] : undefined;
  return (
    readUsage(chunk['usage'], tier) ??
    (isJsonObject(groq) ? readUsage(groq['usage'], tier) : undefined) ??
    (isJsonObject(choice) ? readUsage(choice['usage'], tier) : undefined)
  );
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
