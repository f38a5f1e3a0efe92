import { Buffer } from 'node:buffer';
import type { TokenChance, TokenLogprob } from '../canonical/logprobs.ts';
import { isJsonObject } from './json-object.ts';

/*
 * Tokens and how likely they were, as both of OpenAI's formats write them. Source: the published `ChatCompletionTokenLogprob`,
 * `LogProb` and `ResponseLogProb`.
 */

/** A list of tokens; entries that say nothing are left out. */
export function readTokens(list: unknown): TokenLogprob[] {
  const tokens: TokenLogprob[] = [];
  for (const entry of Array.isArray(list) ? list : []) {
    const chance = readChance(entry);
    if (chance === undefined) continue;
    const top = readChances(entry['top_logprobs']);
    tokens.push(top.length > 0 ? { ...chance, top } : chance);
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

/**
 * JSON text of a list of tokens. `bytes` says what becomes of a token without bytes: `null`, or those of its text where the
 * format demands some; `none` writes no member of that name.
 */
export function writeTokens(tokens: readonly TokenLogprob[], bytes: 'null' | 'of_text' | 'none'): string {
  return `[${tokens.map((token) => writeToken(token, bytes)).join(',')}]`;
}

function writeToken(token: TokenLogprob, bytes: 'null' | 'of_text' | 'none'): string {
  const top = (token.top ?? []).map((chance) => `{${writeChance(chance, bytes)}}`).join(',');
  return `{${writeChance(token, bytes)},"top_logprobs":[${top}]}`;
}

function writeChance({ token, logprob, bytes }: TokenChance, missing: 'null' | 'of_text' | 'none'): string {
  const said = `"token":${JSON.stringify(token)},"logprob":${logprob}`;
  if (missing === 'none') return said;
  const known = bytes ?? (missing === 'of_text' ? [...Buffer.from(token)] : null);
  return `${said},"bytes":${JSON.stringify(known)}`;
}
