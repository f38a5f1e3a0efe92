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

/** What an answer says about its end besides the reason. */
export interface Ending {
  readonly stopSequence: string | undefined;
  readonly hasCalls: boolean;
  readonly hasRefusal: boolean;
}

/**
 * Why the model stopped → `stop_reason`. Other vendors end a forced call and a refusal in words like any other answer;
 * clients of this format act upon `tool_use` and `refusal` only.
 */
export function stopReason(finish: FinishReason, { stopSequence, hasCalls, hasRefusal }: Ending): string {
  switch (finish) {
    case 'length':
      return 'max_tokens';
    case 'tool_calls':
      return 'tool_use';
    case 'content_filter':
      return 'refusal';
    case 'stop':
      if (hasRefusal) return 'refusal';
      if (stopSequence !== undefined) return 'stop_sequence';
      return hasCalls ? 'tool_use' : 'end_turn';
  }
}
