import { NexusError } from '../../../errors/nexus-error.ts';

/** Something this format can say that no other vendor's can. */
export function untranslatable(path: string, what: string): NexusError {
  const message = `${path}: the protocol of this model's provider cannot take ${what}`;
  return new NexusError('invalid_request', message, { param: path });
}
