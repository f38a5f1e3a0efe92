import type { FailureClass } from '../../exchange/attempt-record.ts';
import { Breaker, type BreakerSettings } from './breaker.ts';
import { FAILURE_TIME, Latency } from './latency.ts';

/** Longest time a provider's `Retry-After` keeps calls away. */
const LONGEST_REST = 60_000;
const RATE_LIMIT_REST = 15_000;
const QUOTA_REST = 10 * 60_000;
/** Short answers would make every target look slow per token. */
const FEWEST_TOKENS = 32;
/** Failures that say something about the target, not about the request. */
const COUNTED: ReadonlySet<FailureClass> = new Set<FailureClass>(['network', 'timeout', 'server']);

/** As an operator wants to know it: a target that is not up is called only where nothing better is left. */
export type TargetState = 'up' | 'half_open' | 'cooling';

/** How an attempt went, as those who learn from it are told. */
export interface AttemptResult {
  /** Absent: there was an answer. */
  readonly failure: FailureClass | undefined;
  readonly stream: boolean;
  /** Milliseconds from sending until the first content of a stream, the end of a whole answer, or the failure. */
  readonly took: number;
  /** What the provider asked to be spared for, in milliseconds. */
  readonly retryAfter: number | undefined;
  /** Tokens written, where a whole answer says so. */
  readonly output: number | undefined;
}

/** How long a limited target or key rests. */
export function restOf({ failure, retryAfter }: Pick<AttemptResult, 'failure' | 'retryAfter'>): number {
  if (failure === 'quota') return QUOTA_REST;
  return Math.min(retryAfter ?? RATE_LIMIT_REST, LONGEST_REST);
}

/**
 * What is known of one model at one provider: calls under way, how long it takes, whether it rests. Learns from the
 * results of attempts of this process; of others it may be told that they let it rest. Times come from the caller's monotonic clock, in milliseconds.
 */
export class TargetHealth {
  /** Calls under way: from sending to the end of the answer. */
  inFlight = 0;
  /** Streams compare the time to their first content, whole answers their whole time. Never mixed. */
  readonly streamed = new Latency();
  readonly whole = new Latency();
  /** Time of whole answers by their tokens. */
  readonly perToken = new Latency();
  /**
   * Told when it is put to rest here, for how many milliseconds; `part` names the breaker that opened, and is empty where
   * all calls are meant. Absent: nobody else is told.
   */
  announce: ((part: string, milliseconds: number) => void) | undefined;
  #restsUntil = 0;
  /** Routes may judge the same target differently. */
  readonly #breakers = new Map<string, Breaker>();

  /** The same settings give the same breaker. */
  breaker(settings: BreakerSettings): Breaker {
    const { failures, ratio, minRequests, window, cooldown } = settings;
    const key = [failures, ratio, minRequests, window, cooldown].join();
    const known = this.#breakers.get(key);
    if (known !== undefined) return known;
    const breaker = new Breaker(settings, (cooldown) => this.announce?.(key, cooldown));
    this.#breakers.set(key, breaker);
    return breaker;
  }

  /** Limited by the vendor at this moment. */
  rests(now: number): boolean {
    return now < this.#restsUntil;
  }

  /** The worst that any route thinks of it. */
  state(now: number): TargetState {
    if (this.rests(now)) return 'cooling';
    let state: TargetState = 'up';
    for (const breaker of this.#breakers.values()) {
      const its = breaker.state(now);
      if (its === 'open') return 'cooling';
      if (its !== 'closed') state = 'half_open';
    }
    return state;
  }

  begin(now: number): void {
    this.inFlight++;
    for (const breaker of this.#breakers.values()) breaker.begin(now);
  }

  /** The answer has come to its end, in whatever way. */
  end(): void {
    if (this.inFlight > 0) this.inFlight--;
  }

  /** `hasOtherKey`: the limit was one of the provider's keys', and another is still good. */
  learn(result: AttemptResult, now: number, decay: number, hasOtherKey: boolean): void {
    const { failure, stream, took, output } = result;
    const latency = stream ? this.streamed : this.whole;
    if (failure === undefined) {
      latency.learn(took, now, decay);
      if (!stream && output !== undefined) this.perToken.learn(took / Math.max(output, FEWEST_TOKENS), now, decay);
      for (const breaker of this.#breakers.values()) breaker.succeed(now);
      return;
    }
    if (COUNTED.has(failure)) {
      latency.fail(now, decay);
      if (!stream) this.perToken.fail(now, decay, FAILURE_TIME / FEWEST_TOKENS);
      for (const breaker of this.#breakers.values()) breaker.fail(now);
      return;
    }
    if (failure === 'cancelled') latency.giveUp(took, now);
    if ((failure === 'rate_limit' || failure === 'quota') && !hasOtherKey) {
      const rest = restOf(result);
      this.#restsUntil = Math.max(this.#restsUntil, now + rest);
      this.announce?.('', rest);
    }
    for (const breaker of this.#breakers.values()) breaker.forget();
  }

  /** Another process has put it to rest. */
  restUntil(part: string, until: number): void {
    if (part === '') this.#restsUntil = Math.max(this.#restsUntil, until);
    else this.#breakers.get(part)?.openUntil(until);
  }

  /** A stream broke after content of it had been handed on. */
  breakOff(now: number): void {
    for (const breaker of this.#breakers.values()) breaker.fail(now);
  }
}
