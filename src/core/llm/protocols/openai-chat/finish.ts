import { NexusError } from '../../../errors/nexus-error.ts';
import type { FinishReason } from '../../canonical/response.ts';

const REASONS: ReadonlyMap<unknown, FinishReason> = new Map<unknown, FinishReason>([
  ['length', 'length'],
  ['max_tokens', 'length'],
  ['model_length', 'length'],
  ['tool_calls', 'tool_calls'],
  ['function_call', 'tool_calls'],
  ['content_filter', 'content_filter'],
]);

/**
 * Why the model stopped. Hosts have words of their own for the natural end (`eos`, an empty string). An answer that
 * calls tools ends with `tool_calls`, also where the host says `stop`, as OpenAI does when the tool was named for the
 * model.
 */
export function finishReason(native: unknown, hasCalls: boolean): FinishReason {
  return REASONS.get(native) ?? (hasCalls ? 'tool_calls' : 'stop');
}

const BREAKDOWNS: ReadonlySet<unknown> = new Set(['error', 'insufficient_system_resource']);

/** Some hosts report their own breakdown as a reason to stop: no such answer is whole. */
export function breakdown(native: unknown): NexusError | undefined {
  if (!BREAKDOWNS.has(native)) return undefined;
  return new NexusError('upstream_failed', 'The provider gave up before the answer was whole');
}
