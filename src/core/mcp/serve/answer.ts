import type { Exchange } from '../../exchange/exchange.ts';
import type { ByteSink, ByteStream, Reply } from '../../exchange/reply.ts';
import type { EndpointContext } from '../../http/endpoint.ts';
import { json } from '../../http/respond.ts';
import type { Beating, Pulse } from './pulse.ts';

export interface AnswerOptions {
  readonly exchange: Exchange;
  readonly context: EndpointContext;
  readonly pulse: Pulse;
  /** Names and values in turn, on whatever is answered. */
  readonly headers?: readonly string[];
  /** Called once when the client is gone before the end. */
  readonly onGone?: () => void;
}

/** Texts that wait for a slow client before those that may be lost are. */
const MOST_WAITING = 256;

/**
 * The answer to one POST or GET: plain JSON when its only word is the last one, an event stream as soon as there is more
 * to say or nothing was said for a while.
 */
export class Answer implements ByteStream, Beating {
  /** Resolves when it is known which of the two it is. */
  readonly reply: Promise<Reply>;
  readonly #options: AnswerOptions;
  #forget: () => void = () => {};
  readonly #waiting: string[] = [];
  #resolve: (reply: Reply) => void = () => {};
  #state: 'open' | 'streaming' | 'done' = 'open';
  #sink: ByteSink | undefined;
  #flowing = true;
  #quiet = false;

  constructor(options: AnswerOptions) {
    this.#options = options;
    this.reply = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    options.pulse.add(this);
    const forget = options.exchange.onClose(() => this.cancel());
    this.#forget = forget;
    // Whoever left before we listened is not told again.
    if (this.isDone) forget();
    else if (options.exchange.closed) this.cancel();
  }

  get isDone(): boolean {
    return this.#state === 'done';
  }

  /** From here on it is an event stream. */
  stream(): void {
    if (this.#state !== 'open') return;
    this.#state = 'streaming';
    const { headers = [], context } = this.#options;
    context.record.stream = true;
    this.#resolve({
      status: 200,
      headers: [
        ...headers,
        'content-type',
        'text/event-stream',
        'cache-control',
        'no-cache, no-transform',
        'x-accel-buffering',
        'no',
      ],
      body: this,
    });
  }

  /** Sends one event. `id` is what a client may resume after; `losable` ones are dropped for a client that reads too slowly. */
  event(text: string, { id, losable = false }: { id?: string; losable?: boolean } = {}): void {
    if (this.#state === 'done') return;
    this.stream();
    if (losable && this.#waiting.length >= MOST_WAITING) return;
    this.#write(`event: message\n${id === undefined ? '' : `id: ${id}\n`}data: ${text}\n\n`);
  }

  /** Sends the id to resume after before anything is said, and how long to wait before resuming, in milliseconds. */
  prime(id: string, retry: number): void {
    if (this.#state === 'done') return;
    this.stream();
    this.#write(`id: ${id}\nretry: ${retry}\ndata: \n\n`);
  }

  /** Ends it with its last message. The status counts only where no stream has begun. */
  finish(text: string, status = 200, id?: string): void {
    if (this.#state === 'open') {
      this.#close();
      this.#resolve(json(status, text, [...(this.#options.headers ?? [])]));
      return;
    }
    this.event(text, id === undefined ? {} : { id });
    this.end();
  }

  /** Ends a stream without a last message. */
  end(): void {
    if (this.#state === 'done') return;
    this.stream();
    this.#close();
    if (this.#waiting.length === 0) this.#finishSink();
  }

  start(sink: ByteSink): void {
    this.#sink = sink;
    this.resume();
  }

  resume(): void {
    this.#flowing = true;
    this.#drain();
  }

  /** The client is gone. */
  cancel(): void {
    if (this.#state === 'done') return;
    const wasStreaming = this.#state === 'streaming';
    this.#close();
    this.#waiting.length = 0;
    this.#sink = undefined;
    // Nobody reads it; the host only needs an end to its wait.
    if (!wasStreaming) this.#resolve({ status: 499, headers: [], body: null });
    else this.#seal();
    this.#options.onGone?.();
  }

  beat(): void {
    if (!this.#quiet) {
      this.#quiet = true;
      return;
    }
    this.stream();
    if (this.#waiting.length === 0) this.#write(': keep-alive\n\n');
  }

  #write(text: string): void {
    this.#quiet = false;
    this.#waiting.push(text);
    this.#drain();
  }

  #drain(): void {
    const sink = this.#sink;
    if (sink === undefined) return;
    while (this.#flowing && this.#waiting.length > 0) {
      // A burst leaves in one piece.
      const text = this.#waiting.join('');
      this.#waiting.length = 0;
      this.#flowing = sink.write(text);
    }
    if (this.#state === 'done' && this.#waiting.length === 0) this.#finishSink();
  }

  #finishSink(): void {
    const sink = this.#sink;
    if (sink === undefined) return;
    this.#sink = undefined;
    sink.end();
    this.#seal();
  }

  #seal(): void {
    const { context } = this.#options;
    context.record.status = 200;
    context.seal();
  }

  #close(): void {
    this.#state = 'done';
    this.#options.pulse.delete(this);
    this.#forget();
  }
}
