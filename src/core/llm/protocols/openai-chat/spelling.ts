import type { Spelling } from '../spelling.ts';

/** What chat completions call the fields of a canonical request, where the names differ. */
export const SPELLING: Spelling = new Map<string, readonly [string, ...string[]]>([
  ['maxTokens', ['max_completion_tokens', 'max_tokens']],
  ['topP', ['top_p']],
  ['frequencyPenalty', ['frequency_penalty']],
  ['presencePenalty', ['presence_penalty']],
  ['topLogprobs', ['top_logprobs']],
  ['toolChoice', ['tool_choice', 'function_call']],
  ['parallelToolCalls', ['parallel_tool_calls']],
  ['reasoning', ['reasoning_effort']],
  ['responseFormat', ['response_format']],
  ['tools.strict', ['tools.function.strict']],
  ['user', ['user', 'safety_identifier']],
  ['serviceTier', ['service_tier']],
]);
