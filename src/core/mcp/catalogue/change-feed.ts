import type { UpstreamChange } from '../upstream/upstream.ts';

/** A list that has changed, or a resource that was watched. */
export type ListKind = 'tools' | 'prompts' | 'resources';
export type FeedChange = { readonly kind: ListKind } | { readonly kind: 'resource'; readonly uri: string };
export type FeedListener = (server: string, change: FeedChange) => void;

const QUIET_MS = 100;
const APART_MS = 1000;
const LISTS: readonly ListKind[] = ['tools', 'prompts', 'resources'];

/**
 * The changes of all servers, in bursts: a change of lists is told once it has been quiet for a tenth of a second at
 * the earliest, and at most once a second. What is told is `refresh`ed first. A watched resource is told at once.
 */
export class ChangeFeed {
  readonly #listeners = new Set<FeedListener>();
  readonly #refresh: () => void;
  readonly #elapsed: () => number;
  /** Changed lists by server, not told yet. */
  #pending = new Map<string, Set<ListKind>>();
  #timer: NodeJS.Timeout | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(elapsed: () => number, refresh: () => void) {
    this.#elapsed = elapsed;
    this.#refresh = refresh;
  }

  listen(listener: FeedListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Takes a change as a server reports it. */
  take(server: string, change: UpstreamChange): void {
    if (this.#closed) return;
    if (change.kind === 'resource') {
      this.#tell(server, change);
      return;
    }
    let kinds = this.#pending.get(server);
    if (kinds === undefined) {
      kinds = new Set();
      this.#pending.set(server, kinds);
    }
    // A server that comes or goes may have brought anything.
    for (const kind of change.kind === 'state' ? LISTS : [change.kind]) kinds.add(kind);
    if (this.#timer !== undefined) return;
    const wait = Math.max(QUIET_MS, this.#toldAt + APART_MS - this.#elapsed());
    this.#timer = setTimeout(() => this.#flush(), wait);
    this.#timer.unref();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#listeners.clear();
  }

  #flush(): void {
    this.#timer = undefined;
    this.#toldAt = this.#elapsed();
    const pending = this.#pending;
    this.#pending = new Map();
    this.#refresh();
    for (const [server, kinds] of pending) {
      for (const kind of kinds) this.#tell(server, { kind });
    }
  }

  #tell(server: string, change: FeedChange): void {
    for (const listener of this.#listeners) listener(server, change);
  }
}
