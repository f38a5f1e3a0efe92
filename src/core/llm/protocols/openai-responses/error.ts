import type { ErrorCode } from '../../../errors/codes.ts';
import { NexusError } from '../../../errors/nexus-error.ts';
import type { JsonObject } from '../../canonical/request.ts';
import { isJsonObject } from '../json-object.ts';
import { encodeError, errorCode, errorType } from '../openai-error.ts';
import type { UpstreamErrorBody } from '../protocol.ts';

export { encodeError };

/**
 * The last event of a stream that failed. Where the numbers of the events before it are not known, as on a relayed
 * stream, it carries 0: the format wants a number, and no client orders events by it.
 */
export function encodeErrorEvent(error: NexusError, sequenceNumber = 0): string {
  const { message, status, param = null } = error;
  const code = errorType(status);
  // Published with its members beside `type`; the vendor sends them inside `error`, where the official clients look.
  const told = { type: code, code, message, param };
  const event = { type: 'error', sequence_number: sequenceNumber, code, message, param, error: told };
  return `event: error\ndata: ${JSON.stringify(event)}\n\n`;
}

/** Reads the envelope `{error: {message, type, code}}`; hosts of this format may write a number as `code`, or a bare string. */
export function decodeError(body: unknown): UpstreamErrorBody | undefined {
  if (!isJsonObject(body)) return undefined;
  const { error } = body;
  if (typeof error === 'string' && error !== '') return { message: error };
  return isJsonObject(error) ? describe(error) : undefined;
}

function describe(error: JsonObject): UpstreamErrorBody | undefined {
  if (typeof error['message'] !== 'string') return undefined;
  const code = errorCode(error['code']) ?? errorCode(error['type']);
  return { message: error['message'], ...(code !== undefined && { code }) };
}

export function unreadable(what: string): NexusError {
  return new NexusError('upstream_invalid', `The provider sent ${what}`);
}

/** An answer that says itself that it failed: `{error}`, or a response with `status: "failed"`. */
export function failureOf(body: JsonObject): NexusError {
  return failure(decodeError(body));
}

/** An `error` event. It is recorded with its members inside `error`; published with them beside `type`. */
export function eventFailure(event: JsonObject): NexusError {
  const { error } = event;
  if (isJsonObject(error)) return failure(describe(error));
  const code = errorCode(event['code']);
  const message = event['message'];
  return failure(typeof message === 'string' ? { message, ...(code !== undefined && { code }) } : undefined);
}

/** Of the published error codes those that do not mean a failure of the vendor. */
const FAILURES: ReadonlyMap<string | undefined, ErrorCode> = new Map<string | undefined, ErrorCode>([
  ['rate_limit_exceeded', 'upstream_rate_limited'],
  ['insufficient_quota', 'upstream_rate_limited'],
  ['server_error', 'upstream_failed'],
  ['invalid_prompt', 'upstream_rejected'],
  ['invalid_request_error', 'upstream_rejected'],
  ['context_length_exceeded', 'upstream_rejected'],
  ['content_filter', 'upstream_rejected'],
]);

function failure(error: UpstreamErrorBody | undefined): NexusError {
  if (error === undefined) return new NexusError('upstream_unavailable', 'The provider failed while answering');
  const { code, message } = error;
  return new NexusError(FAILURES.get(code) ?? 'upstream_unavailable', `Provider API error: ${message}`, {
    ...(code !== undefined && { upstreamCode: code }),
  });
}
