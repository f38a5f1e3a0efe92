import type { ErrorCode } from '../../../errors/codes.ts';
import { NexusError } from '../../../errors/nexus-error.ts';
import { isJsonObject } from '../json-object.ts';
import type { UpstreamErrorBody } from '../protocol.ts';

/** Names of google.rpc for HTTP statuses. */
const STATUS_NAMES: ReadonlyMap<number, string> = new Map([
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [409, 'ABORTED'],
  [429, 'RESOURCE_EXHAUSTED'],
  [499, 'CANCELLED'],
  [500, 'INTERNAL'],
  [501, 'UNIMPLEMENTED'],
  [502, 'UNAVAILABLE'],
  [503, 'UNAVAILABLE'],
  [504, 'DEADLINE_EXCEEDED'],
]);

/** JSON text of the error envelope: `{"error":{"code","message","status"}}`, the request's id as google.rpc tells it. */
export function encodeError({ status, message }: NexusError, requestId?: string): string {
  const name = STATUS_NAMES.get(status) ?? (status < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL');
  const details = requestId === undefined ? {} : { details: [{ '@type': REQUEST_INFO, requestId }] };
  return JSON.stringify({ error: { code: status, message, status: name, ...details } });
}

const REQUEST_INFO = 'type.googleapis.com/google.rpc.RequestInfo';

/** The envelope as the last event of a stream. */
export function encodeErrorEvent(error: NexusError, requestId?: string): string {
  return `data: ${encodeError(error, requestId)}\r\n\r\n`;
}

/**
 * Reads the envelope, alone or as the only item of a list. A wrong key comes as INVALID_ARGUMENT; its reason
 * `API_KEY_INVALID` in the details is the code that tells.
 */
export function decodeError(body: unknown): UpstreamErrorBody | undefined {
  const envelope: unknown = Array.isArray(body) ? body[0] : body;
  if (!isJsonObject(envelope) || !isJsonObject(envelope['error'])) return undefined;
  const { message, status, details } = envelope['error'];
  if (typeof message !== 'string') return undefined;
  const code = hasInvalidKey(details) ? 'API_KEY_INVALID' : status;
  return { message, ...(typeof code === 'string' && code !== '' && { code }) };
}

function hasInvalidKey(details: unknown): boolean {
  return Array.isArray(details) && details.some((item) => isJsonObject(item) && item['reason'] === 'API_KEY_INVALID');
}

/** An answer that Nexus cannot read, or that contradicts the format. */
export function unreadable(what: string, cause?: unknown): NexusError {
  return new NexusError('upstream_invalid', `The provider sent ${what}`, { cause });
}

/** An error envelope that came with a status of success: no answer, whatever the status says. */
export function errorUnderSuccess(body: unknown): NexusError | undefined {
  if (decodeError(body) === undefined) return undefined;
  const { message, upstreamCode } = streamFailure(body);
  return new NexusError('upstream_invalid', message, { ...(upstreamCode !== undefined && { upstreamCode }) });
}

interface StreamFailure {
  readonly code: ErrorCode;
  readonly status?: number;
}

const STREAM_FAILURES: ReadonlyMap<string | undefined, StreamFailure> = new Map<string, StreamFailure>([
  ['INVALID_ARGUMENT', { code: 'upstream_rejected' }],
  ['FAILED_PRECONDITION', { code: 'upstream_rejected' }],
  ['OUT_OF_RANGE', { code: 'upstream_rejected' }],
  ['NOT_FOUND', { code: 'upstream_rejected', status: 404 }],
  ['API_KEY_INVALID', { code: 'upstream_auth' }],
  ['UNAUTHENTICATED', { code: 'upstream_auth' }],
  ['PERMISSION_DENIED', { code: 'upstream_auth' }],
  ['RESOURCE_EXHAUSTED', { code: 'upstream_rate_limited' }],
  ['DEADLINE_EXCEEDED', { code: 'upstream_timeout' }],
  ['UNAVAILABLE', { code: 'upstream_unavailable' }],
]);

/**
 * An error inside a stream, which comes after a status of success: its name stands in for the status. What it says
 * about our credentials stays with us, because it may quote them.
 */
export function streamFailure(body: unknown): NexusError {
  const error = decodeError(body);
  if (error === undefined) return unreadable('an error without a message');
  const { code, status } = STREAM_FAILURES.get(error.code) ?? { code: 'upstream_failed' };
  const message = code === 'upstream_auth' ? "The provider refused the gateway's credentials" : error.message;
  return new NexusError(code, message, {
    ...(status !== undefined && { status }),
    ...(error.code !== undefined && { upstreamCode: error.code }),
  });
}
