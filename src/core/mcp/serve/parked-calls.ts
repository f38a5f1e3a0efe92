import { randomBytes } from 'node:crypto';
import type { Conversation } from './conversation.ts';

interface Parked {
  readonly conversation: Conversation;
  readonly release: () => void;
  readonly timer: NodeJS.Timeout;
}

const LIFETIME_MS = 5 * 60_000;
const MOST = 1000;

/** Calls that wait for their client to come back with answers; one that does not within five minutes is cancelled. */
export class ParkedCalls {
  readonly #calls = new Map<string, Parked>();

  get size(): number {
    return this.#calls.size;
  }

  /** Undefined when there is no room. `release` is called when the call is given up, not when it is taken up. */
  park(conversation: Conversation, release: () => void): string | undefined {
    if (this.#calls.size >= MOST) return undefined;
    const id = randomBytes(16).toString('base64url');
    const timer = setTimeout(() => this.#giveUp(id), LIFETIME_MS);
    timer.unref();
    this.#calls.set(id, { conversation, release, timer });
    return id;
  }

  /** Takes a call up again, once. */
  take(id: string): { readonly conversation: Conversation; readonly release: () => void } | undefined {
    const parked = this.#calls.get(id);
    if (parked === undefined) return undefined;
    this.#calls.delete(id);
    clearTimeout(parked.timer);
    return parked;
  }

  close(): void {
    for (const id of [...this.#calls.keys()]) this.#giveUp(id);
  }

  #giveUp(id: string): void {
    const parked = this.take(id);
    if (parked === undefined) return;
    parked.conversation.controller.abort();
    parked.release();
  }
}
