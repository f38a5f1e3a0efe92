import type { Spelling } from '../spelling.ts';

/** What generateContent calls the fields of a canonical request. */
export const SPELLING: Spelling = new Map<string, readonly [string, ...string[]]>([
  ['maxTokens', ['generationConfig.maxOutputTokens', 'generation_config.max_output_tokens']],
  ['temperature', ['generationConfig.temperature', 'generation_config.temperature']],
  ['topP', ['generationConfig.topP', 'generation_config.top_p']],
  ['topK', ['generationConfig.topK', 'generation_config.top_k']],
  ['seed', ['generationConfig.seed', 'generation_config.seed']],
  ['stop', ['generationConfig.stopSequences', 'generation_config.stop_sequences']],
  ['frequencyPenalty', ['generationConfig.frequencyPenalty', 'generation_config.frequency_penalty']],
  ['presencePenalty', ['generationConfig.presencePenalty', 'generation_config.presence_penalty']],
  ['logprobs', ['generationConfig.responseLogprobs', 'generation_config.response_logprobs']],
  ['topLogprobs', ['generationConfig.logprobs', 'generation_config.logprobs']],
  ['toolChoice', ['toolConfig', 'tool_config']],
  ['reasoning', ['generationConfig.thinkingConfig', 'generation_config.thinking_config']],
  ['responseFormat', ['generationConfig.responseMimeType', 'generation_config.response_mime_type']],
  ['serviceTier', ['serviceTier', 'service_tier']],
]);
