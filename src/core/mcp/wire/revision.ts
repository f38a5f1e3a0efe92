// The revisions of the protocol and the names each of them gives to things. Source: the specification's revisions
// 2024-10-07 to 2026-07-28.

/** The stateless revision: every request carries what it needs. */
export const MODERN = '2026-07-28';

/** Revisions that open with a handshake, newest first. */
export const LEGACY: readonly string[] = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '2024-10-07'];

/** Revisions whose clients understand an event without data, which carries an id to resume from. */
export function takesEmptyEvents(revision: string): boolean {
  return revision >= '2025-11-25';
}

/** Members of `_meta`. */
export const META = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  logLevel: 'io.modelcontextprotocol/logLevel',
  subscriptionId: 'io.modelcontextprotocol/subscriptionId',
} as const;

/** JSON-RPC error codes, those of the standard and those of MCP. */
export const CODES = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  /** Anything the transport refuses. */
  server: -32000,
  sessionNotFound: -32001,
  /** A resource that is not there, in legacy revisions; later ones say invalid params with `data.uri`. */
  resourceNotFound: -32002,
  headerMismatch: -32020,
  capabilityMissing: -32021,
  versionUnsupported: -32022,
} as const;

/** Log levels of RFC 5424, from the least to the most urgent. */
export const LOG_LEVELS: readonly string[] = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
];
