import type { ServiceTier } from '../../exchange/usage.ts';
import type { RequestedTier } from '../canonical/request.ts';

/** Words of OpenAI and Google for the class of service that is given unasked. */
const STANDARD: ReadonlySet<string> = new Set(['auto', 'default', 'standard', 'unspecified']);

/**
 * A class of service as a client asks for it → its canonical form, which is none for the standard one. What no other
 * vendor has is named in `unsupported` as `field`.
 */
export function decodeServiceTier(word: unknown, field: string, unsupported: Set<string>): RequestedTier | undefined {
  if (typeof word !== 'string' || STANDARD.has(word)) return undefined;
  if (word === 'flex' || word === 'priority' || word === 'reserved') return word;
  unsupported.add(field);
  return undefined;
}

/** The class of service that an answer was given, as a further member of OpenAI's formats; empty for the standard one. */
export function writeServiceTier(tier: ServiceTier | undefined): string {
  return tier === 'flex' || tier === 'priority' ? `,"service_tier":"${tier}"` : '';
}
