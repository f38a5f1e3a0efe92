import { NexusError } from '../errors/nexus-error.ts';
import type { Correction, CounterStore, Decision, Demand, TakeMode } from './counter-store.ts';
import type { MemoryCounters } from './memory-counters.ts';
import { RedisAway } from './redis-connection.ts';

/** What happens to requests while the shared counters are away: counted in this process, let through, or refused (503). */
export type OnStoreError = 'memory' | 'allow' | 'deny';

/**
 * Shared counters, and what happens without them. The counters of this process know what it has been admitted by the
 * shared ones, so that it does not begin at zero when it is on its own.
 */
export class InsuredCounters implements CounterStore {
  readonly #shared: CounterStore;
  readonly #own: MemoryCounters;
  readonly #onError: OnStoreError;
  readonly #elapsed: () => number;

  constructor(shared: CounterStore, own: MemoryCounters, onError: OnStoreError, elapsed: () => number) {
    this.#shared = shared;
    this.#own = own;
    this.#onError = onError;
    this.#elapsed = elapsed;
  }

  get state(): 'ready' | 'away' {
    return this.#shared.state;
  }

  async take(demands: readonly Demand[], mode: TakeMode): Promise<Decision> {
    const begunAt = this.#elapsed();
    const asked = (failed: boolean) => ({ begunAt, took: this.#elapsed() - begunAt, failed });
    try {
      const decision = await this.#shared.take(demands, mode);
      if (this.#onError === 'memory') this.#own.note(admitted(demands, decision, mode));
      return { ...decision, asked: asked(false) };
    } catch (error) {
      if (!(error instanceof RedisAway)) throw error;
      return { ...this.#takeAlone(demands, mode, error), asked: asked(true) };
    }
  }

  correct(corrections: readonly Correction[]): void | Promise<void> {
    return this.#shared.correct(corrections);
  }

  open(): Promise<void> {
    return this.#shared.open();
  }

  async close(): Promise<void> {
    await Promise.all([this.#shared.close(), this.#own.close()]);
  }

  #takeAlone(demands: readonly Demand[], mode: TakeMode, cause: RedisAway): Decision {
    switch (this.#onError) {
      case 'memory':
        return this.#own.take(demands, mode);
      case 'allow':
        return { refused: undefined, retryAfter: 0, standings: [], store: this };
      case 'deny':
        throw new NexusError('store_unavailable', 'Rate limits cannot be checked right now; try again later', {
          headers: ['retry-after', '1'],
          cause,
        });
    }
  }
}

function admitted(demands: readonly Demand[], { refused }: Decision, mode: TakeMode): readonly Demand[] {
  if (refused === undefined) return demands;
  return mode === 'all' ? [] : demands.slice(0, refused);
}
