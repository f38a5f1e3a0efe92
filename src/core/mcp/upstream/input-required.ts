// Questions of a modern server that come in the place of a result (`input_required`): for clients that cannot answer
// them in the next request themselves, they are asked here and the call is repeated with the answers.

import { capabilityFor, missingCapabilities } from '../wire/client-capabilities.ts';
import { type JsonObject, JsonRpcError } from '../wire/json-rpc.ts';
import { isObject } from '../wire/message.ts';
import { CODES } from '../wire/revision.ts';
import type { OngoingCall } from './ongoing-call.ts';

/** Rounds of questions within one call. */
export const MOST_ROUNDS = 10;
/** Pause before a call is repeated that asked nothing, and only wants to be repeated. */
const PAUSE_MS = 250;

export function isInputRequired(result: JsonObject): boolean {
  return result['resultType'] === 'input_required';
}

/**
 * The params the call is repeated with. `capabilities` is what the server was told it may ask. Rejects with
 * `JsonRpcError` when the client refuses or cannot be asked.
 */
export async function answerInput(
  result: JsonObject,
  params: JsonObject,
  call: OngoingCall,
  capabilities: JsonObject,
): Promise<JsonObject> {
  const requests = isObject(result['inputRequests']) ? Object.entries(result['inputRequests']) : [];
  const state = result['requestState'];
  if (requests.length === 0) await pause(call.signal);
  const answers = await Promise.all(
    requests.map(async ([key, request]): Promise<[string, JsonObject]> => {
      const method = isObject(request) ? request['method'] : undefined;
      const asked = isObject(request) && isObject(request['params']) ? request['params'] : {};
      const required = typeof method === 'string' ? capabilityFor(method, asked) : undefined;
      if (
        typeof method !== 'string' ||
        required === undefined ||
        missingCapabilities(required, capabilities) !== undefined
      ) {
        throw new JsonRpcError(CODES.internal, 'The MCP server asks for something its client does not offer');
      }
      return [key, await call.ask(method, asked, call.signal)];
    }),
  );
  const { inputResponses: _, requestState: __, ...rest } = params;
  return {
    ...rest,
    ...(answers.length === 0 ? {} : { inputResponses: Object.fromEntries(answers) }),
    ...(typeof state === 'string' ? { requestState: state } : {}),
  };
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, PAUSE_MS);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
