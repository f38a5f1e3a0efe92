// An HTTP server on 127.0.0.1 that knows its sockets and leaves nothing open.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface Loopback {
  /** Origin, without a path: `http://127.0.0.1:49152`. */
  readonly url: string;
  /** Ends every connection and stops listening. Safe to call twice. */
  close(): Promise<void>;
}

export interface LoopbackEvents {
  onRequest(request: IncomingMessage, response: ServerResponse): void;
  onConnection?(socket: Socket): void;
}

export async function openLoopback({ onRequest, onConnection }: LoopbackEvents): Promise<Loopback> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true, keepAliveTimeout: 60_000, requestTimeout: 0 }, onRequest);
  server.on('connection', (socket) => {
    sockets.add(socket);
    // A client that leaves in the middle shows up as an error here; the request itself learns it from `close`.
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    onConnection?.(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      });
      return closing;
    },
  };
}
