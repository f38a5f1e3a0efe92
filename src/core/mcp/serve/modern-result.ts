import { capabilityFor, missingCapabilities } from '../wire/client-capabilities.ts';
import { type JsonObject, JsonRpcError } from '../wire/json-rpc.ts';
import { isObject } from '../wire/message.ts';
import { CODES, META } from '../wire/revision.ts';

/** Lists may change with a server's mood and depend on who asks: nobody but the caller may keep them, and not for long. */
const FRESH_MS = 1000;

const CACHED: ReadonlySet<string> = new Set([
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'server/discover',
]);

/** A result as clients of the stateless revision expect it: its type, its freshness and who gave it. */
export function modernResult(method: string, result: JsonObject, serverInfo: JsonObject): JsonObject {
  const meta = isObject(result['_meta']) ? result['_meta'] : {};
  const hints = CACHED.has(method) ? { ttlMs: freshness(result['ttlMs']), cacheScope: 'private' } : {};
  return { resultType: 'complete', ...result, ...hints, _meta: { [META.serverInfo]: serverInfo, ...meta } };
}

function freshness(said: unknown): number {
  return typeof said === 'number' && Number.isInteger(said) && said >= 0 ? said : FRESH_MS;
}

/** A result as clients of revisions before that know it. */
export function legacyResult(result: JsonObject): JsonObject {
  if (result['resultType'] === undefined) return result;
  const { resultType: _type, ...rest } = result;
  return rest;
}

export function isInputRequired(result: JsonObject): boolean {
  return result['resultType'] === 'input_required';
}

/** Throws -32021 when the client has not declared what these questions need. */
export function checkQuestions(questions: unknown, declared: JsonObject): void {
  if (!isObject(questions)) return;
  const lacking: Record<string, unknown> = {};
  for (const question of Object.values(questions)) {
    if (!isObject(question) || typeof question['method'] !== 'string') continue;
    const required = capabilityFor(question['method'], question['params']);
    const missing = required === undefined ? undefined : missingCapabilities(required, declared);
    for (const [capability, members] of Object.entries(missing ?? {})) {
      const known = lacking[capability];
      lacking[capability] = { ...(isObject(known) ? known : {}), ...(isObject(members) ? members : {}) };
    }
  }
  if (Object.keys(lacking).length === 0) return;
  throw new JsonRpcError(CODES.capabilityMissing, 'The answer needs a capability that the client did not declare', {
    data: { requiredCapabilities: lacking },
  });
}
