import type { JsonObject } from '../wire/json-rpc.ts';
import { isObject } from '../wire/message.ts';

/** The token under which a client wants to be told of progress; undefined when it does not. */
export function progressOf(params: JsonObject): unknown {
  const meta = params['_meta'];
  return isObject(meta) ? meta['progressToken'] : undefined;
}

export function isProgressToken(token: unknown): token is string | number {
  return typeof token === 'string' || typeof token === 'number';
}
