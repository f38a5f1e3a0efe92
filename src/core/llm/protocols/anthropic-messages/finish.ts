import type { FinishReason } from '../../canonical/response.ts';

/** `stop_reason` → why the model stopped. A pause for the vendor's own tools and reasons not known yet end the turn. */
export function finishReason(stopReason: unknown): FinishReason {
  switch (stopReason) {
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'length';
    case 'tool_use':
      return 'tool_calls';
    case 'refusal':
      return 'content_filter';
    default:
      return 'stop';
  }
}
