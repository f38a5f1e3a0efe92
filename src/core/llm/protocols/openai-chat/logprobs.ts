import type { TokenLogprob } from '../../canonical/logprobs.ts';
import { isJsonObject } from '../json-object.ts';
import { readTokens, writeTokens } from '../token-list.ts';

/** A choice's `logprobs` → the tokens of its text, then those of its refusal. Entries that say nothing are left out. */
export function readLogprobs(logprobs: unknown): TokenLogprob[] {
  if (!isJsonObject(logprobs)) return [];
  return [...readTokens(logprobs['content']), ...readTokens(logprobs['refusal'])];
}

/** JSON text of a choice's `logprobs`; `null` when there are none. */
export function writeLogprobs(tokens: readonly TokenLogprob[] | undefined): string {
  if (tokens === undefined || tokens.length === 0) return 'null';
  return `{"content":${writeTokens(tokens, 'null')},"refusal":null}`;
}
