// The same calls to the counters of this process and to those in Redis, and the truth beside them: a log of every
// admission.
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Secret } from '../../src/core/config/secret.ts';
import type { Demand, TakeMode } from '../../src/core/stores/counter-store.ts';
import { MemoryCounters } from '../../src/core/stores/memory-counters.ts';
import { RedisConnection } from '../../src/core/stores/redis-connection.ts';
import { RedisCounters } from '../../src/core/stores/redis-counters.ts';
import { noRedis, startRedis, type TestRedis } from '../support/redis.ts';

const STEPS = 10_000;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** Numbers that look random and are the same in each run. */
function createDice(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
}

interface Admission {
  readonly time: number;
  readonly amount: number;
}

/** Every admission of one counter, by the microsecond. */
class Log {
  readonly admissions: Admission[] = [];

  /** What an exact sliding window would say. */
  admits(time: number, { limit, interval, amount }: Demand): boolean {
    return this.#sum(time, interval * 1000) + amount <= limit;
  }

  /** Most that was admitted in any window of one interval. */
  peak(interval: number): number {
    let peak = 0;
    let sum = 0;
    let from = 0;
    for (const { time, amount } of this.admissions) {
      sum += amount;
      for (let first = this.admissions[from]; first !== undefined && first.time <= time - interval * 1000; ) {
        sum -= first.amount;
        first = this.admissions[++from];
      }
      peak = Math.max(peak, sum);
    }
    return peak;
  }

  #sum(time: number, window: number): number {
    let sum = 0;
    for (let i = this.admissions.length - 1; i >= 0; i--) {
      const admission = this.admissions[i];
      if (admission === undefined || admission.time <= time - window) break;
      sum += admission.amount;
    }
    return sum;
  }
}

const COUNTERS = [
  { key: 'a', limit: 5, interval: 20 },
  { key: 'b', limit: 40, interval: 100 },
  { key: 'c', limit: 300, interval: 400 },
  { key: 'd', limit: 1, interval: 7 },
] as const;

