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
  /**
   * A listener of its own for the health endpoint, which is at `path`, and for readiness below it; they are then answered
   * there and nowhere else, and also while the process drains.
   */
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

/** Milliseconds that the last answers have to reach their clients. */
const FAREWELL = 1000;

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
    const closed = stop(server);
    await nexus.close({ drain });
    await letGo(servers, Promise.all([closed, healthServer && stop(healthServer)]));
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

/** Stops accepting; resolves when the last connection has gone. */
function stop(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  return closed;
}

/** Lets go of connections once their last answer is out; of those whose client does not read it, after a moment. */
async function letGo(servers: readonly Server[], closed: Promise<unknown>): Promise<void> {
  const look = setInterval(() => servers.map((one) => one.closeIdleConnections()), 10);
  const enough = setTimeout(() => servers.map((one) => one.closeAllConnections()), FAREWELL);
  await closed;
  clearInterval(look);
  clearTimeout(enough);
}

function without(nexus: Nexus, health: string): Mountable {
  return {
    owns: (path) => !isHealth(path, health) && nexus.owns(path),
    handle: (exchange) => (isHealth(exchange.path, health) ? nothingHere() : nexus.handle(exchange)),
  };
}

function only(nexus: Nexus, health: string): Mountable {
  return {
    owns: (path) => isHealth(path, health),
    handle: (exchange) => (isHealth(exchange.path, health) ? nexus.handle(exchange) : nothingHere()),
  };
}

function isHealth(path: string, health: string): boolean {
  return path === health || path === `${health === '/' ? '' : health}/ready`;
}

function nothingHere(): Promise<Reply> {
  return Promise.resolve({ status: 404, headers: ['content-length', '0'], body: null });
}

function urlOf(scheme: string, { address, family, port }: AddressInfo): string {
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
