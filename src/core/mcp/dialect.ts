import type { ErrorCode } from '../errors/codes.ts';
import type { NexusError } from '../errors/nexus-error.ts';
import type { ErrorDialect } from '../http/endpoint.ts';

const CODES: Partial<Record<ErrorCode, number>> = {
  // The body could not be read as JSON; what can be read is judged where it is known what it means.
  invalid_request: -32700,
  no_route: -32601,
  internal: -32603,
};

/** Errors of the MCP endpoint that belong to no call: JSON-RPC, without an id. */
export const jsonRpcDialect: ErrorDialect = {
  encodeError({ code, message }: NexusError): string {
    return JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: CODES[code] ?? -32000, message } });
  },
};
