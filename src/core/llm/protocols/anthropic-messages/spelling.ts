import type { Spelling } from '../spelling.ts';

/** What Messages call the fields of a canonical request, where the names differ. */
export const SPELLING: Spelling = new Map<string, readonly [string, ...string[]]>([
  ['maxTokens', ['max_tokens']],
  ['topP', ['top_p']],
  ['topK', ['top_k']],
  ['stop', ['stop_sequences']],
  ['toolChoice', ['tool_choice']],
  ['parallelToolCalls', ['tool_choice.disable_parallel_tool_use']],
  ['reasoning', ['thinking', 'output_config.effort']],
  ['responseFormat', ['output_config.format', 'output_format']],
  ['user', ['metadata.user_id']],
]);
