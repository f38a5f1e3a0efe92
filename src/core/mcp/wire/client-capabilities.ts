import type { JsonObject } from './json-rpc.ts';
import { isObject } from './message.ts';

/** What servers may ask clients for. */
const ASKABLE = ['elicitation', 'sampling', 'roots'] as const;

/** What a client must have declared before it can be asked this; undefined for a request no client takes. */
export function capabilityFor(method: string, params: unknown): JsonObject | undefined {
  const asked: JsonObject = isObject(params) ? params : {};
  switch (method) {
    case 'elicitation/create':
      return { elicitation: asked['mode'] === 'url' ? { url: {} } : { form: {} } };
    case 'sampling/createMessage':
      return { sampling: asked['tools'] !== undefined || asked['toolChoice'] !== undefined ? { tools: {} } : {} };
    case 'roots/list':
      return { roots: {} };
    default:
      return undefined;
  }
}

/** The part of `required` that is not in `declared`; undefined when all of it is. */
export function missingCapabilities(required: JsonObject, declared: JsonObject): JsonObject | undefined {
  const missing: Record<string, unknown> = {};
  for (const [capability, needed] of Object.entries(required)) {
    const has = Object.hasOwn(declared, capability) ? declared[capability] : undefined;
    if (!isObject(has)) {
      missing[capability] = needed;
      continue;
    }
    if (!isObject(needed)) continue;
    const lacking = Object.keys(needed).filter(
      (member) => !isObject(has[member]) && !isImplied(capability, member, has),
    );
    if (lacking.length > 0) missing[capability] = Object.fromEntries(lacking.map((member) => [member, {}]));
  }
  return Object.keys(missing).length === 0 ? undefined : missing;
}

/** Forms came before URLs: an elicitation declared without any mode means forms. */
function isImplied(capability: string, member: string, has: JsonObject): boolean {
  return capability === 'elicitation' && member === 'form' && has['form'] === undefined && has['url'] === undefined;
}

/** Whether it declares anything a server may ask of it. */
export function canBeAsked(capabilities: JsonObject): boolean {
  return ASKABLE.some((name) => isObject(capabilities[name]));
}

/** The part of a client's capabilities a server can make use of, in the client's own words. */
export function askableOf(capabilities: JsonObject): JsonObject {
  return Object.fromEntries(
    ASKABLE.flatMap((name) => (capabilities[name] === undefined ? [] : [[name, capabilities[name]]])),
  );
}
