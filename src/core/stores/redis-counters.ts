// Why not rate-limiter-flexible: docs/decisions/0004-own-counters.md.
import {
  type Correction,
  type CounterStore,
  type Decision,
  type Demand,
  SLOTS,
  type Standing,
  type TakeMode,
} from './counter-store.ts';
import { RedisAway, type RedisConnection } from './redis-connection.ts';
import { CORRECT, TAKE } from './redis-scripts.ts';

/** Counters in Redis: all demands of a call in one script, on the server's clock. Rejects with `RedisAway`. */
export class RedisCounters implements CounterStore {
  readonly #connection: RedisConnection;
  readonly #prefix: string;

  constructor(connection: RedisConnection, prefix: string) {
    this.#connection = connection;
    this.#prefix = prefix;
  }

  get state(): 'ready' | 'away' {
    return this.#connection.isReady ? 'ready' : 'away';
  }

  async take(demands: readonly Demand[], mode: TakeMode): Promise<Decision> {
    return (await this.takeTimed(demands, mode)).decision;
  }

  /** `take`, and the server's clock at which it was decided, in microseconds. */
  async takeTimed(demands: readonly Demand[], mode: TakeMode): Promise<{ decision: Decision; clock: number }> {
    const keys: string[] = [];
    const args: (string | number)[] = [mode, SLOTS];
    for (const { key, limit, interval, amount } of demands) {
      keys.push(this.#prefix + key);
      args.push(limit, interval * 1000, amount);
    }
    const [clock = 0, refused = 0, wait = 0, ...rest] = numbers(await this.#connection.run(TAKE, keys, args));
    const standings: Standing[] = [];
    for (let i = 0; i + 2 < rest.length; i += 3) {
      const [remaining = 0, reset = 0, slot = 0] = rest.slice(i, i + 3);
      standings.push({ remaining: Math.max(0, remaining), reset: reset / 1000, slot });
    }
    const decision = {
      refused: refused > 0 ? refused - 1 : undefined,
      retryAfter: wait / 1000,
      standings,
      store: this,
    };
    return { decision, clock };
  }

  async correct(corrections: readonly Correction[]): Promise<void> {
    const keys = corrections.map(({ key }) => this.#prefix + key);
    const args = corrections.flatMap(({ interval, slot, delta }) => [interval * 1000, slot, delta]);
    // What cannot be given back leaves with its window.
    await this.#connection.run(CORRECT, keys, args).catch(() => undefined);
  }

  open(): Promise<void> {
    return this.#connection.open();
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

function numbers(reply: unknown): number[] {
  if (!Array.isArray(reply) || !reply.every((item) => typeof item === 'number')) throw new RedisAway('cannot be read');
  return reply;
}
