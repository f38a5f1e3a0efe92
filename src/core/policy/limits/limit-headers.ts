import type { Demand, Standing } from '../../stores/counter-store.ts';

/** Headers for the answer, names and values in turn; `undefined` where answers do not tell. */
export type Told = readonly string[] | undefined;

/** What a limit counts, as it stands in the names of headers. */
export type Counted = 'requests' | 'tokens';

/** `x-ratelimit-limit-*`, `-remaining-*` and `-reset-*`: names and values in turn. */
export function limitHeaders(counted: Counted, { limit }: Demand, { remaining, reset }: Standing): string[] {
  return [
    `x-ratelimit-limit-${counted}`,
    String(limit),
    `x-ratelimit-remaining-${counted}`,
    String(remaining),
    // A duration with its unit, which is how OpenAI's clients know it.
    `x-ratelimit-reset-${counted}`,
    `${Math.ceil(reset / 1000)}s`,
  ];
}

/** `retry-after` in whole seconds: after them the same call is admitted, if nobody else comes. */
export function retryAfterHeader(milliseconds: number): string[] {
  return ['retry-after', String(Math.max(1, Math.ceil(milliseconds / 1000)))];
}

/** Index of the demand of whose limit the smallest share is left. */
export function tightest(demands: readonly Demand[], standings: readonly Standing[]): number | undefined {
  let index: number | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < standings.length; i++) {
    const share = (standings[i]?.remaining ?? 0) / (demands[i]?.limit ?? 1);
    if (share >= least) continue;
    least = share;
    index = i;
  }
  return index;
}

/** Adds headers in the place of those of the same names: a provider's own limits are not the caller's. */
export function stampHeaders(headers: string[], told: readonly string[]): void {
  for (let i = headers.length - 2; i >= 0; i -= 2) {
    const name = headers[i]?.toLowerCase();
    if (name !== undefined && isNamed(told, name)) headers.splice(i, 2);
  }
  for (const text of told) headers.push(text);
}

function isNamed(headers: readonly string[], name: string): boolean {
  for (let i = 0; i < headers.length; i += 2) if (headers[i] === name) return true;
  return false;
}
