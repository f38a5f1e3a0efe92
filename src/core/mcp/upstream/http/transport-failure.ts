// What the network throws and what HTTP statuses mean → a failure in our own words.
import { NexusError } from '../../../errors/nexus-error.ts';
import { JsonRpcError } from '../../wire/json-rpc.ts';
import { isObject } from '../../wire/message.ts';
import { CODES } from '../../wire/revision.ts';
import { linkFailure } from '../link-failure.ts';

export const SESSION_LOST = 'it has forgotten the session (404)';

/** Network errors after which the server cannot have seen anything. */
const NOT_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'HTTP_CONNECT_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Whatever a transport reports → a link failure. */
export function networkFailure(error: unknown): NexusError {
  if (NexusError.is(error)) return error;
  const code = systemCode(error);
  if (code === undefined || code === 'HTTP_INVALID') return unreadable(error);
  const sent = !NOT_SENT.has(code);
  return linkFailure('upstream_unavailable', `it cannot be reached (${code})`, { sent, over: !sent }, error);
}

export function unreadable(cause?: unknown): NexusError {
  return linkFailure('upstream_invalid', 'its answer cannot be read', { sent: true, over: false }, cause);
}

/**
 * A status that says the message was not taken → a link failure, or the JSON-RPC error in `text`, the body, where the
 * message was a request.
 */
export function statusFailure(
  status: number,
  text: string,
  { isRequest, hasSession }: { readonly isRequest: boolean; readonly hasSession: boolean },
): Error {
  const facts = { sent: true, over: false, status };
  if (status === 401 || status === 403) {
    return linkFailure('upstream_auth', `it refused the credentials of Nexus (${status})`, facts);
  }
  const worded = isRequest ? jsonRpcErrorIn(text) : undefined;
  if (worded?.code === CODES.methodNotFound) return worded;
  if (status === 404 && hasSession) {
    // It refused before it looked at the request, so the request can be sent again.
    return linkFailure('upstream_unavailable', SESSION_LOST, { ...facts, sent: false, over: true });
  }
  if (worded !== undefined) return worded;
  const code = status >= 500 ? 'upstream_failed' : 'upstream_invalid';
  return linkFailure(code, `it answered with status ${status}`, facts);
}

function jsonRpcErrorIn(text: string): JsonRpcError | undefined {
  try {
    const body: unknown = JSON.parse(text);
    const member = isObject(body) ? body['error'] : undefined;
    if (!isObject(member) || typeof member['code'] !== 'number') return undefined;
    const words = typeof member['message'] === 'string' ? member['message'] : 'The server gave no reason';
    return new JsonRpcError(member['code'], words, { data: member['data'] });
  } catch {
    return undefined;
  }
}

function systemCode(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string' && /^(?:E[A-Z]|UND_ERR_|HTTP_|CERT_|DEPTH_|SELF_|UNABLE_)/.test(code)) return code;
    const [first] = at instanceof AggregateError ? at.errors : [];
    if (first !== undefined) return systemCode(first);
  }
  return undefined;
}
