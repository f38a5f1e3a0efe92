import type { ParsedRetry } from '../../config/resolve-routes.ts';
import type { FailureClass } from '../../exchange/attempt-record.ts';
import type { Failed } from './exhausted.ts';

/** Whether a target that has been called `tries` times may be called again after this failure. */
export function maySendAgain(
  failure: FailureClass,
  tries: number,
  failures: readonly Failed[],
  { attempts, on }: ParsedRetry,
): boolean {
  if (tries >= attempts) return false;
  if (failure !== 'network' && failure !== 'timeout' && failure !== 'rate_limit' && failure !== 'server') return false;
  if (!on.includes(failure)) return false;
  // A second wait as long as the first may be worth it; a third never is.
  return failure !== 'timeout' || timeouts(failures) <= 1;
}

/** Milliseconds before a target that has been called `tries` times is called again; `random` is in [0, 1). */
export function backoff(tries: number, { backoffInitial, backoffMax, jitter }: ParsedRetry, random: number): number {
  const base = Math.min(backoffInitial * 2 ** (tries - 1), backoffMax);
  return base * (1 + jitter * (2 * random - 1));
}

/** Timeouts of the target that was called last. */
function timeouts(failures: readonly Failed[]): number {
  const last = failures.at(-1)?.target;
  return failures.filter(({ target, failure }) => target === last && failure === 'timeout').length;
}
