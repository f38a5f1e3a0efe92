import type { TokenChance, TokenLogprob } from '../../canonical/logprobs.ts';
import { isJsonObject } from '../json-object.ts';

/**
 * `logprobsResult` → tokens: `chosenCandidates` beside `topCandidates`, which is there only if it was asked for. Entries
 * that do not say what the token is, or how likely, are left out.
 */
export function readLogprobs(result: unknown): TokenLogprob[] {
  const tokens: TokenLogprob[] = [];
  if (!isJsonObject(result)) return tokens;
  const { chosenCandidates: chosen, topCandidates } = result;
  const tops: readonly unknown[] = Array.isArray(topCandidates) ? topCandidates : [];
  for (const [position, candidate] of (Array.isArray(chosen) ? chosen : []).entries()) {
    const chance = readChance(candidate);
    if (chance === undefined) continue;
    const top = tops[position];
    tokens.push(isJsonObject(top) ? { ...chance, top: readChances(top['candidates']) } : chance);
  }
  return tokens;
}

function readChances(candidates: unknown): TokenChance[] {
  const chances: TokenChance[] = [];
  for (const candidate of Array.isArray(candidates) ? candidates : []) {
    const chance = readChance(candidate);
    if (chance !== undefined) chances.push(chance);
  }
  return chances;
}

/** What is zero, a certainty, Google leaves out. */
function readChance(candidate: unknown): TokenChance | undefined {
  if (!isJsonObject(candidate)) return undefined;
  const { token, logProbability: logprob = 0 } = candidate;
  return typeof token === 'string' && isFiniteNumber(logprob) ? { token, logprob } : undefined;
}

function isFiniteNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

/** The `logprobsResult` member with a comma before it, or nothing. */
export function writeLogprobs(tokens: readonly TokenLogprob[] | undefined): string {
  if (tokens === undefined || tokens.length === 0) return '';
  const chosen = tokens.map(writeChance).join(',');
  const hasTop = tokens.some(({ top }) => top !== undefined && top.length > 0);
  const tops = tokens.map(({ top }) => `{"candidates":[${(top ?? []).map(writeChance).join(',')}]}`).join(',');
  return `,"logprobsResult":{"chosenCandidates":[${chosen}]${hasTop ? `,"topCandidates":[${tops}]` : ''}}`;
}

function writeChance({ token, logprob }: TokenChance): string {
  return `{"token":${JSON.stringify(token)},"logProbability":${logprob}}`;
}
