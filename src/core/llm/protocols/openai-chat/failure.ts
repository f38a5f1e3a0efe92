import type { ErrorCode } from '../../../errors/codes.ts';
import { NexusError } from '../../../errors/nexus-error.ts';
import type { JsonObject } from '../../canonical/request.ts';
import { isJsonObject } from '../json-object.ts';
import { decodeError } from './error.ts';

/** An answer that Nexus cannot read, or that contradicts the format. */
export function unreadable(what: string, cause?: unknown): NexusError {
  return new NexusError('upstream_invalid', `The provider sent ${what}`, { cause });
}

/** Words by which vendors name a failure, where they give no number. */
const NAMED_FAILURES: ReadonlyMap<string, number> = new Map([
  ['invalid_request_error', 400],
  ['content_filter', 400],
  ['authentication_error', 401],
  ['permission_error', 403],
  ['rate_limit_error', 429],
  ['rate_limit_exceeded', 429],
  ['insufficient_quota', 429],
]);

const FAILURES: ReadonlyMap<number | undefined, ErrorCode> = new Map([
  [400, 'upstream_rejected'],
  [401, 'upstream_auth'],
  [403, 'upstream_auth'],
  [404, 'upstream_rejected'],
  [408, 'upstream_timeout'],
  [409, 'upstream_rejected'],
  [413, 'upstream_rejected'],
  [422, 'upstream_rejected'],
  [429, 'upstream_rate_limited'],
  [500, 'upstream_failed'],
  [504, 'upstream_timeout'],
]);

/**
 * The error in `holder` that came after a status of success, if there is one: in a stream, in a choice, or as the whole
 * body. What it says of its kind stands in for the status; without that the provider counts as not available. What it
 * says about our credentials stays with us, because it may quote them.
 */
export function failureIn(holder: JsonObject): NexusError | undefined {
  const told = holder['object'] === 'error' ? holder : holder['error'];
  if (told === undefined || told === null || told === '' || told === false) return undefined;
  const error = decodeError(holder) ?? { message: 'an error without a message' };
  const status = isJsonObject(told) ? statusOf(told) : undefined;
  const code = FAILURES.get(status) ?? 'upstream_unavailable';
  const message =
    code === 'upstream_auth'
      ? "The provider refused the gateway's credentials"
      : `Provider API error: ${error.message}`;
  return new NexusError(code, message, {
    ...(code === 'upstream_rejected' && status !== undefined && { status }),
    ...('code' in error && { upstreamCode: error.code }),
  });
}

function statusOf(error: JsonObject): number | undefined {
  for (const member of ['status', 'status_code', 'code', 'type']) {
    const value = error[member];
    if (typeof value === 'number') return value;
    if (typeof value !== 'string') continue;
    const status = NAMED_FAILURES.get(value) ?? (/^[45]\d\d$/.test(value) ? Number(value) : undefined);
    if (status !== undefined) return status;
  }
  return undefined;
}
