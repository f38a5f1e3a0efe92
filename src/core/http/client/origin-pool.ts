import type { ClientCall } from './client-call.ts';
import { Connection, type ConnectionOwner } from './connection.ts';
import { ConnectionError } from './connection-error.ts';
import type { Connect } from './connector.ts';

/** As many calls as can be under way to one origin; more wait. */
const CONNECTIONS = 4096;
/** What a server's own word on how long it keeps a connection is shortened by, so that it does not hang up on a call. */
const MARGIN_MS = 2000;
const LONGEST_KEEP_ALIVE_MS = 600_000;
const SWEEP_MS = 1000;

/** The connections to one origin. One that is free is used again, the one used last first, until it has been free too long. */
export class OriginPool implements ConnectionOwner {
  readonly #connect: Connect;
  readonly #keepAlive: number;
  readonly #all = new Set<Connection>();
  readonly #free: Connection[] = [];
  readonly #waiting: ClientCall[] = [];
  #sweep: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  /** `keepAlive`: how long a free connection is kept where the server names no time, milliseconds. */
  constructor(connect: Connect, keepAlive: number) {
    this.#connect = connect;
    this.#keepAlive = keepAlive;
  }

  send(call: ClientCall): void {
    if (this.#isClosed) {
      queueMicrotask(() => call.onFailure(givenUp()));
      return;
    }
    const connection = this.#takeFree();
    if (connection !== undefined) connection.carry(call);
    else if (this.#all.size < CONNECTIONS) this.#open(call);
    else this.#waiting.push(call);
  }

  onFree(connection: Connection): void {
    const call = this.#nextWaiting();
    if (call !== undefined) {
      connection.carry(call);
      return;
    }
    const { keepAlive } = connection;
    const kept = keepAlive === undefined ? this.#keepAlive : keepAlive - MARGIN_MS;
    connection.freeUntil = performance.now() + Math.min(kept, LONGEST_KEEP_ALIVE_MS);
    this.#free.push(connection);
    this.#sweep ??= this.#sweepLater();
  }

  onUnsent(call: ClientCall): void {
    this.send(call);
  }

  onGone(connection: Connection): void {
    this.#all.delete(connection);
    const at = this.#free.indexOf(connection);
    if (at >= 0) this.#free.splice(at, 1);
    const call = this.#isClosed ? undefined : this.#nextWaiting();
    if (call !== undefined) this.#open(call);
  }

  /** Ends what is under way, and opens nothing more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#sweep);
    for (const connection of this.#all) connection.destroy(givenUp());
    for (const call of this.#waiting.splice(0)) call.onFailure(givenUp());
  }

  #open(call: ClientCall): void {
    try {
      const connection = new Connection(this, this.#connect);
      this.#all.add(connection);
      connection.carry(call);
    } catch (error) {
      // Settings that cannot be used, such as a broken certificate.
      queueMicrotask(() => call.onFailure(error));
    }
  }

  #takeFree(): Connection | undefined {
    const now = performance.now();
    for (let last = this.#free.pop(); last !== undefined; last = this.#free.pop()) {
      if (last.freeUntil > now) return last;
      last.destroy(givenUp());
    }
    return undefined;
  }

  #nextWaiting(): ClientCall | undefined {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (!next.isOver) return next;
    }
    return undefined;
  }

  #sweepLater(): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => {
      this.#sweep = undefined;
      const now = performance.now();
      for (const connection of this.#free.filter(({ freeUntil }) => freeUntil <= now)) connection.destroy(givenUp());
      if (this.#free.length > 0) this.#sweep = this.#sweepLater();
    }, SWEEP_MS);
    return timer.unref();
  }
}

function givenUp(): ConnectionError {
  return new ConnectionError('HTTP_ABORTED', 'The connection was closed on this side');
}
