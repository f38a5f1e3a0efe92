import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Nexus } from '../../core/index.ts';
import { nodeHandler } from './node-handler.ts';

export interface ListenOptions {
  /** Default `127.0.0.1`. */
  host?: string;
  /** Default 8000; 0 picks a free port. */
  port?: number;
  /** Gets every request that is not Nexus's: an Express or Koa application's callback. Default: 404. */
  otherwise?: (request: IncomingMessage, response: ServerResponse) => void;
}

export interface ListeningServer extends AsyncDisposable {
  /** `http://127.0.0.1:8000` */
  readonly url: string;
  readonly server: Server;
  /**
   * Stops accepting, lets requests in flight finish for up to `drain` milliseconds (default 10,000), then ends them, and
   * closes the instance too.
   */
  close(options?: { drain?: number }): Promise<void>;
}

/** Serves an instance on its own `node:http` server: the fastest mount there is. Rejects when it cannot listen. */
export async function listen(nexus: Nexus, options: ListenOptions = {}): Promise<ListeningServer> {
  const { host = '127.0.0.1', port = 8000, otherwise } = options;
  const handler = nodeHandler(nexus);
  const server = createServer({ noDelay: true, keepAliveTimeout: 65_000 }, (request, response) => {
    handler(request, response, otherwise === undefined ? undefined : () => otherwise(request, response));
  });
  await nexus.ready();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 1024 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const close = async ({ drain = 10_000 }: { drain?: number } = {}): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    await nexus.close({ drain });
    // Replies have been written; connections kept alive, or never read by their client, go now.
    await new Promise((resolve) => setImmediate(resolve));
    server.closeAllConnections();
    await closed;
  };
  return { url: urlOf(server.address() as AddressInfo), server, close, [Symbol.asyncDispose]: () => close() };
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
