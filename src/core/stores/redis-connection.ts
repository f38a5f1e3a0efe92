import { readFile } from 'node:fs/promises';
import type { Redis, RedisOptions } from 'ioredis';
import type { ParsedLimitStorage } from '../config/resolve-limits.ts';
import type { Logger } from '../runtime/logger.ts';
import type { RedisScript } from './redis-scripts.ts';

type Settings = Extract<ParsedLimitStorage, { readonly type: 'redis' }>;

export interface RedisConnectionOptions {
  readonly logger: Logger;
  /** Monotonic milliseconds. */
  readonly elapsed: () => number;
  /** Told of every command that was not answered, or not sent because Redis is away. */
  readonly onFailure: () => void;
  /** What the log is told. Default: what becomes of limits. */
  readonly messages?: { readonly away: string; readonly back: string };
}

/** After a command that failed, others do not ask for this long, in milliseconds; then one of them tries. */
const PAUSE = 250;
/** After a connection that could not even be begun (a file is missing, or the package), in milliseconds. */
const LONG_PAUSE = 5000;
/** Longest wait of whoever comes first, in milliseconds. */
const FIRST_WAIT = 1000;
/** A connection on which commands wait and nothing comes for this long, in milliseconds, is given up. */
const DEAD_AFTER = 2000;

/** Redis is not there, or not in time. */
export class RedisAway extends Error {
  override readonly name = 'RedisAway';
}

/**
 * One connection to Redis, which carries all commands at once. Loaded and opened on first use; it reconnects by itself, and
 * nothing ever waits in a queue for it: while it is away, calls fail at once.
 */
export class RedisConnection {
  readonly #settings: Settings;
  readonly #options: RedisConnectionOptions;
  #client: Redis | undefined;
  #opening: Promise<void> | undefined;
  #isClosed = false;
  #isAway = false;
  /** It answers, but refuses to write: being connected again proves nothing. */
  #isReadOnly = false;
  #pausedUntil = 0;

  constructor(settings: Settings, options: RedisConnectionOptions) {
    this.#settings = settings;
    this.#options = options;
  }

  get isReady(): boolean {
    return !this.#isAway && (this.#client === undefined || this.#client.status === 'ready');
  }

  /** Connects; resolves when that has succeeded or failed for the first time, or a second has passed. */
  open(): Promise<void> {
    this.#opening ??= this.#connect();
    return this.#opening;
  }

  /** Rejects with `RedisAway`. */
  async run(script: RedisScript, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    if (this.#client === undefined) {
      if (this.#isAway && this.#options.elapsed() < this.#pausedUntil) throw this.#away('not connected');
      await this.open();
    } else if (this.#client.status !== 'ready') await this.#opening;
    const client = this.#client;
    if (client === undefined || client.status !== 'ready') throw this.#away('not connected');
    if (this.#isAway) {
      const now = this.#options.elapsed();
      if (now < this.#pausedUntil) throw this.#away('failed a moment ago');
      this.#pausedUntil = now + PAUSE;
    }
    try {
      const reply = await within(evaluate(client, script, keys, args), this.#settings.responseTimeout);
      this.#isReadOnly = false;
      this.#setAway(false);
      return reply;
    } catch (error) {
      this.#isReadOnly = isReadOnly(error);
      this.#pausedUntil = this.#options.elapsed() + PAUSE;
      this.#setAway(true, error);
      throw this.#away('a command failed', error);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#opening;
    const client = this.#client;
    if (client === undefined) return;
    // What was sent is still answered, within the time any command has.
    if (client.status === 'ready') await within(client.quit(), this.#settings.responseTimeout).catch(() => undefined);
    client.disconnect();
  }

  #away(why: string, cause?: unknown): RedisAway {
    this.#options.onFailure();
    return new RedisAway(why, { cause });
  }

  async #connect(): Promise<void> {
    let client: Redis;
    try {
      const [{ Redis: Client }, tls] = await Promise.all([loadClient(), readTls(this.#settings)]);
      if (this.#isClosed) return;
      client = new Client(this.#settings.url.reveal(), this.#clientOptions(tls));
    } catch (error) {
      this.#pausedUntil = this.#options.elapsed() + LONG_PAUSE;
      this.#opening = undefined;
      this.#setAway(true, error);
      return;
    }
    this.#client = client;
    let first: unknown;
    client.on('error', (error: unknown) => {
      first ??= error;
    });
    client.on('ready', () => this.#isReadOnly || this.#setAway(false));
    client.on('close', () => this.#isClosed || this.#setAway(true, first ?? new Error('the connection was closed')));
    // Failures are told by the events above.
    await within(client.connect(), Math.min(FIRST_WAIT, this.#settings.connectionTimeout)).catch((error: unknown) => {
      if (!this.#isClosed) this.#setAway(true, error);
    });
  }

  #clientOptions(tls: NonNullable<RedisOptions['tls']> | undefined): RedisOptions {
    return {
      lazyConnect: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      connectTimeout: this.#settings.connectionTimeout,
      socketTimeout: DEAD_AFTER,
      retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, 1000),
      // A server that has become a replica: behind the same address there may be another one by now.
      reconnectOnError: isReadOnly,
      ...(tls === undefined ? {} : { tls }),
    };
  }

  /** Tells the log when Redis goes and when it comes back. Errors are reduced to their text: they may carry commands. */
  #setAway(isAway: boolean, error?: unknown): void {
    if (isAway === this.#isAway) return;
    this.#isAway = isAway;
    const { logger, messages } = this.#options;
    if (!isAway) {
      logger.warn(messages?.back ?? 'Redis is back; limits are shared again');
      return;
    }
    const reason = error instanceof Error ? error.message : String(error);
    if (messages !== undefined) {
      logger.warn(messages.away, { reason });
      return;
    }
    logger.warn('Redis is away; server.rate_limits.on_error says what happens to requests', {
      onError: this.#settings.onError,
      reason,
    });
  }
}

async function loadClient(): Promise<typeof import('ioredis')> {
  try {
    return await import('ioredis');
  } catch (cause) {
    throw new Error('the package ioredis is not installed; add it to the dependencies of the application', { cause });
  }
}

function isReadOnly(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('READONLY');
}

async function evaluate(
  client: Redis,
  { lua, sha }: RedisScript,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await client.evalsha(sha, keys.length, ...keys, ...args);
  } catch (error) {
    // Unknown at a server that has just started, taken over or been flushed.
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return client.eval(lua, keys.length, ...keys, ...args);
  }
}

/** The certificates are read when they are needed, so that a file that is missing keeps nothing from starting. */
async function readTls({ tls }: Settings): Promise<NonNullable<RedisOptions['tls']> | undefined> {
  if (tls === undefined) return undefined;
  const { insecure, caCertPath, clientCertPath, clientKeyPath } = tls;
  const [ca, cert, key] = await Promise.all(
    [caCertPath, clientCertPath, clientKeyPath].map((path) => (path === undefined ? undefined : readFile(path))),
  );
  return {
    rejectUnauthorized: !insecure,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

/** Rejects when nothing has come in time. An answer that lies in the socket already, unread because we were busy, counts. */
function within<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new Error(`no answer within ${milliseconds} ms`));
    const timer = setTimeout(() => setImmediate(late), milliseconds);
    const settle = (): void => clearTimeout(timer);
    promise.then(resolve, reject).finally(settle);
  });
}
