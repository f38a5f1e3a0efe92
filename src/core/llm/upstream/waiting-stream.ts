import type { ByteSink, ByteStream } from '../../exchange/reply.ts';

/**
 * The body of a stream whose client is told to wait: signs of life until an attempt has content, then that attempt's own
 * stream; or one last frame when there is none.
 */
export class WaitingStream implements ByteStream {
  readonly #onCancel: () => void;
  #sink: ByteSink | undefined;
  #body: ByteStream | undefined;
  /** Said before the host has taken the stream up. */
  #held = '';
  #isOver = false;

  /** `onCancel`: the client has left while there was nothing yet. */
  constructor(onCancel: () => void) {
    this.#onCancel = onCancel;
  }

  say(text: string): void {
    if (this.#sink === undefined) this.#held += text;
    else this.#sink.write(text);
  }

  /** The stream goes on with this body. */
  continueWith(body: ByteStream): void {
    this.#body = body;
    if (this.#sink !== undefined) body.start(this.#sink);
  }

  end(): void {
    this.#isOver = true;
    this.#sink?.end();
  }

  start(sink: ByteSink): void {
    this.#sink = sink;
    if (this.#held !== '') sink.write(this.#held);
    if (this.#body !== undefined) this.#body.start(sink);
    else if (this.#isOver) sink.end();
  }

  resume(): void {
    this.#body?.resume();
  }

  cancel(): void {
    if (this.#body !== undefined) this.#body.cancel();
    else if (!this.#isOver) this.#onCancel();
  }
}
