import { isIP, connect as openTcp, type Socket } from 'node:net';
import { connect as openTls, type TLSSocket } from 'node:tls';
import { ConnectionError } from './connection-error.ts';

/** Begins to open a connection. `onOpen` is told when it can be written to; what keeps it from that comes as the socket's error. */
export type Connect = (onOpen: () => void) => Socket;

const CONNECT_MS = 10_000;
/** After how long a silence the operating system asks whether the other side is still there. */
const PROBE_MS = 60_000;

/** The way to one origin. `settings`: what `tls.connect` and `net.connect` are told beside the standard. */
export function connectorTo({ hostname, port, protocol }: URL, settings: object): Connect {
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  const common = { ...settings, host };
  if (protocol !== 'https:') {
    return (onOpen) => withDeadline(openTcp({ ...common, port: Number(port || 80) }), 'connect', onOpen);
  }
  const servername = isIP(host) === 0 ? host : '';
  const secured = { servername, ALPNProtocols: ['http/1.1'], ...common, port: Number(port || 443) };
  // A later connection takes up the session of an earlier one: its handshake is shorter.
  let session: Buffer | undefined;
  return (onOpen) => {
    const socket: TLSSocket = openTls(session === undefined ? secured : { ...secured, session });
    socket.on('session', (given) => {
      session = given;
    });
    return withDeadline(socket, 'secureConnect', onOpen);
  };
}

function withDeadline(socket: Socket, event: 'connect' | 'secureConnect', onOpen: () => void): Socket {
  socket.setNoDelay(true);
  socket.setKeepAlive(true, PROBE_MS);
  const timer = setTimeout(() => {
    socket.destroy(new ConnectionError('HTTP_CONNECT_TIMEOUT', 'The server did not accept the connection in time'));
  }, CONNECT_MS);
  socket.once(event, () => {
    clearTimeout(timer);
    onOpen();
  });
  socket.once('close', () => clearTimeout(timer));
  return socket;
}
