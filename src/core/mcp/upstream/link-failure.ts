// What can go wrong between Nexus and an MCP server, and what a client is told of it.
import type { ErrorCode } from '../../errors/codes.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import { JsonRpcError } from '../wire/json-rpc.ts';
import { CODES } from '../wire/revision.ts';

/** A request took too long (-32001, as the SDKs say it). */
export const REQUEST_TIMEOUT = -32001;

/** Facts about a failure that decide what is done next. */
export interface LinkFacts {
  /** The server may have seen the request. */
  readonly sent: boolean;
  /** The connection is of no more use. */
  readonly over: boolean;
  /** HTTP status the server answered with, where that is what went wrong. */
  readonly status?: number | undefined;
}

const NOTHING: LinkFacts = { sent: true, over: false };

/** `message` is shown to clients: no URL, no text of the server. */
export function linkFailure(code: ErrorCode, message: string, facts: LinkFacts, cause?: unknown): NexusError {
  return new NexusError(code, message, { details: facts, ...(cause === undefined ? {} : { cause }) });
}

/** The facts of a link failure; undefined for anything else. */
export function linkFacts(error: unknown): LinkFacts | undefined {
  if (!NexusError.is(error)) return undefined;
  const { details } = error;
  return typeof details === 'object' && details !== null && 'sent' in details && 'over' in details
    ? (details as LinkFacts)
    : NOTHING;
}

/** Why a connection could not be made or was lost, in words that hold no secret. */
export function problemOf(error: unknown): string {
  if (NexusError.is(error)) return error.message;
  if (error instanceof JsonRpcError) return `it answered with error ${error.code}`;
  return 'it failed unexpectedly';
}

/** Any failure of a call → the JSON-RPC error its client gets. */
export function asJsonRpcError(error: unknown, server: string): JsonRpcError {
  if (error instanceof JsonRpcError) return error;
  const code = NexusError.is(error) && error.code === 'upstream_timeout' ? REQUEST_TIMEOUT : CODES.internal;
  return new JsonRpcError(code, `The MCP server "${server}" did not answer: ${problemOf(error)}`, { cause: error });
}
