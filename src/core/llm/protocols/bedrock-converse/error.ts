import type { ErrorCode } from '../../../errors/codes.ts';
import { NexusError } from '../../../errors/nexus-error.ts';
import { isJsonObject } from '../json-object.ts';
import type { UpstreamErrorBody } from '../protocol.ts';

/** An answer that Nexus cannot read, or that contradicts the format. */
export function unreadable(what: string, cause?: unknown): NexusError {
  return new NexusError('upstream_invalid', `The provider sent ${what}`, { cause });
}

/**
 * Reads `{"message"}` or `{"Message"}`. What kind of error it is stands in a header; the transport adds it to the body as
 * `__type`, where Amazon's other protocols have it.
 */
export function decodeError(body: unknown): UpstreamErrorBody | undefined {
  if (!isJsonObject(body)) return undefined;
  const message = body['message'] ?? body['Message'];
  if (typeof message !== 'string') return undefined;
  const code = typeName(body['__type']);
  return { message: scrub(message), ...(code !== undefined && { code }) };
}

/** `com.amazon.coral.service#ValidationException:http://…` → `ValidationException`. */
function typeName(type: unknown): string | undefined {
  if (typeof type !== 'string') return undefined;
  const [name = ''] = type.slice(type.lastIndexOf('#') + 1).split(':', 1);
  return name === '' ? undefined : name.charAt(0).toUpperCase() + name.slice(1);
}

/** Messages may quote whose account and which key it was. */
function scrub(message: string): string {
  return message
    .replace(/\b(arn:[\w-]*:[\w-]*:[\w-]*:)\d{12}\b/g, '$1[account]')
    .replace(/\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g, '[key]');
}

interface StreamFailure {
  readonly code: ErrorCode;
  readonly status?: number;
}

/** The statuses with which the same exceptions come where nothing was sent yet. */
const STREAM_FAILURES: ReadonlyMap<string | undefined, StreamFailure> = new Map<string, StreamFailure>([
  ['ValidationException', { code: 'upstream_rejected' }],
  ['ResourceNotFoundException', { code: 'upstream_rejected', status: 404 }],
  ['AccessDeniedException', { code: 'upstream_auth' }],
  ['ExpiredTokenException', { code: 'upstream_auth' }],
  ['UnrecognizedClientException', { code: 'upstream_auth' }],
  ['ThrottlingException', { code: 'upstream_rate_limited' }],
  ['ModelNotReadyException', { code: 'upstream_rate_limited' }],
  ['ServiceQuotaExceededException', { code: 'upstream_rate_limited' }],
  ['ModelTimeoutException', { code: 'upstream_timeout' }],
  ['ServiceUnavailableException', { code: 'upstream_unavailable' }],
  ['ModelErrorException', { code: 'upstream_unavailable' }],
  ['ModelStreamErrorException', { code: 'upstream_unavailable' }],
]);

/**
 * An exception frame, which comes after a status of success: its type stands in for the status. What it says about our
 * credentials stays with us.
 */
export function streamFailure(body: unknown): NexusError {
  const error = decodeError(body) ?? { message: 'The provider broke off its answer', ...typeOf(body) };
  const { code, status } = STREAM_FAILURES.get(error.code) ?? { code: 'upstream_failed' };
  const message = code === 'upstream_auth' ? "The provider refused the gateway's credentials" : error.message;
  return new NexusError(code, message, {
    ...(status !== undefined && { status }),
    ...(error.code !== undefined && { upstreamCode: error.code }),
  });
}

/** Some exceptions say nothing but what they are. */
function typeOf(body: unknown): { code?: string } {
  const code = isJsonObject(body) ? typeName(body['__type']) : undefined;
  return code === undefined ? {} : { code };
}
