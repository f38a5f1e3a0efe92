import { NexusError } from './nexus-error.ts';

/** Anything thrown → a NexusError. What was not foreseen is masked: its text may hold secrets; the cause keeps it. */
export function fromUnknown(thrown: unknown): NexusError {
  if (NexusError.is(thrown)) return thrown;
  return new NexusError('internal', 'Internal server error', { cause: thrown });
}
