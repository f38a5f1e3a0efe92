import type { FinishReason } from '../../canonical/response.ts';

/** `stopReason` → why the model stopped. Reasons not known yet end the turn. */
export function finishReason(stopReason: unknown): FinishReason {
  switch (stopReason) {
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'length';
    case 'tool_use':
      return 'tool_calls';
    case 'content_filtered':
    case 'guardrail_intervened':
      return 'content_filter';
    default:
      return 'stop';
  }
}

/** The model wrote something that its host could not read: without content beside it, that is no answer. */
export function isFailedAnswer(stopReason: unknown): boolean {
  return stopReason === 'malformed_model_output' || stopReason === 'malformed_tool_use';
}
