// The first words with a server: which era it speaks, what it can do. Sources: the chapters "Lifecycle" (to 2025-11-25)
// and "Versioning" (from 2026-07-28) of the specification.
import { NexusError } from '../../errors/nexus-error.ts';
import { type JsonObject, JsonRpcError } from '../wire/json-rpc.ts';
import { isObject } from '../wire/message.ts';
import { CODES, LEGACY, META, MODERN } from '../wire/revision.ts';
import { linkFacts, linkFailure, REQUEST_TIMEOUT } from './link-failure.ts';
import type { Peer } from './peer.ts';

/** What a server said about itself. */
export interface Session {
  readonly era: 'legacy' | 'modern';
  readonly version: string;
  readonly capabilities: JsonObject;
  readonly instructions: string | undefined;
}

export interface Introduction {
  readonly clientInfo: JsonObject;
  /** What the server may ask of the client, in the client's own words. */
  readonly capabilities: JsonObject;
}

/** Members of `_meta` every request to a modern server carries. */
export function modernMeta({ clientInfo, capabilities }: Introduction): JsonObject {
  return {
    [META.protocolVersion]: MODERN,
    [META.clientInfo]: clientInfo,
    [META.clientCapabilities]: capabilities,
  };
}

/** Asks a server whether it is a modern one; undefined when it is none. Rejects when that cannot be told. */
export async function discover(peer: Peer, who: Introduction, signal: AbortSignal): Promise<Session | undefined> {
  const ask = (): Promise<JsonObject> => peer.request('server/discover', { _meta: modernMeta(who) }, { signal });
  let result: JsonObject;
  try {
    // A server that refuses the revision and names it among its own is asked once more.
    result = await ask().catch((error: unknown) => {
      if (offersModern(error)) return ask();
      throw error;
    });
  } catch (error) {
    if (isLegacyAnswer(error)) return undefined;
    throw error;
  }
  const { supportedVersions, capabilities, instructions } = result;
  if (!Array.isArray(supportedVersions) || !supportedVersions.includes(MODERN)) return undefined;
  peer.modern = true;
  return {
    era: 'modern',
    version: MODERN,
    capabilities: isObject(capabilities) ? capabilities : {},
    instructions: typeof instructions === 'string' ? instructions : undefined,
  };
}

/** The handshake of legacy servers. Rejects when the server refuses it, or names a revision nobody knows. */
export async function initialize(peer: Peer, who: Introduction, signal: AbortSignal): Promise<Session> {
  const { clientInfo, capabilities } = who;
  const [protocolVersion] = LEGACY;
  const result = await peer.request('initialize', { protocolVersion, capabilities, clientInfo }, { signal });
  const { protocolVersion: version, capabilities: theirs, instructions } = result;
  if (typeof version !== 'string' || !LEGACY.includes(version)) {
    throw linkFailure('upstream_invalid', 'it speaks no known revision of MCP', { sent: true, over: true });
  }
  peer.wire.setProtocolVersion(version);
  await peer.notifyArrived('notifications/initialized', {});
  return {
    era: 'legacy',
    version,
    capabilities: isObject(theirs) ? theirs : {},
    instructions: typeof instructions === 'string' ? instructions : undefined,
  };
}

/** Legacy servers refuse the question in many ways; refused credentials and failures say nothing about the era. */
function isLegacyAnswer(error: unknown): boolean {
  if (error instanceof JsonRpcError) return error.code !== REQUEST_TIMEOUT && !offersModern(error);
  return isForeignAnswer(error);
}

/** Whether a refusal of the revision says that it is served all the same. */
function offersModern(error: unknown): boolean {
  if (!(error instanceof JsonRpcError) || error.code !== CODES.versionUnsupported) return false;
  const supported = isObject(error.data) ? error.data['supported'] : undefined;
  return Array.isArray(supported) && supported.includes(MODERN);
}

/** Whether the server answered, only not as a server of this transport and era would. */
export function isForeignAnswer(error: unknown): boolean {
  if (!NexusError.is(error) || error.code !== 'upstream_invalid') return false;
  const status = linkFacts(error)?.status;
  return status === undefined || (status >= 400 && status < 500);
}
