import type { EventStore } from './event-store.ts';

/** What carries a stream for a while: the answer to a request, or a link inside this process. */
export interface Outlet {
  readonly isDone: boolean;
  event(text: string, options?: { id?: string; losable?: boolean }): void;
  prime(id: string, retry: number): void;
  finish(text: string, status?: number, id?: string): void;
  end(): void;
}

/** How long a client may stay away from a stream it can resume before its calls are cancelled. */
const AWAY_MS = 3000;
/** How long a client is asked to wait before it resumes. */
const RETRY_MS = 500;

/**
 * One stream of a session: the answer to a POST with requests, or the standing stream of a GET. It outlives the
 * connection that carries it, for as long as its client may come back.
 */
export class SessionStream {
  readonly id: number;
  readonly #store: EventStore;
  readonly #onAbandoned: () => void;
  #answer: Outlet | undefined;
  #awayTimer: NodeJS.Timeout | undefined;
  #canResume = false;
  #isOver = false;

  /** `onAbandoned` is called when the client is gone for good before the stream was over. */
  constructor(id: number, store: EventStore, onAbandoned: () => void) {
    this.id = id;
    this.#store = store;
    this.#onAbandoned = onAbandoned;
  }

  get isConnected(): boolean {
    return this.#answer !== undefined && !this.#answer.isDone;
  }

  /** Carries the stream from here on, in the place of what did before. */
  connect(answer: Outlet): void {
    clearTimeout(this.#awayTimer);
    this.#awayTimer = undefined;
    const before = this.#answer;
    this.#answer = answer;
    before?.end();
  }

  /** Gives the client an id to resume after before anything is said. */
  prime(): void {
    this.#canResume = true;
    this.#answer?.prime(this.#store.add(this.id, ''), RETRY_MS);
  }

  /** Sends what the client has missed since an event. */
  replay(events: readonly { readonly id: string; readonly text: string }[]): void {
    this.#canResume = true;
    for (const { id, text } of events) this.#answer?.event(text, { id });
  }

  send(text: string, { losable = false }: { losable?: boolean } = {}): void {
    if (this.#isOver) return;
    const id = this.#store.add(this.id, text);
    this.#answer?.event(text, { id, losable });
    this.#canResume = true;
  }

  /** Sends the last message and ends the stream. */
  finish(text: string): void {
    if (this.#isOver) return;
    const id = this.#store.add(this.id, text);
    this.#isOver = true;
    clearTimeout(this.#awayTimer);
    this.#answer?.finish(text, 200, id);
  }

  end(): void {
    this.#isOver = true;
    clearTimeout(this.#awayTimer);
    this.#answer?.end();
  }

  /** The connection `answer` has broken. */
  disconnected(answer: Outlet): void {
    if (this.#answer !== answer) return;
    this.#answer = undefined;
    if (this.#isOver) return;
    if (!this.#canResume) {
      this.#isOver = true;
      this.#onAbandoned();
      return;
    }
    this.#awayTimer = setTimeout(() => {
      this.#isOver = true;
      this.#onAbandoned();
    }, AWAY_MS);
    this.#awayTimer.unref();
  }
}
