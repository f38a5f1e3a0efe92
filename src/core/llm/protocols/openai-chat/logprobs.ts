import type { TokenChance, TokenLogprob } from '../../canonical/logprobs.ts';
import { isJsonObject } from '../json-object.ts';

/** A choice's `logprobs` → the tokens of its text, then those of its refusal. Entries that say nothing are left out. */
export function readLogprobs(logprobs: unknown): TokenLogprob[] {
  const tokens: TokenLogprob[] = [];
  if (!isJsonObject(logprobs)) return tokens;
  for (const list of [logprobs['content'], logprobs['refusal']]) {
    for (const entry of Array.isArray(list) ? list : []) {
      const chance = readChance(entry);
      if (chance === undefined) continue;
      const tops: unknown = entry['top_logprobs'];
      const top = readChances(tops);
      tokens.push(top.length > 0 ? { ...chance, top } : chance);
    }
  }
  return tokens;
}

function readChances(entries: unknown): TokenChance[] {
  const chances: TokenChance[] = [];
  for (const entry of Array.isArray(entries) ? entries : []) {
    const chance = readChance(entry);
    if (chance !== undefined) chances.push(chance);
  }
  return chances;
}

function readChance(entry: unknown): TokenChance | undefined {
  if (!isJsonObject(entry)) return undefined;
  const { token, logprob, bytes } = entry;
  if (typeof token !== 'string' || typeof logprob !== 'number' || !Number.isFinite(logprob)) return undefined;
  return isBytes(bytes) ? { token, logprob, bytes } : { token, logprob };
}

function isBytes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((byte) => Number.isInteger(byte));
}

/** JSON text of a choice's `logprobs`; `null` when there are none. */
export function writeLogprobs(tokens: readonly TokenLogprob[] | undefined): string {
  if (tokens === undefined || tokens.length === 0) return 'null';
  return `{"content":[${tokens.map(writeToken).join(',')}],"refusal":null}`;
}

function writeToken(token: TokenLogprob): string {
  const top = (token.top ?? []).map((chance) => `{${writeChance(chance)}}`).join(',');
  return `{${writeChance(token)},"top_logprobs":[${top}]}`;
}

function writeChance({ token, logprob, bytes }: TokenChance): string {
  return `"token":${JSON.stringify(token)},"logprob":${logprob},"bytes":${bytes === undefined ? 'null' : JSON.stringify(bytes)}`;
}
