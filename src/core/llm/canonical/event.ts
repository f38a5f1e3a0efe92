import type { NexusError } from '../../errors/nexus-error.ts';
import type { Usage } from '../../exchange/usage.ts';
import type { JsonObject, Origin } from './request.ts';
import type { FinishReason } from './response.ts';

/**
 * One step of a streamed answer. Order: `start`; then text, reasoning, refusals and tool calls as they come; `finish` and
 * `usage` in either order, the last `usage` wins; `end` when the upstream closed its protocol properly. `error` replaces
 * everything that would follow.
 */
export type CanonicalEvent =
  | { readonly type: 'start'; readonly id: string; readonly model: string }
  | { readonly type: 'text'; readonly text: string }
  /** A source of the text before it or around it, in its vendor's form. */
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
  | { readonly type: 'finish'; readonly reason: FinishReason; readonly stopSequence?: string }
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'error'; readonly error: NexusError }
  | { readonly type: 'end' };
