import type { Principal } from '../../exchange/principal.ts';
import { type JsonObject, JsonRpcError } from '../wire/json-rpc.ts';
import { isObject } from '../wire/message.ts';
import { CODES, LEGACY } from '../wire/revision.ts';
import { invalidParams, type Surface } from './surface.ts';

export interface Handshake {
  readonly revision: string;
  /** What the client declared. */
  readonly capabilities: JsonObject;
  readonly result: JsonObject;
}

/** Answers `initialize`: the client's revision where it is served, else our newest. Throws -32602. */
export async function shakeHands(
  surface: Surface,
  params: JsonObject,
  principal: Principal | undefined,
): Promise<Handshake> {
  const { protocolVersion, capabilities } = params;
  if (typeof protocolVersion !== 'string') throw invalidParams('"protocolVersion" must be a string');
  if (capabilities !== undefined && !isObject(capabilities)) throw invalidParams('"capabilities" must be an object');
  const [newest] = LEGACY;
  const revision = LEGACY.includes(protocolVersion) ? protocolVersion : newest;
  if (revision === undefined) throw new JsonRpcError(CODES.internal, 'No revision is served');
  const declared = capabilities ?? {};
  const described = await surface.describe({ principal, scope: 'handshake', capabilities: {} });
  return {
    revision,
    capabilities: declared,
    result: {
      protocolVersion: revision,
      capabilities: described.capabilities,
      serverInfo: surface.serverInfo,
      ...(described.instructions === undefined ? {} : { instructions: described.instructions }),
    },
  };
}
