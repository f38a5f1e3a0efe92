import type { ParsedLimitStorage } from '../config/resolve-limits.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { StoreErrors } from './store-errors.ts';

/** Told what another process has put to rest; `until` is this process's monotonic clock, in milliseconds. */
export type RestListener = (name: string, until: number) => void;

/**
 * Where processes tell each other what they have put to rest. Nobody ever waits for it, and while it is away each
 * process knows what it has seen itself.
 */
export interface RestBoard {
  /** Tells the others that `name` rests for so many milliseconds from now. */
  announce(name: string, milliseconds: number): void;
  /** Begins to look what the others say, until it is closed. */
  start(listener: RestListener): void;
  close(): Promise<void>;
}

export interface RestBoardOptions {
  readonly logger: Logger;
  readonly runtime: Pick<Runtime, 'elapsed' | 'id'>;
  readonly storeErrors: StoreErrors;
}

/** The board of the processes that count together. `undefined`: this one is alone. Connects to nothing yet. */
export function openRestBoard(
  storage: ParsedLimitStorage,
  { logger, runtime, storeErrors }: RestBoardOptions,
): RestBoard | undefined {
  if (storage.type === 'memory') return undefined;
  return new LateBoard(async () => {
    const [{ RedisConnection }, { RedisRestBoard }] = await Promise.all([
      import('./redis-connection.ts'),
      import('./redis-rest-board.ts'),
    ]);
    const { elapsed } = runtime;
    const connection = new RedisConnection(storage, {
      logger,
      elapsed,
      onFailure: () => void storeErrors.rests++,
      messages: {
        away: 'Redis is away; each process rests its own targets',
        back: 'Redis is back; rests are shared again',
      },
    });
    return new RedisRestBoard(connection, { key: `${storage.keyPrefix}rests`, owner: runtime.id(), elapsed });
  });
}

/** A board that is loaded when it is started. What is announced before that is said as soon as it is there. */
class LateBoard implements RestBoard {
  readonly #load: () => Promise<RestBoard>;
  #loading: Promise<RestBoard> | undefined;

  constructor(load: () => Promise<RestBoard>) {
    this.#load = load;
  }

  announce(name: string, milliseconds: number): void {
    void this.#loaded().then((board) => board.announce(name, milliseconds));
  }

  start(listener: RestListener): void {
    void this.#loaded().then((board) => board.start(listener));
  }

  async close(): Promise<void> {
    await (await this.#loading)?.close();
  }

  #loaded(): Promise<RestBoard> {
    this.#loading ??= this.#load();
    return this.#loading;
  }
}
