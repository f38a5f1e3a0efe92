import type { NexusError } from '../../../errors/nexus-error.ts';
import { isJsonObject } from '../json-object.ts';
import type { UpstreamErrorBody } from '../protocol.ts';

/** JSON text of the error envelope. `code` is the HTTP status; the machine code travels in a header. */
export function encodeError(error: NexusError): string {
  return JSON.stringify({
    error: {
      message: error.message,
      type: errorType(error.status),
      param: error.param ?? null,
      code: error.status,
    },
  });
}

/** The envelope as the last event of a stream. No `[DONE]` may follow: it would tell the client that all went well. */
export function encodeErrorEvent(error: NexusError): string {
  return `data: ${encodeError(error)}\n\n`;
}

function errorType(status: number): string {
  switch (status) {
    case 401:
      return 'authentication_error';
    case 403:
      return 'permission_error';
    case 404:
      return 'not_found_error';
    case 429:
      return 'rate_limit_error';
    case 500:
      return 'internal_error';
    default:
      return status < 500 ? 'invalid_request_error' : 'api_error';
  }
}

/**
 * Reads the envelope as vendors of this format really write it: `code` may be a number, `type` may be missing, some
 * hosts put a bare string under `error`, Mistral puts `object: "error"` beside the message.
 */
export function decodeError(body: unknown): UpstreamErrorBody | undefined {
  if (!isJsonObject(body)) return undefined;
  const error = body['object'] === 'error' ? body : body['error'];
  if (typeof error === 'string' && error !== '') return { message: error };
  if (!isJsonObject(error) || typeof error['message'] !== 'string') return undefined;
  const code = codeOf(error['code']) ?? codeOf(error['type']);
  return { message: error['message'], ...(code !== undefined && { code }) };
}

function codeOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
