import type { NexusError } from '../../../errors/nexus-error.ts';
import { isJsonObject } from '../json-object.ts';
import { encodeError, errorCode } from '../openai-error.ts';
import type { UpstreamErrorBody } from '../protocol.ts';

export { encodeError };

/** The envelope as the last event of a stream. No `[DONE]` may follow: it would tell the client that all went well. */
export function encodeErrorEvent(error: NexusError): string {
  return `data: ${encodeError(error)}\n\n`;
}

/**
 * Reads the envelope as vendors of this format really write it: `code` may be a number, `type` may be missing, some
 * hosts put a bare string under `error` (xAI with its `code` beside it), others send the message without an envelope
 * (Mistral with `object: "error"`).
 */
export function decodeError(body: unknown): UpstreamErrorBody | undefined {
  if (!isJsonObject(body)) return undefined;
  const error = body['object'] === 'error' ? body : (body['error'] ?? body);
  if (typeof error === 'string' && error !== '') {
    const code = errorCode(body['code']);
    return { message: error, ...(code !== undefined && { code }) };
  }
  if (!isJsonObject(error) || typeof error['message'] !== 'string') return undefined;
  const code = errorCode(error['code']) ?? errorCode(error['type']);
  return { message: error['message'], ...(code !== undefined && { code }), ...(error === body && { bare: true }) };
}
