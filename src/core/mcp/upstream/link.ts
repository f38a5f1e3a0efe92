// A connection and what is kept up to date through it: its lists, and the resources that are watched.
import type { Logger } from '../../runtime/logger.ts';
import { isObject } from '../wire/message.ts';
import { ChangeListener } from './change-listener.ts';
import { type ConnectOptions, connect } from './connect.ts';
import type { Connection, ListKind } from './connection.ts';
import { LiveCatalogue } from './live-catalogue.ts';
import type { Catalogue, UpstreamChange } from './upstream.ts';

export interface LinkOptions extends Omit<ConnectOptions, 'events' | 'signal'> {
  readonly logger: Logger;
  /** Monotonic clock, milliseconds. */
  readonly elapsed: () => number;
  readonly onChange: (change: UpstreamChange) => void;
  /** Whether to read the lists before the link counts as open. */
  readonly withLists: boolean;
  /** Log level to ask a legacy server for. */
  readonly logLevel: string | undefined;
}

const LISTS: readonly ListKind[] = ['tools', 'prompts', 'resources'];
const HOUSEKEEPING_MS = 30_000;

export class Link {
  readonly connection: Connection;
  /** Called once when the connection is gone; `failure` is absent when we closed it. */
  onGone: ((failure: Error | undefined) => void) | undefined;
  readonly #options: LinkOptions;
  readonly #watched = new Map<string, number>();
  readonly #listener: ChangeListener | undefined;
  #lists: LiveCatalogue | undefined;
  #reading: Promise<LiveCatalogue> | undefined;

  private constructor(connection: Connection, options: LinkOptions) {
    this.connection = connection;
    this.#options = options;
    if (connection.isModern) {
      this.#listener = new ChangeListener(connection, () => {
        for (const kind of LISTS) this.#lists?.note(kind);
      });
    }
  }

  /** Rejects with a link failure or `JsonRpcError`; then nothing stays open. */
  static async open(options: LinkOptions, signal: AbortSignal): Promise<Link> {
    let link: Link | undefined;
    let lost: Error | undefined;
    const connection = await connect({
      ...options,
      signal,
      events: {
        onListChanged: (kind) => {
          if (link !== undefined) link.#lists?.note(kind);
        },
        onResourceUpdated: (uri) => options.onChange({ kind: 'resource', uri }),
        onClose: (failure) => {
          lost = failure;
          if (link !== undefined) link.#leave(failure);
        },
      },
    });
    link = new Link(connection, options);
    try {
      if (options.logLevel !== undefined) link.setLogLevel(options.logLevel);
      if (options.withLists) await link.readLists(signal);
      if (lost !== undefined) throw lost;
    } catch (error) {
      await link.close();
      throw error;
    }
    link.#listener?.start();
    return link;
  }

  /** The lists, if they have been read. */
  get catalogue(): Catalogue | undefined {
    return this.#lists?.current;
  }

  /** Reads the lists once; from then on they follow the server. */
  async readLists(signal: AbortSignal): Promise<Catalogue> {
    this.#reading ??= LiveCatalogue.read(
      this.connection,
      {
        server: this.#options.name,
        logger: this.#options.logger,
        elapsed: this.#options.elapsed,
        onChange: (kind) => this.#options.onChange({ kind }),
      },
      signal,
    ).catch((error: unknown) => {
      this.#reading = undefined;
      throw error;
    });
    this.#lists = await this.#reading;
    return this.#lists.current;
  }

  /** Whether anything is watched through this link. */
  get isWatching(): boolean {
    return this.#watched.size > 0;
  }

  /** Watches a resource; the function stops it. Rejects as a request does. */
  async watch(uri: string): Promise<() => void> {
    const watchers = this.#watched.get(uri) ?? 0;
    this.#watched.set(uri, watchers + 1);
    try {
      if (watchers === 0) await this.#tellWatched(uri, 'resources/subscribe');
    } catch (error) {
      this.#unwatch(uri);
      throw error;
    }
    let watching = true;
    return () => {
      if (!watching) return;
      watching = false;
      if (this.#unwatch(uri) && !this.connection.closed) {
        this.#tellWatched(uri, 'resources/unsubscribe').catch(() => {});
      }
    };
  }

  setLogLevel(level: string): void {
    if (this.connection.isModern || !isObject(this.connection.session.capabilities['logging'])) return;
    this.connection.request('logging/setLevel', { level }, AbortSignal.timeout(HOUSEKEEPING_MS)).catch(() => {});
  }

  async close(): Promise<void> {
    this.#listener?.close();
    this.#lists?.close();
    await this.connection.close();
  }

  /** Whether the last one has stopped watching. */
  #unwatch(uri: string): boolean {
    const watchers = (this.#watched.get(uri) ?? 1) - 1;
    if (watchers > 0) this.#watched.set(uri, watchers);
    else this.#watched.delete(uri);
    return watchers === 0;
  }

  async #tellWatched(uri: string, method: string): Promise<void> {
    if (this.#listener !== undefined) this.#listener.watch([...this.#watched.keys()]);
    else await this.connection.request(method, { uri }, AbortSignal.timeout(HOUSEKEEPING_MS));
  }

  #leave(failure: Error | undefined): void {
    this.#listener?.close();
    this.#lists?.close();
    this.onGone?.(failure);
  }
}
