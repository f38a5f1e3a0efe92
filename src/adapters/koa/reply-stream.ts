import { Readable } from 'node:stream';
import type { ByteStream } from '../../core/index.ts';

/** A pushed body as a Node stream: begins when it is first read, waits when its reader does, ends when it is destroyed. */
export class ReplyStream extends Readable {
  readonly #body: ByteStream;
  #started = false;
  #ended = false;

  constructor(body: ByteStream) {
    super();
    this.#body = body;
  }

  override _read(): void {
    if (this.#started) {
      this.#body.resume();
      return;
    }
    this.#started = true;
    this.#body.start({
      write: (chunk) => this.push(chunk),
      end: () => {
        this.#ended = true;
        this.push(null);
      },
    });
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.#ended) this.#body.cancel();
    callback(error);
  }
}
