import type { Transport, UpstreamCall, UpstreamReceiver, UpstreamRequest } from './transport.ts';

export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

/** The transport over any `fetch`: other runtimes, tests, a host's own instrumented client. */
export class FetchTransport implements Transport {
  readonly #fetch: Fetch;

  constructor(fetch: Fetch) {
    this.#fetch = fetch;
  }

  send(request: UpstreamRequest, receiver: UpstreamReceiver): UpstreamCall {
    const call = new FetchCall(receiver);
    void call.run(this.#fetch, request);
    return call;
  }

  async close(): Promise<void> {}
}

class FetchCall implements UpstreamCall {
  readonly #receiver: UpstreamReceiver;
  readonly #abort = new AbortController();
  #waiting: Promise<void> | undefined;
  #wake: (() => void) | undefined;

  constructor(receiver: UpstreamReceiver) {
    this.#receiver = receiver;
  }

  pause(): void {
    this.#waiting ??= new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  resume(): void {
    this.#waiting = undefined;
    this.#wake?.();
  }

  abort(): void {
    this.#abort.abort();
    this.resume();
  }

  async run(fetch: Fetch, request: UpstreamRequest): Promise<void> {
    const signal = this.#abort.signal;
    try {
      const headers: [string, string][] = [];
      for (let i = 0; i + 1 < request.headers.length; i += 2) {
        headers.push([request.headers[i] ?? '', request.headers[i + 1] ?? '']);
      }
      const response = await fetch(request.origin + request.path, {
        method: request.method,
        headers,
        body: request.body as string | null,
        redirect: 'manual',
        signal,
      });
      if (signal.aborted) return;
      this.#receiver.onHead(response.status, Object.fromEntries(response.headers));
      const reader = response.body?.getReader();
      while (reader !== undefined) {
        const { done, value } = await reader.read();
        if (signal.aborted) return;
        if (done) break;
        this.#receiver.onData(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
        await this.#waiting;
        if (signal.aborted) return;
      }
      this.#receiver.onEnd();
    } catch (error) {
      if (!signal.aborted) this.#receiver.onError(error);
    }
  }
}
