// A stream of events a server is asked for by GET: its own messages, or the rest of an answer that broke off. It comes
// back by itself. Source: "Streamable HTTP" of revision 2025-11-25, Listening for Messages, Resumability.
import type { UpstreamHeaders } from '../../../http/transport.ts';
import type { JsonObject } from '../../wire/json-rpc.ts';
import { linkFacts } from '../link-failure.ts';
import type { Exchange, ExchangeReceiver } from './exchange.ts';
import { MessageEvents } from './message-events.ts';
import type { Abortable } from './open-exchanges.ts';
import { mediaType } from './post.ts';

/** The connection the stream belongs to. */
export interface EventsHost {
  /** After how many milliseconds the server wants to be asked again, if it has said so. */
  readonly retryDelay: number | undefined;
  get(lastId: string | undefined, receiver: ExchangeReceiver): Exchange;
  onRetry(delay: number): void;
}

export interface EventsListener {
  onMessage(message: JsonObject): void;
  /** The stream will not come back: `status` where the server said so, `failure` where it cannot be reached. */
  onGone(why: { readonly status?: number; readonly failure?: Error }): void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** Refusals that may pass. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

export class ServerEvents implements ExchangeReceiver, Abortable {
  slot = -1;
  readonly #host: EventsHost;
  readonly #listener: EventsListener;
  #lastId: string | undefined;
  #exchange: Exchange | undefined;
  #events: MessageEvents | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pauses = 0;
  #openedAt = 0;
  #over = false;

  constructor(host: EventsHost, listener: EventsListener, lastId?: string) {
    this.#host = host;
    this.#listener = listener;
    this.#lastId = lastId;
  }

  open(): void {
    this.#timer = undefined;
    this.#events = undefined;
    this.#exchange = this.#host.get(this.#lastId, this);
    this.#exchange.begin();
  }

  /** Opens it after a pause, which the server may have named. */
  reopen(): void {
    if (this.#over) return;
    const named = this.#host.retryDelay;
    const pause = Math.min((named ?? FIRST_PAUSE_MS) * 2 ** this.#pauses, Math.max(LONGEST_PAUSE_MS, named ?? 0));
    this.#pauses = Math.min(this.#pauses + 1, 16);
    this.#timer = setTimeout(() => this.open(), pause);
    this.#timer.unref();
  }

  abort(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#exchange?.abort();
  }

  onHead(status: number, headers: UpstreamHeaders): void {
    if (status === 200 && mediaType(headers['content-type']) === 'text/event-stream') {
      this.#openedAt = performance.now();
      this.#events = new MessageEvents(
        (message) => this.#listener.onMessage(message),
        (delay) => this.#host.onRetry(delay),
      );
      return;
    }
    this.#exchange?.abort();
    if (status >= 500 || PASSING.has(status)) this.reopen();
    else this.#leave({ status });
  }

  onData(chunk: Buffer): void {
    const events = this.#events;
    if (events === undefined) return;
    const within = events.push(chunk);
    this.#lastId = events.lastId ?? this.#lastId;
    if (within || this.#over) return;
    this.#exchange?.abort();
    this.reopen();
  }

  onEnd(): void {
    // A server that names the pause closes its streams on purpose.
    const stood = performance.now() - this.#openedAt > LONGEST_PAUSE_MS;
    if (this.#events !== undefined && (stood || this.#host.retryDelay !== undefined)) this.#pauses = 0;
    this.reopen();
  }

  onFailure(failure: Error): void {
    if (linkFacts(failure)?.over === true) this.#leave({ failure });
    else this.onEnd();
  }

  #leave(why: { readonly status?: number; readonly failure?: Error }): void {
    if (this.#over) return;
    this.abort();
    this.#listener.onGone(why);
  }
}
