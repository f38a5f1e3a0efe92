import type { FinishReason } from '../../exchange/record.ts';
import type { Usage } from '../../exchange/usage.ts';
import type { TokenLogprob } from './logprobs.ts';
import type { MediaPart, ReasoningPart, RefusalPart, TextPart, ToolCallPart } from './request.ts';
import type { SafetyReport } from './safety.ts';

export type { FinishReason };

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
  /** The tokens of its text, where they were asked for. */
  readonly logprobs?: readonly TokenLogprob[];
  readonly safety?: SafetyReport;
  readonly usage: Usage | undefined;
}
