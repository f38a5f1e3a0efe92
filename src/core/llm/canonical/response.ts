import type { Usage } from '../../exchange/usage.ts';
import type { MediaPart, ReasoningPart, RefusalPart, TextPart, ToolCallPart } from './request.ts';

/** Why the model stopped. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter';

export type ResponsePart = TextPart | ReasoningPart | RefusalPart | ToolCallPart | MediaPart;

export interface CanonicalResponse {
  /** The upstream's id; empty where it gives none. */
  readonly id: string;
  /** The model's dated name as the upstream gave it. */
  readonly model: string;
  readonly parts: readonly ResponsePart[];
  readonly finish: FinishReason;
  /** The sequence that stopped it, where the upstream says which. */
  readonly stopSequence?: string;
  readonly usage: Usage | undefined;
}
