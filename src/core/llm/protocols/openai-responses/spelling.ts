import type { Spelling } from '../spelling.ts';

/** What responses call the fields of a canonical request, where the names differ. */
export const SPELLING: Spelling = new Map<string, readonly [string, ...string[]]>([
  ['maxTokens', ['max_output_tokens']],
  ['topP', ['top_p']],
  ['toolChoice', ['tool_choice']],
  ['parallelToolCalls', ['parallel_tool_calls']],
  ['responseFormat', ['text.format']],
  ['logprobs', ['include']],
  ['topLogprobs', ['top_logprobs']],
  ['user', ['user', 'safety_identifier']],
  ['serviceTier', ['service_tier']],
]);
