import type { NexusError } from '../../errors/nexus-error.ts';

/** JSON text of OpenAI's error envelope. `code` is the HTTP status; the machine code travels in a header. */
export function encodeError({ message, status, param }: NexusError): string {
  return JSON.stringify({ error: { message, type: errorType(status), param: param ?? null, code: status } });
}

/** What OpenAI calls the kind of error that has this status. */
export function errorType(status: number): string {
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

/** A vendor's error code as text; some write it as a number. */
export function errorCode(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
