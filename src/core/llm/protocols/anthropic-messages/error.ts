import type { ErrorCode } from '../../../errors/codes.ts';
import { NexusError } from '../../../errors/nexus-error.ts';
import { isJsonObject } from '../json-object.ts';
import type { UpstreamErrorBody } from '../protocol.ts';

/** JSON text of the error envelope. The machine code travels in a header. */
export function encodeError(error: NexusError, requestId?: string): string {
  const told = `{"type":"${errorType(error.status)}","message":${JSON.stringify(error.message)}}`;
  return `{"type":"error","error":${told},"request_id":${requestId === undefined ? 'null' : JSON.stringify(requestId)}}`;
}

/** The envelope as the last event of a stream: nothing may follow it. */
export function encodeErrorEvent(error: NexusError, requestId?: string): string {
  return `event: error\ndata: ${encodeError(error, requestId)}\n\n`;
}

function errorType(status: number): string {
  switch (status) {
    case 401:
      return 'authentication_error';
    case 402:
      return 'billing_error';
    case 403:
      return 'permission_error';
    case 404:
      return 'not_found_error';
    case 413:
      return 'request_too_large';
    case 429:
      return 'rate_limit_error';
    case 503:
    case 529:
      return 'overloaded_error';
    case 504:
      return 'timeout_error';
    default:
      return status < 500 ? 'invalid_request_error' : 'api_error';
  }
}

/** Reads `{"type":"error","error":{"type","message"}}`. */
export function decodeError(body: unknown): UpstreamErrorBody | undefined {
  if (!isJsonObject(body) || !isJsonObject(body['error'])) return undefined;
  const { message, type } = body['error'];
  if (typeof message !== 'string') return undefined;
  return { message, ...(typeof type === 'string' && type !== '' && { code: type }) };
}

/** An error envelope that came with a status of success: no answer, whatever the status says. */
export function errorUnderSuccess(body: unknown): NexusError | undefined {
  if (decodeError(body) === undefined) return undefined;
  const { message, upstreamCode } = streamFailure(body);
  return new NexusError('upstream_invalid', message, { ...(upstreamCode !== undefined && { upstreamCode }) });
}

/** An answer that Nexus cannot read, or that contradicts the format. */
export function unreadable(what: string, cause?: unknown): NexusError {
  return new NexusError('upstream_invalid', `The provider sent ${what}`, { cause });
}

interface StreamFailure {
  readonly code: ErrorCode;
  readonly status?: number;
}

const STREAM_FAILURES: ReadonlyMap<string | undefined, StreamFailure> = new Map<string, StreamFailure>([
  ['invalid_request_error', { code: 'upstream_rejected' }],
  ['not_found_error', { code: 'upstream_rejected', status: 404 }],
  ['request_too_large', { code: 'upstream_rejected', status: 413 }],
  ['authentication_error', { code: 'upstream_auth' }],
  ['permission_error', { code: 'upstream_auth' }],
  ['billing_error', { code: 'upstream_auth' }],
  ['rate_limit_error', { code: 'upstream_rate_limited' }],
  ['timeout_error', { code: 'upstream_timeout' }],
  ['overloaded_error', { code: 'upstream_unavailable' }],
]);

/**
 * An `error` event, which comes after a status of success: its type stands in for the status. What it says about our
 * credentials stays with us, because it may quote them.
 */
export function streamFailure(body: unknown): NexusError {
  const error = decodeError(body);
  if (error === undefined) return unreadable('an error event without a message');
  const { code, status } = STREAM_FAILURES.get(error.code) ?? { code: 'upstream_failed' };
  const message = code === 'upstream_auth' ? "The provider refused the gateway's credentials" : error.message;
  return new NexusError(code, message, {
    ...(status !== undefined && { status }),
    ...(error.code !== undefined && { upstreamCode: error.code }),
  });
}
