// A message on its way to a remote server, and what comes back in the same HTTP exchange: an answer in JSON, a stream of
// events with the answer somewhere in it, an acknowledgement, a refusal.
import type { UpstreamHeaders } from '../../../http/transport.ts';
import type { JsonObject } from '../../wire/json-rpc.ts';
import type { RequestId } from '../../wire/message.ts';
import { linkFacts, problemOf } from '../link-failure.ts';
import { BoundedBody } from './bounded-body.ts';
import { Exchange, type ExchangeReceiver } from './exchange.ts';
import { MessageEvents, messagesIn } from './message-events.ts';
import type { Abortable, OpenExchanges } from './open-exchanges.ts';
import type { Place, RemoteServer } from './remote-server.ts';
import { statusFailure, unreadable } from './transport-failure.ts';

export interface PostedMessage {
  readonly message: JsonObject;
  /** Whether the answer is expected here, and what is said before it. */
  readonly answeredHere: boolean;
  /** Ends it; nothing more is heard of it then. */
  readonly signal: AbortSignal | undefined;
  /** The stream has ended without an answer, or after it. */
  readonly onStreamEnd: (() => void) | undefined;
}

/** The connection a message is sent for. */
export interface PostHost {
  readonly server: RemoteServer;
  readonly exchanges: OpenExchanges;
  readonly hasSession: boolean;
  onMessage(message: JsonObject, during: RequestId): void;
  /** The message was taken: `headers` are those of the answer. */
  onTaken(post: Post, headers: UpstreamHeaders): void;
  onRetry(delay: number): void;
  /** Its stream of events broke off before the answer; whether the rest will come another way. */
  resume(post: Post, lastId: string | undefined): boolean;
  /** The connection is of no more use. */
  lose(why: string): void;
}

/** How long a stream may stay open behind the answer. */
const LINGER_MS = 5000;
/** Bytes of an acknowledgement, which says nothing. */
const LONGEST_ACKNOWLEDGEMENT = 64 * 1024;

export class Post implements ExchangeReceiver, Abortable {
  slot = -1;
  readonly posted: PostedMessage;
  readonly #host: PostHost;
  readonly #resolve: () => void;
  readonly #reject: (failure: Error) => void;
  #exchange: Exchange | undefined;
  #refusal: number | undefined;
  #body: BoundedBody | undefined;
  #events: MessageEvents | undefined;
  #ignored = 0;
  #answered = false;
  #timer: NodeJS.Timeout | undefined;

  private constructor(posted: PostedMessage, host: PostHost, resolve: () => void, reject: (failure: Error) => void) {
    this.posted = posted;
    this.#host = host;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /**
   * Posts a message, beside what else the host has under way. Resolves when it was taken, or aborted; where the answer is
   * in JSON, when that has come. Rejects with a link failure or the server's `JsonRpcError`; a failure that ends the
   * connection is told to the host right after.
   */
  static send(posted: PostedMessage, place: Place, headers: readonly string[], host: PostHost): Promise<void> {
    const request = { method: 'POST', place, headers, body: JSON.stringify(posted.message) } as const;
    return new Promise((resolve, reject) => {
      const post = new Post(posted, host, resolve, (failure) => {
        reject(failure);
        // Whoever waits for this very message hears of it first.
        if (linkFacts(failure)?.over === true) setImmediate(() => host.lose(problemOf(failure)));
      });
      host.exchanges.add(post);
      post.#begin(new Exchange(host.server, request, post));
    });
  }

  abort(): void {
    this.#exchange?.abort();
    this.#leave();
    this.#resolve();
  }

  /** Takes a message that belongs to it. */
  receive(message: JsonObject): void {
    if (message['id'] === this.posted.message['id'] && message['method'] === undefined) this.#answered = true;
    this.#host.onMessage(message, this.posted.message['id'] as RequestId);
  }

  get answered(): boolean {
    return this.#answered;
  }

  onHead(status: number, headers: UpstreamHeaders): void {
    if (status < 200 || status > 299) {
      this.#refusal = status;
      this.#body = new BoundedBody();
      return;
    }
    this.#host.onTaken(this, headers);
    const type = mediaType(headers['content-type']);
    if (!this.posted.answeredHere) {
      this.#resolve();
      // Nothing is expected here, so nothing would ever end it.
      if (type === 'text/event-stream') this.abort();
    } else if (type === 'text/event-stream') {
      this.#events = new MessageEvents(
        (message) => this.receive(message),
        (delay) => this.#host.onRetry(delay),
      );
      this.#resolve();
    } else if (type === 'application/json') this.#body = new BoundedBody();
    else this.#fail(unreadable());
  }

  onData(chunk: Buffer): void {
    if (this.#events !== undefined) {
      if (!this.#events.push(chunk)) this.#giveUp();
      else if (this.#answered && this.#timer === undefined) this.#linger();
    } else if (this.#body !== undefined) {
      if (!this.#body.push(chunk)) this.#fail(unreadable());
    } else {
      this.#ignored += chunk.length;
      if (this.#ignored > LONGEST_ACKNOWLEDGEMENT) this.abort();
    }
  }

  onEnd(): void {
    this.#leave();
    if (this.#events !== undefined) this.#endStream();
    else if (this.#refusal !== undefined) this.#refuse(this.#refusal);
    else if (this.#body !== undefined) this.#readBody(this.#body);
    else this.#resolve();
  }

  onFailure(failure: Error): void {
    this.#leave();
    if (this.#events !== undefined) this.#endStream();
    else this.#reject(failure);
  }

  readonly #onAbort = (): void => this.abort();

  #begin(exchange: Exchange): void {
    this.#exchange = exchange;
    this.posted.signal?.addEventListener('abort', this.#onAbort, { once: true });
    exchange.begin();
  }

  #readBody(body: BoundedBody): void {
    for (const message of messagesIn(body.text()) ?? []) this.receive(message);
    if (this.#answered) this.#resolve();
    else this.#reject(unreadable());
  }

  #refuse(status: number): void {
    const { hasSession } = this.#host;
    this.#reject(statusFailure(status, this.#body?.text() ?? '', { isRequest: this.posted.answeredHere, hasSession }));
  }

  #endStream(): void {
    if (this.#answered || !this.#host.resume(this, this.#events?.lastId)) this.posted.onStreamEnd?.();
  }

  #linger(): void {
    this.#timer = setTimeout(() => this.abort(), LINGER_MS);
    this.#timer.unref();
  }

  #giveUp(): void {
    this.abort();
    this.posted.onStreamEnd?.();
  }

  #fail(failure: Error): void {
    this.#exchange?.abort();
    this.#leave();
    this.#reject(failure);
  }

  #leave(): void {
    clearTimeout(this.#timer);
    this.posted.signal?.removeEventListener('abort', this.#onAbort);
    this.#host.exchanges.remove(this);
  }
}

/** `text/event-stream; charset=utf-8` → `text/event-stream`. */
export function mediaType(header: string | string[] | undefined): string {
  const value = typeof header === 'string' ? header : (header?.[0] ?? '');
  if (value === 'application/json' || value === 'text/event-stream') return value;
  const end = value.indexOf(';');
  return (end === -1 ? value : value.slice(0, end)).trim().toLowerCase();
}