describe.skipIf(noRedis !== undefined)('memory and Redis', () => {
  let redis: TestRedis;
  let connection: RedisConnection;
  let shared: RedisCounters;

  beforeAll(async () => {
    redis = await startRedis();
    connection = new RedisConnection(
      {
        type: 'redis',
        url: new Secret(redis.url),
        keyPrefix: 'test:',
        responseTimeout: 10_000,
        connectionTimeout: 5000,
        onError: 'deny',
        tls: undefined,
      },
      { logger: quiet, elapsed: () => performance.now(), onFailure: () => {} },
    );
    shared = new RedisCounters(connection, 'test:');
  });
  afterAll(async () => {
    await connection.close();
    await redis.close();
  });

  it(`decide alike in ${STEPS} steps, and no window is over its limit`, async () => {
    const dice = createDice(20261121);
    let clock = 0;
    // Microseconds, like Redis: the same clock for both.
    const own = new MemoryCounters({ now: () => clock });
    const logs = new Map(COUNTERS.map(({ key }) => [key as string, new Log()]));
    let [admitted, refused, late] = [0, 0, 0];
    for (let step = 0; step < STEPS; step++) {
      const mode: TakeMode = dice(2) === 0 ? 'each' : 'all';
      const first = dice(COUNTERS.length);
      const demands: Demand[] = COUNTERS.slice(first, first + 1 + dice(2)).map((counter) => ({
        ...counter,
        amount: 1 + (dice(4) === 0 ? dice(Math.ceil(counter.limit / 3)) : 0),
      }));
      const { decision, clock: decidedAt } = await shared.takeTimed(demands, mode);
      clock = decidedAt;
      const mine = own.take(
        demands.map((demand) => ({ ...demand, interval: demand.interval * 1000 })),
        mode,
      );
      expect({ step, refused: mine.refused, wait: mine.retryAfter / 1000 }).toEqual({
        step,
        refused: decision.refused,
        wait: decision.retryAfter,
      });
      expect(mine.standings.map(({ remaining }) => remaining)).toEqual(
        decision.standings.map(({ remaining }) => remaining),
      );
      const wouldAdmit = demands.every((demand) => logs.get(demand.key)?.admits(clock, demand) === true);
      const booked =
        decision.refused === undefined ? demands : mode === 'all' ? [] : demands.slice(0, decision.refused);
      for (const { key, amount } of booked) logs.get(key)?.admissions.push({ time: clock, amount });
      if (decision.refused === undefined) admitted++;
      else refused++;
      if (decision.refused !== undefined && wouldAdmit) late++;
      // Nobody is admitted whom an exact window would refuse.
      if (decision.refused === undefined) expect(wouldAdmit).toBe(true);
    }
    for (const { key, limit, interval } of COUNTERS) expect(logs.get(key)?.peak(interval)).toBeLessThanOrEqual(limit);
    expect(admitted).toBeGreaterThan(500);
    expect(refused).toBeGreaterThan(500);
    console.log(
      `${admitted} admitted, ${refused} refused; an exact window would have admitted ${late} more (${((100 * late) / STEPS).toFixed(2)} %)`,
    );
    expect(late / STEPS).toBeLessThan(0.1);
  }, 120_000);

  it('settle alike', async () => {
    const demand: Demand = { key: 'settled', limit: 100, interval: 60_000, amount: 60 };
    const { decision, clock } = await shared.takeTimed([demand], 'all');
    const own = new MemoryCounters({ now: () => clock });
    const mine = own.take([{ ...demand, interval: 60_000_000 }], 'all');
    const left = async () => {
      const asks = { ...demand, amount: 1000 };
      const theirs = (await shared.take([asks], 'all')).standings[0]?.remaining;
      return [own.take([{ ...asks, interval: 60_000_000 }], 'all').standings[0]?.remaining, theirs];
    };
    expect(await left()).toEqual([40, 40]);
    for (const [delta, remaining] of [
      [-50, 90],
      [+30, 60],
      [-1000, 100],
      [+150, 0],
    ] as const) {
      await shared.correct([{ key: demand.key, interval: 60_000, slot: decision.standings[0]?.slot ?? 0, delta }]);
      own.correct([{ key: demand.key, interval: 60_000_000, slot: mine.standings[0]?.slot ?? 0, delta }]);
      expect(await left()).toEqual([remaining, remaining]);
    }
    expect(await redis.client.pttl('test:settled')).toBeGreaterThan(50_000);
  });

  it('count on when the clock of Redis has stepped back, and begin anew when that was far', async () => {
    const demand: Demand = { key: 'back', limit: 2, interval: 10_000, amount: 1 };
    const { clock } = await shared.takeTimed([demand], 'each');
    const ahead = (ms: number): string => `${clock + ms * 1000} ${clock + ms * 1000} 2`;
    await redis.client.set('test:back', ahead(5000));
    expect((await shared.take([demand], 'each')).refused).toBe(0);
    await redis.client.set('test:back', ahead(20_000));
    expect((await shared.take([demand], 'each')).refused).toBeUndefined();
  });

  it('leave nothing behind in Redis once an interval has passed', async () => {
    await shared.take([{ key: 'short', limit: 5, interval: 30, amount: 1 }], 'each');
    expect(await redis.client.pttl('test:short')).toBeLessThanOrEqual(30);
  });
});

// What docs/decisions/0004-own-counters.md stands on: where this no longer holds, the decision can be made anew.
it('rate-limiter-flexible admits twice the limit around the end of a window, and charges what it refuses', async () => {
  vi.useFakeTimers({ now: 0 });
  try {
    const limiter = new RateLimiterMemory({ points: 10, duration: 10 });
    const burst = async (calls: number, points = 1) => {
      const outcomes = await Promise.allSettled(Array.from({ length: calls }, () => limiter.consume('k', points)));
      return outcomes.filter(({ status }) => status === 'fulfilled').length;
    };
    expect(await burst(1)).toBe(1);
    vi.advanceTimersByTime(9900);
    expect(await burst(10)).toBe(9);
    vi.advanceTimersByTime(200);
    expect(await burst(10)).toBe(10);
    vi.advanceTimersByTime(20_000);
    expect([await burst(1, 11), await burst(1)]).toEqual([0, 0]);
  } finally {
    vi.useRealTimers();
  }
});
