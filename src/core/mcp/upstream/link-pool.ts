// Connections that belong to one caller: bounded in number, closed when nobody uses them, never older than the token
// they were opened with.
import { JsonRpcError } from '../wire/json-rpc.ts';
import { CODES } from '../wire/revision.ts';
import type { Link } from './link.ts';

export interface LinkPoolOptions {
  readonly maxSize: number;
  /** Milliseconds without use. */
  readonly idleTimeout: number;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Monotonic clock, milliseconds. */
  readonly elapsed: () => number;
}

interface Entry {
  readonly owner: object;
  /** Unix milliseconds; the entry is of no use from then on. */
  readonly until: number;
  link: Promise<Link>;
  open: Link | undefined;
  failedAt: number | undefined;
  usedAt: number;
  /** Those who hold it just now. */
  users: number;
}

/** How long a failure is not tried again. */
const FAILED_MS = 5000;
const LOOK_MS = 30_000;

export class LinkPool {
  readonly #options: LinkPoolOptions;
  /** The least recently used first. */
  readonly #entries = new Map<string, Entry>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LinkPoolOptions) {
    this.#options = options;
  }

  /** The open link of this key, if there is one. */
  peek(key: string): Link | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined || this.#isOver(entry) ? undefined : entry.open;
  }

  /**
   * Runs `use` with the link of this key, opened if need be, once for all who ask at the same time. `until` is when the
   * caller's token ends, Unix milliseconds.
   */
  async use<T>(
    key: string,
    owner: object,
    until: number,
    open: () => Promise<Link>,
    use: (link: Link) => Promise<T>,
  ): Promise<T> {
    const entry = this.#find(key, owner, until, open);
    entry.users += 1;
    try {
      return await use(await entry.link);
    } finally {
      entry.users -= 1;
      entry.usedAt = this.#options.elapsed();
    }
  }

  /** Closes all links of one owner. */
  async closeOf(owner: object): Promise<void> {
    const closing: Promise<void>[] = [];
    for (const [key, entry] of [...this.#entries]) {
      if (entry.owner === owner) closing.push(this.#drop(key, entry));
    }
    await Promise.all(closing);
  }

  #find(key: string, owner: object, until: number, open: () => Promise<Link>): Entry {
    const known = this.#entries.get(key);
    if (known !== undefined && !this.#isOver(known)) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known;
    }
    if (known !== undefined) void this.#drop(key, known);
    this.#makeRoom();
    const link = open();
    const entry: Entry = {
      owner,
      until,
      link,
      open: undefined,
      failedAt: undefined,
      usedAt: this.#options.elapsed(),
      users: 0,
    };
    link.then(
      (opened) => {
        entry.open = opened;
        opened.onGone = () => {
          if (this.#entries.get(key) === entry) this.#entries.delete(key);
        };
        if (opened.connection.closed) opened.onGone(undefined);
      },
      () => {
        entry.failedAt = this.#options.elapsed();
      },
    );
    this.#entries.set(key, entry);
    this.#timer ??= setInterval(() => this.#sweep(), Math.min(LOOK_MS, this.#options.idleTimeout)).unref();
    return entry;
  }

  #isOver(entry: Entry): boolean {
    const { now, elapsed } = this.#options;
    if (entry.failedAt !== undefined) return elapsed() - entry.failedAt >= FAILED_MS;
    return now() >= entry.until || entry.open?.connection.closed === true;
  }

  #isIdle(entry: Entry): boolean {
    return entry.users === 0 && entry.open?.isWatching !== true;
  }

  /** Who makes room: the least recently used one that nobody holds. */
  #makeRoom(): void {
    if (this.#entries.size < this.#options.maxSize) return;
    for (const [key, entry] of this.#entries) {
      if (!this.#isIdle(entry)) continue;
      void this.#drop(key, entry);
      return;
    }
    throw new JsonRpcError(CODES.internal, 'Too many connections to MCP servers are in use');
  }

  #sweep(): void {
    const { elapsed, idleTimeout } = this.#options;
    for (const [key, entry] of [...this.#entries]) {
      const idle = this.#isIdle(entry) && elapsed() - entry.usedAt >= idleTimeout;
      if (idle || (this.#isOver(entry) && entry.users === 0)) void this.#drop(key, entry);
    }
    if (this.#entries.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #drop(key: string, entry: Entry): Promise<void> {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
    if (this.#entries.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    const link = await entry.link.catch(() => undefined);
    await link?.close();
  }
}
