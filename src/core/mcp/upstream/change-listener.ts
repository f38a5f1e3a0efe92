// Modern servers tell their changes only to those who listen (`subscriptions/listen`, revision 2026-07-28): one request
// that stays open, opened again when it ends.
import { JsonRpcError } from '../wire/json-rpc.ts';
import { isObject } from '../wire/message.ts';
import type { Connection } from './connection.ts';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
/** How long an old request stays open beside the new one, so that nothing falls between them. */
const OVERLAP_MS = 500;

export class ChangeListener {
  readonly #connection: Connection;
  readonly #onGap: () => void;
  #uris: readonly string[] = [];
  #open: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pause = FIRST_PAUSE_MS;
  #closed = false;

  /** `onGap` is called when changes may have been missed. */
  constructor(connection: Connection, onGap: () => void) {
    this.#connection = connection;
    this.#onGap = onGap;
  }

  start(): void {
    if (this.#isWorthwhile()) this.#listen();
  }

  /** Listens for changes of these resources too. */
  watch(uris: readonly string[]): void {
    this.#uris = uris;
    const old = this.#open;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isWorthwhile()) this.#listen();
    else this.#open = undefined;
    if (old !== undefined) setTimeout(() => old.abort(STOPPED), OVERLAP_MS).unref();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#open?.abort(STOPPED);
  }

  #isWorthwhile(): boolean {
    if (this.#uris.length > 0) return true;
    const { capabilities } = this.#connection.session;
    return ['tools', 'prompts', 'resources'].some((kind) => {
      const declared = capabilities[kind];
      return isObject(declared) && declared['listChanged'] === true;
    });
  }

  #listen(): void {
    const open = new AbortController();
    this.#open = open;
    const began = performance.now();
    const notifications = {
      toolsListChanged: true,
      promptsListChanged: true,
      resourcesListChanged: true,
      ...(this.#uris.length === 0 ? {} : { resourceSubscriptions: this.#uris }),
    };
    const ended = (error?: unknown): void => {
      if (this.#open !== open || this.#closed || this.#connection.closed) return;
      // A refusal in words would only be repeated.
      if (error instanceof JsonRpcError) return;
      if (performance.now() - began > LONGEST_PAUSE_MS) this.#pause = FIRST_PAUSE_MS;
      this.#timer = setTimeout(() => {
        this.#listen();
        this.#onGap();
      }, this.#pause);
      this.#timer.unref();
      this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
    };
    this.#connection.request('subscriptions/listen', { notifications }, open.signal).then(() => ended(), ended);
  }
}

const STOPPED = new Error('Listening has stopped');
