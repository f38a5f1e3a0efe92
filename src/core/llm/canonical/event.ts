import type { NexusError } from '../../errors/nexus-error.ts';
import type { Usage } from '../../exchange/usage.ts';
import type { FinishReason } from './response.ts';

/**
 * One step of a streamed answer. Order: `start`; then text and tool calls as they come (`tool_call` opens call number
 * `index`, counted from 0 by first appearance; `tool_arguments` adds JSON text to it); `finish` and `usage` in either
 * order, the last `usage` wins; `end` when the upstream closed its protocol properly. `error` replaces everything that
 * would follow.
 */
export type CanonicalEvent =
  | { readonly type: 'start'; readonly id: string; readonly model: string }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_call'; readonly index: number; readonly id: string; readonly name: string }
  | { readonly type: 'tool_arguments'; readonly index: number; readonly json: string }
  | { readonly type: 'finish'; readonly reason: FinishReason }
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'error'; readonly error: NexusError }
  | { readonly type: 'end' };
