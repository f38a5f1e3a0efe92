import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { bytesOf } from './text.ts';
import type { Transport, UpstreamCall, UpstreamHeaders, UpstreamReceiver, UpstreamRequest } from './transport.ts';
import { type ConnectionPool, openConnectionPool } from './undici-pool.ts';

type Decompressor = ReturnType<typeof createGunzip>;

const DECODERS = new Map<string, () => Decompressor>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

const ABORTED = new Error('The call was aborted');

/** One call on undici's dispatch interface: no streams, no promises, callbacks straight from the socket. */
class DispatchCall implements UpstreamCall, Dispatcher.DispatchHandler {
  readonly #receiver: UpstreamReceiver;
  #controller: Dispatcher.DispatchController | undefined;
  #decoder: Decompressor | undefined;
  #over = false;

  constructor(receiver: UpstreamReceiver) {
    this.#receiver = receiver;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // The caller may have left while the connection was still being made.
    if (this.#over) controller.abort(ABORTED);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: UpstreamHeaders): void {
    if (this.#over || status < 200) return;
    const encoding = headers['content-encoding'];
    if (encoding !== undefined) this.#decoder = this.#openDecoder(String(encoding));
    if (!this.#over) this.#receiver.onHead(status, headers);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#over) return;
    if (this.#decoder === undefined) this.#receiver.onData(chunk);
    else if (!this.#decoder.write(chunk)) this.#waitForDecoder(this.#decoder);
  }

  onResponseEnd(): void {
    if (this.#over) return;
    if (this.#decoder !== undefined) {
      this.#decoder.end();
      return;
    }
    this.#over = true;
    this.#receiver.onEnd();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error);
  }

  pause(): void {
    this.#decoder?.pause();
    this.#controller?.pause();
  }

  resume(): void {
    this.#decoder?.resume();
    this.#controller?.resume();
  }

  abort(): void {
    if (this.#over) return;
    this.#over = true;
    this.#decoder?.destroy();
    this.#controller?.abort(ABORTED);
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#decoder?.destroy();
    this.#receiver.onError(error);
  }

  #openDecoder(encoding: string): Decompressor | undefined {
    const name = encoding.trim().toLowerCase();
    if (name === '' || name === 'identity') return undefined;
    const open = DECODERS.get(name);
    if (open === undefined) {
      this.#fail(new Error(`Unknown content-encoding '${name.slice(0, 32)}'`));
      this.#controller?.abort(ABORTED);
      return undefined;
    }
    const decoder = open();
    decoder.on('data', (chunk: Buffer) => {
      if (!this.#over) this.#receiver.onData(chunk);
    });
    decoder.on('end', () => {
      if (this.#over) return;
      this.#over = true;
      this.#receiver.onEnd();
    });
    decoder.on('error', (error) => {
      this.#fail(error);
      this.#controller?.abort(ABORTED);
    });
    return decoder;
  }

  #waitForDecoder(decoder: Decompressor): void {
    this.#controller?.pause();
    decoder.once('drain', () => {
      if (!decoder.isPaused()) this.#controller?.resume();
    });
  }
}

/** The transport of Node hosts: one keep-alive pool per origin. Deadlines are the caller's. */
export class UndiciTransport implements Transport {
  readonly #pools = new Map<string, ConnectionPool>();
  readonly #connect: object;
  readonly #keepAlive: number;

  /**
   * `connect`: what undici's connector is told beside the standard, such as TLS settings. `keepAlive`: how long an idle
   * connection stays open where the server names no time, milliseconds.
   */
  constructor({ connect = {}, keepAlive = 30_000 }: { readonly connect?: object; readonly keepAlive?: number } = {}) {
    this.#connect = connect;
    this.#keepAlive = keepAlive;
  }

  send(request: UpstreamRequest, receiver: UpstreamReceiver): UpstreamCall {
    const call = new DispatchCall(receiver);
    this.#pool(request.origin).dispatch(
      {
        path: request.path,
        method: request.method,
        headers: request.headers as string[],
        body: typeof request.body === 'string' ? bytesOf(request.body) : request.body,
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      call,
    );
    return call;
  }

  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  #pool(origin: string): ConnectionPool {
    let pool = this.#pools.get(origin);
    if (pool === undefined) {
      pool = openConnectionPool(origin, this.#connect, this.#keepAlive);
      this.#pools.set(origin, pool);
    }
    return pool;
  }
}
