// Time, ids and chance that a test holds in its hand.
import { NexusError, type Runtime } from '../core/index.ts';

export interface TestClockOptions {
  /** What the wall clock says at first: milliseconds since 1970, a `Date`, or an ISO 8601 text. Default: 2026-01-01, 0:00 UTC. */
  start?: number | Date | string | undefined;
  /** Where the sequence of random numbers begins. Default: 1. */
  seed?: number | undefined;
}

/** A clock that stands still until it is told to go on. */
export interface TestClock {
  /** For `createNexus(config, { runtime: clock.runtime })`. Ids are `test-1`, `test-2`, …; chance repeats itself. */
  readonly runtime: Runtime;
  /** Wall clock, milliseconds since 1970. */
  readonly now: number;
  /** Moves both clocks on, by milliseconds. Throws `invalid_request` for a step that is negative or no number. */
  advance(milliseconds: number): void;
  /** Moves the wall clock alone, as a correction of a machine's time does; also back. */
  setNow(to: number | Date | string): void;
}

const START = Date.UTC(2026, 0, 1);

/**
 * Makes a clock that a test moves: windows of limits, breakers, tokens, caches and durations in records follow it.
 * Deadlines of calls are timers of the platform and do not; fake those with your test runner.
 */
export function createTestClock({ start = START, seed = 1 }: TestClockOptions = {}): TestClock {
  let wall = instantOf(start);
  let elapsed = 0;
  let ids = 0;
  const random = randomFrom(seed);
  return {
    runtime: {
      now: () => wall,
      elapsed: () => elapsed,
      random,
      id: () => `test-${++ids}`,
    },
    get now() {
      return wall;
    },
    advance(milliseconds) {
      if (!(milliseconds >= 0 && milliseconds < Number.POSITIVE_INFINITY)) {
        throw new NexusError('invalid_request', `A clock goes on by milliseconds, not by ${milliseconds}`);
      }
      wall += milliseconds;
      elapsed += milliseconds;
    },
    setNow(to) {
      wall = instantOf(to);
    },
  };
}

function instantOf(given: number | Date | string): number {
  const instant = typeof given === 'number' ? given : new Date(given).getTime();
  if (!Number.isFinite(instant))
    throw new NexusError('invalid_request', `${JSON.stringify(given)} is no point in time`);
  return instant;
}

/** Numbers in [0, 1) by a 32-bit xorshift (Marsaglia, 2003), which must not stand at zero. */
function randomFrom(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
}
