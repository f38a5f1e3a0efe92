// The connection all callers of a server share, kept up: started in the background, restarted with growing pauses, and
// at once when somebody needs it.
import type { Logger } from '../../runtime/logger.ts';
import type { Link } from './link.ts';
import { linkFailure, problemOf } from './link-failure.ts';
import { EMPTY_CATALOGUE } from './lists.ts';
import type { Catalogue, UpstreamState } from './upstream.ts';

export interface SharedLinkOptions {
  readonly name: string;
  /** How long anyone waits for the server to come up, milliseconds. */
  readonly startTimeout: number;
  readonly logger: Logger;
  /** Monotonic clock, milliseconds. */
  readonly elapsed: () => number;
  readonly open: (signal: AbortSignal) => Promise<Link>;
  /** The state has changed, and with it perhaps the lists. */
  readonly onState: () => void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** A connection that lasted this long has not failed to start. */
const STABLE_MS = 30_000;
/** A server may be slow to start; it is given up after this many start timeouts. */
const PATIENCE = 3;

export class SharedLink {
  readonly #options: SharedLinkOptions;
  readonly #stop = new AbortController();
  #state: UpstreamState = 'starting';
  #problem: string | undefined;
  #link: Link | undefined;
  #catalogue: Catalogue = EMPTY_CATALOGUE;
  #settling: Promise<void> | undefined;
  #attempt: { readonly done: Promise<void>; readonly began: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #failedAt = Number.NEGATIVE_INFINITY;
  #upSince = 0;
  /** Resources to watch again after a restart. */
  readonly #watched = new Map<string, Set<Watch>>();

  constructor(options: SharedLinkOptions) {
    this.#options = options;
  }

  get state(): UpstreamState {
    return this.#state;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  get link(): Link | undefined {
    return this.#link;
  }

  /** What it offers now, or offered last. */
  get catalogue(): Catalogue {
    return this.#link?.catalogue ?? this.#catalogue;
  }

  start(): void {
    void this.#connect();
  }

  /** Resolves when the first attempt has come to something, or the start timeout is over. */
  settled(): Promise<void> {
    if (this.#state !== 'starting' || this.#attempt === undefined) return Promise.resolve();
    // One wait for all who ask meanwhile.
    this.#settling ??= this.#waitFor(this.#attempt, this.#stop.signal).catch(() => {});
    return this.#settling;
  }

  /** The link, as soon as it is up. Rejects with a link failure when it is not, or with the reason of `signal`. */
  async up(signal: AbortSignal): Promise<Link> {
    if (this.#link !== undefined) return this.#link;
    if (this.#state === 'closed') throw this.#down();
    const { elapsed } = this.#options;
    if (this.#attempt === undefined) {
      if (elapsed() - this.#failedAt < FIRST_PAUSE_MS) throw this.#down();
      void this.#connect();
    }
    if (this.#attempt !== undefined) await this.#waitFor(this.#attempt, signal);
    if (this.#link === undefined) throw this.#down();
    return this.#link;
  }

  /** Watches a resource through all restarts. Rejects when the server refuses. */
  async watch(uri: string, signal: AbortSignal): Promise<() => void> {
    const link = await this.up(signal);
    const watch: Watch = { stop: await link.watch(uri) };
    const watches = this.#watched.get(uri) ?? new Set();
    watches.add(watch);
    this.#watched.set(uri, watches);
    return () => {
      watch.stop();
      watches.delete(watch);
      if (watches.size === 0 && this.#watched.get(uri) === watches) this.#watched.delete(uri);
    };
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearTimeout(this.#timer);
    this.#stop.abort(this.#down());
    const link = this.#link;
    this.#link = undefined;
    await Promise.all([link?.close(), this.#attempt?.done]);
  }

  async #waitFor(
    attempt: { readonly done: Promise<void>; readonly began: number },
    signal: AbortSignal,
  ): Promise<void> {
    const { startTimeout, elapsed } = this.#options;
    const left = Math.max(0, attempt.began + startTimeout - elapsed());
    let onAbort = (): void => {};
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        onAbort = () => reject(signal.reason);
        if (signal.aborted) return onAbort();
        signal.addEventListener('abort', onAbort, { once: true });
        timer = setTimeout(resolve, left);
        attempt.done.then(resolve);
      });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }

  #connect(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const done = this.#try().finally(() => {
      this.#attempt = undefined;
    });
    this.#attempt = { done, began: this.#options.elapsed() };
    return done;
  }

  async #try(): Promise<void> {
    const { startTimeout, open, name, logger, elapsed } = this.#options;
    const late = linkFailure('upstream_timeout', 'it does not start in time', { sent: true, over: true });
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(late), startTimeout * PATIENCE);
    const stop = (): void => limit.abort(this.#stop.signal.reason);
    this.#stop.signal.addEventListener('abort', stop, { once: true });
    try {
      const link = await open(limit.signal);
      if (this.#stop.signal.aborted) return await link.close();
      link.onGone = (failure) => this.#lost(link, failure);
      this.#link = link;
      this.#upSince = elapsed();
      if (link.connection.closed) return this.#lost(link, undefined);
      if (this.#failures > 0 || this.#state === 'down') logger.info('An MCP server is up again', { server: name });
      this.#state = 'ready';
      this.#problem = undefined;
      this.#rewatch(link);
      this.#options.onState();
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#fail(error);
    } finally {
      clearTimeout(timer);
      this.#stop.signal.removeEventListener('abort', stop);
    }
  }

  #rewatch(link: Link): void {
    for (const [uri, watches] of this.#watched) {
      for (const watch of watches) {
        watch.stop = () => {};
        link.watch(uri).then(
          (stop) => {
            watch.stop = stop;
            if (!watches.has(watch)) stop();
          },
          () => {},
        );
      }
    }
  }

  #lost(link: Link, failure: Error | undefined): void {
    if (this.#link !== link) return;
    this.#catalogue = link.catalogue ?? this.#catalogue;
    this.#link = undefined;
    if (this.#state === 'closed') return;
    if (this.#options.elapsed() - this.#upSince >= STABLE_MS) this.#failures = 0;
    this.#goDown(
      failure ?? linkFailure('upstream_unavailable', 'the connection was closed', { sent: true, over: true }),
    );
  }

  #fail(error: unknown): void {
    this.#failedAt = this.#options.elapsed();
    this.#goDown(error);
  }

  #goDown(error: unknown): void {
    const { name, logger, onState } = this.#options;
    const wasDown = this.#state === 'down';
    this.#state = 'down';
    this.#problem = problemOf(error);
    if (!wasDown) logger.warn('An MCP server is down', { server: name, problem: this.#problem });
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
    this.#failures = Math.min(this.#failures + 1, 16);
    // Many servers that went down together need not come back in step.
    const spread = pause * (1 + Math.random() * 0.2);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect(), Math.min(spread, LONGEST_PAUSE_MS));
    this.#timer.unref();
    if (!wasDown) onState();
  }

  #down(): Error {
    const why =
      this.#state === 'closed' ? 'it was closed' : this.#state === 'starting' ? 'it is still starting' : this.#problem;
    return linkFailure('upstream_unavailable', why ?? 'it is down', { sent: false, over: false });
  }
}

interface Watch {
  stop: () => void;
}
