import { type JsonObject, JsonRpcError } from '../wire/json-rpc.ts';
import { CODES } from '../wire/revision.ts';

/** How one of several calls ended. */
export type RunOutcome =
  | { readonly name: string; readonly result: JsonObject }
  | { readonly name: string; readonly error: unknown };

/**
 * Several calls as one result. `content`: for each call in order a text item `{"call": index, "name", "items": count}`
 * (with `isError`, or `error` and no items), then that call's own items. `structuredContent`, where it is on:
 * `{ results: [{ name, result } | { name, error: { code, message, data? } }] }`. `isError` only when every call failed.
 */
export function joinRuns(outcomes: readonly RunOutcome[], structured: boolean): JsonObject {
  const content: unknown[] = [];
  const results: JsonObject[] = [];
  let failed = 0;
  for (const [call, outcome] of outcomes.entries()) {
    const { name } = outcome;
    if ('error' in outcome) {
      failed++;
      const error = describeError(outcome.error);
      content.push(heading({ call, name, items: 0, error }));
      results.push({ name, error });
      continue;
    }
    const { result } = outcome;
    const items: readonly unknown[] = Array.isArray(result['content']) ? result['content'] : [];
    const isError = result['isError'] === true;
    if (isError) failed++;
    content.push(heading({ call, name, items: items.length, ...(isError ? { isError } : {}) }), ...items);
    results.push({ name, result });
  }
  return {
    content,
    ...(structured ? { structuredContent: { results } } : {}),
    ...(failed === outcomes.length ? { isError: true } : {}),
  };
}

function heading(facts: JsonObject): JsonObject {
  return { type: 'text', text: JSON.stringify(facts) };
}

function describeError(error: unknown): JsonObject {
  if (!(error instanceof JsonRpcError)) return { code: CODES.internal, message: 'Internal error' };
  const { code, message, data } = error;
  return data === undefined ? { code, message } : { code, message, data };
}
