import type { ParsedLimitStorage } from '../config/resolve-limits.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Correction, CounterStore, Decision, Demand, TakeMode } from './counter-store.ts';
import { MemoryCounters } from './memory-counters.ts';
import type { StoreErrors } from './store-errors.ts';

export interface OpenCountersOptions {
  readonly logger: Logger;
  readonly runtime: Pick<Runtime, 'elapsed'>;
  readonly storeErrors: StoreErrors;
}

/** Configured storage → counters. Nothing of Redis is loaded where it is not configured, nor before its first use. */
export function openCounters(storage: ParsedLimitStorage, options: OpenCountersOptions): CounterStore {
  const { logger, runtime, storeErrors } = options;
  const own = new MemoryCounters({ now: runtime.elapsed });
  if (storage.type === 'memory') return own;
  return new LateCounters(async () => {
    const [{ RedisConnection }, { RedisCounters }, { InsuredCounters }] = await Promise.all([
      import('./redis-connection.ts'),
      import('./redis-counters.ts'),
      import('./insured-counters.ts'),
    ]);
    const { elapsed } = runtime;
    const connection = new RedisConnection(storage, { logger, elapsed, onFailure: () => void storeErrors.limits++ });
    return new InsuredCounters(new RedisCounters(connection, storage.keyPrefix), own, storage.onError, elapsed);
  });
}

/** Counters that are loaded on first use. */
class LateCounters implements CounterStore {
  readonly #load: () => Promise<CounterStore>;
  #loading: Promise<CounterStore> | undefined;
  #store: CounterStore | undefined;

  constructor(load: () => Promise<CounterStore>) {
    this.#load = load;
  }

  get state(): 'ready' | 'away' {
    return this.#store?.state ?? 'ready';
  }

  async take(demands: readonly Demand[], mode: TakeMode): Promise<Decision> {
    return (this.#store ?? (await this.#loaded())).take(demands, mode);
  }

  async correct(corrections: readonly Correction[]): Promise<void> {
    await (this.#store ?? (await this.#loaded())).correct(corrections);
  }

  async open(): Promise<void> {
    await (await this.#loaded()).open();
  }

  async close(): Promise<void> {
    await (await this.#loading)?.close();
  }

  #loaded(): Promise<CounterStore> {
    this.#loading ??= this.#load().then((store) => {
      this.#store = store;
      return store;
    });
    return this.#loading;
  }
}
