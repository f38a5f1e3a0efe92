import type { Logger } from '../../runtime/logger.ts';
import type { Connection, ListKind } from './connection.ts';
import { readCatalogue, refreshCatalogue } from './lists.ts';
import type { Catalogue } from './upstream.ts';

/** How long a burst of changes is waited out, and how far apart two readings are at least. */
const QUIET_MS = 100;
const APART_MS = 1000;
const REFRESH_MS = 30_000;

export interface LiveCatalogueOptions {
  readonly server: string;
  readonly logger: Logger;
  /** Monotonic clock, milliseconds. */
  readonly elapsed: () => number;
  /** A list has changed, and the new one is here. */
  readonly onChange: (kind: ListKind) => void;
}

/** The lists of one connection, kept as they are at the server. */
export class LiveCatalogue {
  #current: Catalogue;
  readonly #connection: Connection;
  readonly #options: LiveCatalogueOptions;
  readonly #stale = new Set<ListKind>();
  #timer: NodeJS.Timeout | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  #reading = false;

  private constructor(connection: Connection, current: Catalogue, options: LiveCatalogueOptions) {
    this.#connection = connection;
    this.#current = current;
    this.#options = options;
  }

  /** Rejects as `readCatalogue`. */
  static async read(
    connection: Connection,
    options: LiveCatalogueOptions,
    signal: AbortSignal,
  ): Promise<LiveCatalogue> {
    return new LiveCatalogue(connection, await readCatalogue(connection, options, signal), options);
  }

  /** The same object for as long as nothing has changed. */
  get current(): Catalogue {
    return this.#current;
  }

  /** The server says a list has changed. Bursts are waited out, and a server that never stops is read once a second. */
  note(kind: ListKind): void {
    this.#stale.add(kind);
    this.#plan();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #plan(): void {
    if (this.#timer !== undefined || this.#reading || this.#connection.closed) return;
    const wait = Math.max(QUIET_MS, this.#readAt + APART_MS - this.#options.elapsed());
    this.#timer = setTimeout(() => void this.#refresh(), wait);
    this.#timer.unref();
  }

  async #refresh(): Promise<void> {
    this.#timer = undefined;
    this.#reading = true;
    this.#readAt = this.#options.elapsed();
    const kinds = [...this.#stale];
    this.#stale.clear();
    for (const kind of kinds) {
      try {
        const signal = AbortSignal.timeout(REFRESH_MS);
        const next = await refreshCatalogue(this.#current, kind, this.#connection, this.#options, signal);
        if (isSame(this.#current, next, kind)) continue;
        this.#current = next;
        this.#options.onChange(kind);
      } catch {
        // The lists stay as they were; a connection that is lost is read anew when it is back.
      }
    }
    this.#reading = false;
    if (this.#stale.size > 0) this.#plan();
  }
}

function isSame(a: Catalogue, b: Catalogue, kind: ListKind): boolean {
  const lists = (one: Catalogue): unknown =>
    kind === 'resources' ? [one.resources, one.resourceTemplates] : one[kind];
  return JSON.stringify(lists(a)) === JSON.stringify(lists(b));
}
