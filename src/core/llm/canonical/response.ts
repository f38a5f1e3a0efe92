import type { Usage } from '../../exchange/usage.ts';
import type { TextPart, ToolCallPart } from './request.ts';

/** Why the model stopped. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter';

export interface CanonicalResponse {
  readonly id: string;
  /** The model's dated name as the upstream gave it. */
  readonly model: string;
  readonly parts: readonly (TextPart | ToolCallPart)[];
  readonly finish: FinishReason;
  readonly usage: Usage | undefined;
}
