import { tokenCount } from '../../../exchange/usage.ts';
import type { CanonicalRequest, JsonObject } from '../../canonical/request.ts';
import { isJsonObject } from '../json-object.ts';
import { errorUnderSuccess, unreadable } from './error.ts';
import { withoutForeignThoughts } from './foreign-thoughts.ts';
import { encodePrompt, toJson } from './request.ts';
import { encodeThinking } from './thinking.ts';

/*
 * `POST /messages/count_tokens`: a Messages request without what only steers the answer → `{"input_tokens": n}`.
 * Source: the type declarations of the official SDK.
 */

/** Fields of a Messages request that the count refuses. */
const ANSWER_FIELDS = new Set(['max_tokens', 'stream', 'temperature', 'top_p', 'top_k', 'stop_sequences', 'metadata']);

/** JSON text of a count request. Throws `invalid_request` like a Messages request; what is left out needs no name here. */
export function encodeCountTokens(request: CanonicalRequest): string {
  return toJson({ model: request.model, ...encodePrompt(request, encodeThinking(request, []), []) });
}

/** The client's own count request for a vendor of the same format: renamed, and without what the count refuses. */
export function patchCountTokens(body: JsonObject, model: string): string {
  const patched: JsonObject = {};
  for (const [name, value] of Object.entries({ ...withoutForeignThoughts(body), model })) {
    if (!ANSWER_FIELDS.has(name)) patched[name] = value;
  }
  return toJson(patched);
}

/** Tokens that the vendor counted. Throws `upstream_invalid` when the body is not a count. */
export function decodeCountTokens(body: unknown): number {
  const count = isJsonObject(body) ? body['input_tokens'] : undefined;
  if (typeof count === 'number') return tokenCount(count);
  throw errorUnderSuccess(body) ?? unreadable('a token count without input_tokens');
}
