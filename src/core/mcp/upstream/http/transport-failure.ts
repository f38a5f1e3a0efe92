// What the SDK's transports and the network throw → a failure in our own words.
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
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Whatever the SDK throws → a link failure, or the JSON-RPC error that came in the place of an answer. */
export function asFailure(error: unknown, id?: unknown, hasSession = false): Error {
  if (NexusError.is(error)) return error;
  const status = statusOf(error);
  if (status !== undefined) return statusFailure(status, error, id, hasSession);
  const code = systemCode(error);
  if (code !== undefined) {
    const sent = !NOT_SENT.has(code);
    return linkFailure('upstream_unavailable', `it cannot be reached (${code})`, { sent, over: !sent }, error);
  }
  if (NexusError.is(causeOf(error))) return causeOf(error) as NexusError;
  return linkFailure('upstream_invalid', 'its answer cannot be read', { sent: true, over: false }, error);
}

function statusFailure(status: number, error: unknown, id: unknown, hasSession: boolean): Error {
  const facts = { sent: true, over: false, status };
  if (status === 401 || status === 403) {
    return linkFailure('upstream_auth', `it refused the credentials of Nexus (${status})`, facts, error);
  }
  const worded = id === undefined ? undefined : jsonRpcErrorIn(error);
  if (worded?.code === CODES.methodNotFound) return worded;
  if (status === 404 && hasSession) {
    // It refused before it looked at the request, so the request can be sent again.
    return linkFailure('upstream_unavailable', SESSION_LOST, { ...facts, sent: false, over: true }, error);
  }
  if (worded !== undefined) return worded;
  const code = status >= 500 ? 'upstream_failed' : 'upstream_invalid';
  return linkFailure(code, `it answered with status ${status}`, facts, error);
}

function jsonRpcErrorIn(error: unknown): JsonRpcError | undefined {
  const data = isObject(error) ? error['data'] : undefined;
  const text = isObject(data) ? data['text'] : undefined;
  if (typeof text !== 'string') return undefined;
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

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const { data, code } = error as { data?: unknown; code?: unknown };
  if (isObject(data) && typeof data['status'] === 'number') return data['status'];
  // The SSE transport tells the status by an event's code, or in words.
  if (typeof code === 'number' && code >= 100 && code <= 599) return code;
  const written = /\(HTTP (\d{3})\)/.exec(error.message)?.[1];
  return written === undefined ? undefined : Number(written);
}

function systemCode(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string' && /^(?:E[A-Z]|UND_ERR_|CERT_|DEPTH_|SELF_|UNABLE_|HPE_)/.test(code)) return code;
    const [first] = at instanceof AggregateError ? at.errors : [];
    if (first !== undefined) return systemCode(first);
  }
  return undefined;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
