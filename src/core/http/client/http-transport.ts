import { Buffer } from 'node:buffer';
import type { Transport, UpstreamCall, UpstreamReceiver, UpstreamRequest } from '../transport.ts';
import { ClientCall } from './client-call.ts';
import { connectorTo } from './connector.ts';
import { OriginPool } from './origin-pool.ts';
import { requestHead } from './request-head.ts';

interface Origin {
  /** What goes into the `host` header. */
  readonly host: string;
  readonly pool: OriginPool;
}

/** The transport of Node hosts: HTTP/1.1 straight on sockets, one keep-alive pool per origin. Deadlines are the caller's. */
export class HttpTransport implements Transport {
  readonly #origins = new Map<string, Origin>();
  readonly #connect: object;
  readonly #keepAlive: number;
  #isClosed = false;

  /**
   * `connect`: what Node's `net.connect` and `tls.connect` are told besides, such as a certificate. `keepAlive`: how long a
   * free connection is kept where the server names no time, milliseconds.
   */
  constructor({ connect = {}, keepAlive = 30_000 }: { readonly connect?: object; readonly keepAlive?: number } = {}) {
    this.#connect = connect;
    this.#keepAlive = keepAlive;
  }

  send(request: UpstreamRequest, receiver: UpstreamReceiver): UpstreamCall {
    const { body } = request;
    const { host, pool } = this.#origin(request.origin);
    try {
      const length = body === null ? 0 : Buffer.byteLength(body);
      const call = new ClientCall(requestHead(request, host, length), body, receiver);
      pool.send(call);
      return call;
    } catch (error) {
      const call = new ClientCall('', null, receiver);
      queueMicrotask(() => call.onFailure(error));
      return call;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { pool } of this.#origins.values()) pool.close();
  }

  #origin(name: string): Origin {
    let origin = this.#origins.get(name);
    if (origin === undefined) {
      const url = new URL(name);
      origin = { host: url.host, pool: new OriginPool(connectorTo(url, this.#connect), this.#keepAlive) };
      if (this.#isClosed) origin.pool.close();
      this.#origins.set(name, origin);
    }
    return origin;
  }
}
