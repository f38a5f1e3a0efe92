import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Nexus, Reply } from '../../core/index.ts';
import { type Mountable, nodeHandler } from './node-handler.ts';

export interface ListenOptions {
  /** Default `127.0.0.1`. */
  host?: string;
  /** Default 8000; 0 picks a free port. */
  port?: number;
  /** Gets every request that is not Nexus's: an Express or Koa application's callback. Default: 404. */
  otherwise?: (request: IncomingMessage, response: ServerResponse) => void;
  /** Speaks HTTPS: certificate and private key as PEM texts. Default: HTTP. */
  tls?: { readonly certificate: string; readonly key: string } | undefined;
  /** A listener of its own for the health endpoint, which is at `path`; it is then answered there and nowhere else. */
  health?: { readonly host: string; readonly port: number; readonly path: string } | undefined;
}

export interface ListeningServer extends AsyncDisposable {
  /** `http://127.0.0.1:8000` */
  readonly url: string;
  /** Where the health endpoint is, when it has a listener of its own. */
  readonly healthUrl: string | undefined;
  readonly server: Server;
  /**
   * Stops accepting, lets requests in flight finish for up to `drain` milliseconds (default 10,000), then ends them, and
   * closes the instance too.
   */
  close(options?: { drain?: number }): Promise<void>;
}

/** Serves an instance on its own `node:http` server: the fastest mount there is. Rejects when it cannot listen. */
export async function listen(nexus: Nexus, options: ListenOptions = {}): Promise<ListeningServer> {
  const { host = '127.0.0.1', port = 8000, otherwise, tls, health } = options;
  const handler = nodeHandler(health === undefined ? nexus : without(nexus, health.path));
  const server = createListener(tls, (request, response) => {
    handler(request, response, otherwise === undefined ? undefined : () => otherwise(request, response));
  });
  const healthServer = health === undefined ? undefined : createListener(tls, nodeHandler(only(nexus, health.path)));
  const servers = healthServer === undefined ? [server] : [server, healthServer];
  await nexus.ready();
  await open(server, host, port);
  if (health !== undefined && healthServer !== undefined) {
    try {
      await open(healthServer, health.host, health.port);
    } catch (error) {
      server.close();
      throw error;
    }
  }
  const close = async ({ drain = 10_000 }: { drain?: number } = {}): Promise<void> => {
    const closed = Promise.all(servers.map((one) => new Promise<void>((resolve) => one.close(() => resolve()))));
    for (const one of servers) one.closeIdleConnections();
    await nexus.close({ drain });
    // Replies have been written; connections kept alive, or never read by their client, go now.
    await new Promise((resolve) => setImmediate(resolve));
    for (const one of servers) one.closeAllConnections();
    await closed;
  };
  const scheme = tls === undefined ? 'http' : 'https';
  return {
    url: urlOf(scheme, server.address() as AddressInfo),
    healthUrl:
      healthServer === undefined || health === undefined
        ? undefined
        : `${urlOf(scheme, healthServer.address() as AddressInfo)}${health.path}`,
    server,
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

function createListener(tls: ListenOptions['tls'], listener: RequestListener): Server {
  const common = { noDelay: true, keepAliveTimeout: 65_000 };
  if (tls === undefined) return createServer(common, listener);
  return createSecureServer({ ...common, cert: tls.certificate, key: tls.key }, listener);
}

function open(server: Server, host: string, port: number): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 1024 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function without(nexus: Nexus, path: string): Mountable {
  return {
    owns: (one) => one !== path && nexus.owns(one),
    handle: (exchange) => (exchange.path === path ? nothingHere() : nexus.handle(exchange)),
  };
}

function only(nexus: Nexus, path: string): Mountable {
  return {
    owns: (one) => one === path,
    handle: (exchange) => (exchange.path === path ? nexus.handle(exchange) : nothingHere()),
  };
}

function nothingHere(): Promise<Reply> {
  return Promise.resolve({ status: 404, headers: ['content-length', '0'], body: null });
}

function urlOf(scheme: string, { address, family, port }: AddressInfo): string {
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
