import type { FinishReason } from '../../canonical/response.ts';

const FILTERED = new Set<unknown>([
  'SAFETY',
  'RECITATION',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'MODEL_ARMOR',
  'IMAGE_SAFETY',
  'IMAGE_PROHIBITED_CONTENT',
  'IMAGE_RECITATION',
  // Hosts asked for numeric enums; those below mean the same in the Gemini and the Vertex numbering.
  3,
  4,
  7,
  8,
]);

const FAILED_CALL = new Set<unknown>(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'TOO_MANY_TOOL_CALLS']);

/** `finishReason` → why the model stopped. Calls are not told by the reason, only by the parts. */
export function finishReason(reason: unknown, hasCalls: boolean): FinishReason {
  if (hasCalls) return 'tool_calls';
  if (reason === 'MAX_TOKENS' || reason === 2) return 'length';
  return FILTERED.has(reason) ? 'content_filter' : 'stop';
}

/** The model tried to call a tool and failed: without content beside it, that is no answer. */
export function isFailedCall(reason: unknown): boolean {
  return FAILED_CALL.has(reason);
}

/** Whether a member that holds an enum says anything: it is a name, or a number other than its zero. */
export function isSet(value: unknown): value is string | number {
  return (typeof value === 'string' && value !== '') || (typeof value === 'number' && value !== 0);
}

/** What an answer says about its end besides the reason. */
export interface Ending {
  /** A call had to be left out. */
  readonly unreadableCall: boolean;
  /** The model said no in words of its own, which other vendors end like any other answer. */
  readonly hasRefusal: boolean;
}

/** Why the model stopped → `finishReason`. */
export function writeFinish(finish: FinishReason, { unreadableCall, hasRefusal }: Ending): string {
  switch (finish) {
    case 'length':
      return 'MAX_TOKENS';
    case 'content_filter':
      return 'SAFETY';
    default:
      if (unreadableCall) return 'MALFORMED_FUNCTION_CALL';
      return hasRefusal ? 'SAFETY' : 'STOP';
  }
}
