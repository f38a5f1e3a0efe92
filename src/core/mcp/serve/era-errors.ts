import { type JsonObject, JsonRpcError } from '../wire/json-rpc.ts';
import { isObject } from '../wire/message.ts';
import { CODES } from '../wire/revision.ts';

/** Anything thrown while a request was served, as the error its client is told. What was not foreseen is masked. */
export function toJsonRpcError(thrown: unknown, onUnforeseen: (error: unknown) => void): JsonRpcError {
  if (thrown instanceof JsonRpcError) return thrown;
  onUnforeseen(thrown);
  return new JsonRpcError(CODES.internal, 'Internal error');
}

/** The same error in the words of an era: a resource that is not there has two codes. */
export function errorInEra(
  error: JsonRpcError,
  era: 'legacy' | 'modern',
  method: string,
  params: JsonObject,
): JsonRpcError {
  const { code, message, data } = error;
  if (method.startsWith('resources/')) {
    const uri = isObject(data) && typeof data['uri'] === 'string' ? data['uri'] : params['uri'];
    if (era === 'modern' && code === CODES.resourceNotFound) {
      return new JsonRpcError(CODES.invalidParams, message, { data: { ...(isObject(data) ? data : {}), uri } });
    }
    if (era === 'legacy' && code === CODES.invalidParams && isObject(data) && typeof data['uri'] === 'string') {
      return new JsonRpcError(CODES.resourceNotFound, message, { data });
    }
  }
  // These speak of the transport between us and the server, or in words that only modern clients know.
  if (code === CODES.headerMismatch || code === CODES.versionUnsupported) {
    return new JsonRpcError(CODES.internal, 'The server refused how it was asked');
  }
  if (era === 'legacy' && code === CODES.capabilityMissing) {
    return new JsonRpcError(CODES.invalidRequest, 'The server needs something of the client that it did not declare', {
      data,
    });
  }
  return error;
}
