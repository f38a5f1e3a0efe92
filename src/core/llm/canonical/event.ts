import type { NexusError } from '../../errors/nexus-error.ts';
import type { Usage } from '../../exchange/usage.ts';
import type { TokenLogprob } from './logprobs.ts';
import type { JsonObject, MediaPart, Origin } from './request.ts';
import type { FinishReason } from './response.ts';
import type { SafetyReport } from './safety.ts';

/**
 * One step of a streamed answer. Order: `start`; then text, reasoning, refusals and tool calls as they come; `finish` and
 * `usage` in either order, the last `usage` wins; `end` when the upstream closed its protocol properly. `error` replaces
 * everything that would follow.
 */
export type CanonicalEvent =
  | { readonly type: 'start'; readonly id: string; readonly model: string }
  /** How likely the tokens of the text are that comes next. */
  | { readonly type: 'logprobs'; readonly tokens: readonly TokenLogprob[] }
  | { readonly type: 'text'; readonly text: string }
  /** A border: the text before it is a block of its own. Vendors whose answers have no blocks never send it. */
  | { readonly type: 'text_end' }
  /** Something the model made that is not text: a picture. */
  | { readonly type: 'media'; readonly media: MediaPart }
  /** A source of the text since the last border, in its vendor's form. */
  | { readonly type: 'citation'; readonly citation: JsonObject }
  | { readonly type: 'refusal'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  /** Closes a thought: proves the reasoning text since the last one, or carries a thought nobody else can read. */
  | {
      readonly type: 'reasoning_end';
      readonly signature?: string;
      readonly redacted?: string;
      readonly origin?: Origin;
      readonly id?: string;
    }
  /** Opens call number `index`, counted from 0 by first appearance. */
  | {
      readonly type: 'tool_call';
      readonly index: number;
      readonly id: string;
      readonly name: string;
      readonly signature?: string;
    }
  /** Adds JSON text to the arguments of call `index`. */
  | { readonly type: 'tool_arguments'; readonly index: number; readonly json: string }
  /** What filters found so far. May come again: each member's last word holds. */
  | { readonly type: 'safety'; readonly report: SafetyReport }
  | { readonly type: 'finish'; readonly reason: FinishReason; readonly stopSequence?: string }
  | { readonly type: 'usage'; readonly usage: Usage }
  /** `requestId` is the gateway's name for the request, where it is told. */
  | { readonly type: 'error'; readonly error: NexusError; readonly requestId?: string }
  | { readonly type: 'end' };
