import type { Buffer } from 'node:buffer';
import type { UpstreamCall, UpstreamHeaders, UpstreamReceiver } from '../transport.ts';
import type { Connection } from './connection.ts';
import { ConnectionError } from './connection-error.ts';
import { type Decompressor, decompressorOf } from './decompressor.ts';

/** One call, from when it waits for a connection to when its answer is told: decompressed, and over once. */
export class ClientCall implements UpstreamCall {
  readonly head: string;
  readonly body: Buffer | string | null;
  /** What carries it; absent while it waits for one, and after its last byte. */
  connection: Connection | undefined;
  /** Hears no more. */
  isOver = false;
  readonly #receiver: UpstreamReceiver;
  #isPaused = false;
  /** The connection has carried the whole answer. */
  #isComplete = false;
  #openDecompressor: (() => Decompressor) | undefined;
  /** Absent where nothing is packed, and until there is something to unpack. */
  #decompressor: Decompressor | undefined;
  /** The decompressor takes no more for the moment. */
  #isFull = false;
  #isUnpacked = false;

  constructor(head: string, body: Buffer | string | null, receiver: UpstreamReceiver) {
    this.head = head;
    this.body = body;
    this.#receiver = receiver;
  }

  onHead(status: number, headers: UpstreamHeaders): void {
    if (this.isOver) return;
    const coding = headers['content-encoding'];
    try {
      if (coding !== undefined) this.#openDecompressor = decompressorOf(String(coding));
    } catch (error) {
      this.#giveUp(error);
      return;
    }
    this.#receiver.onHead(status, headers);
  }

  onBody(bytes: Buffer): void {
    if (this.isOver) return;
    if (this.#openDecompressor === undefined) {
      this.#receiver.onData(bytes);
      return;
    }
    // What follows the packed bytes means nothing.
    if (this.#isUnpacked) return;
    this.#decompressor ??= this.#unpackWith(this.#openDecompressor());
    this.#isFull = !this.#decompressor.write(bytes);
    if (this.#isFull) this.connection?.pause();
  }

  onComplete(): void {
    this.connection = undefined;
    this.#isComplete = true;
    if (this.#decompressor === undefined || this.#isUnpacked) this.#end();
    else this.#decompressor.end();
  }

  onFailure(error: unknown): void {
    this.connection = undefined;
    if (this.isOver) return;
    this.isOver = true;
    this.#decompressor?.destroy();
    this.#receiver.onError(error);
  }

  pause(): void {
    this.#isPaused = true;
    this.#decompressor?.pause();
    this.connection?.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#decompressor?.resume();
    if (!this.#isFull) this.connection?.resume();
  }

  abort(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#decompressor?.destroy();
    this.#leave();
  }

  #end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#receiver.onEnd();
  }

  #giveUp(error: unknown): void {
    if (this.isOver) return;
    this.abort();
    this.#receiver.onError(error);
  }

  /** The rest of the answer would be in the way of the next: its connection goes too. */
  #leave(): void {
    const { connection } = this;
    this.connection = undefined;
    connection?.destroy(new ConnectionError('HTTP_ABORTED', 'The call was given up'));
  }

  #unpackWith(decompressor: Decompressor): Decompressor {
    decompressor.on('data', (bytes: Buffer) => {
      if (!this.isOver) this.#receiver.onData(bytes);
    });
    const takeMore = (): void => {
      this.#isFull = false;
      if (!this.#isPaused) this.connection?.resume();
    };
    decompressor.on('drain', takeMore);
    decompressor.on('end', () => {
      this.#isUnpacked = true;
      takeMore();
      if (this.#isComplete) this.#end();
    });
    decompressor.on('error', (error) => this.#giveUp(error));
    if (this.#isPaused) decompressor.pause();
    return decompressor;
  }
}
