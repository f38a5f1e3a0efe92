// A server that says, byte for byte, what a test has it say.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createSecureServer, type TlsOptions } from 'node:tls';

export interface RawRequest {
  readonly head: string;
  readonly body: Buffer;
  /** Which of the server's connections it came on, counted from 0. */
  readonly connection: number;
}

export interface RawServer {
  readonly port: number;
  readonly origin: string;
  /** All it ever accepted. */
  readonly sockets: readonly Socket[];
  /** All it ever got whole. */
  readonly requests: readonly RawRequest[];
  close(): Promise<void>;
}

/** `tls`: its certificate names localhost, and so does its origin. */
export async function openRawServer(
  answer: (socket: Socket, request: RawRequest) => void,
  tls?: TlsOptions,
): Promise<RawServer> {
  const sockets: Socket[] = [];
  const requests: RawRequest[] = [];
  const accept = (socket: Socket): void => {
    const connection = sockets.push(socket) - 1;
    let bytes: Buffer = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (more: Buffer) => {
      bytes = Buffer.concat([bytes, more]);
      for (let end = endOfRequest(bytes); end !== undefined; end = endOfRequest(bytes)) {
        const request = {
          head: bytes.toString('latin1', 0, end.head),
          body: bytes.subarray(end.head, end.body),
          connection,
        };
        bytes = bytes.subarray(end.body);
        requests.push(request);
        answer(socket, request);
      }
    });
  };
  const server = tls === undefined ? createServer(accept) : createSecureServer(tls, accept);
  server.on('tlsClientError', () => {});
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: tls === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`,
    sockets,
    requests,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Waits until the connection is over, whichever side ended it. */
export async function gone(socket: Socket | undefined): Promise<void> {
  if (socket === undefined) throw new Error('There was no such connection');
  // Not `once` of node:events: it would fail where the other side resets the connection.
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
}

function endOfRequest(bytes: Buffer): { readonly head: number; readonly body: number } | undefined {
  const blank = bytes.indexOf('\r\n\r\n');
  if (blank < 0) return undefined;
  const head = blank + 4;
  const length = /\r\ncontent-length: (\d+)/i.exec(bytes.toString('latin1', 0, head))?.[1] ?? '0';
  const body = head + Number(length);
  return bytes.length < body ? undefined : { head, body };
}
