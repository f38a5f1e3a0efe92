// A connection that can be made bad while it is in use.
import { connect, createServer, type Socket } from 'node:net';

/** `slow`: answers come half a second late. `silent`: nothing gets through, and nobody is told. `refused`: cut. */
export type Weather = 'fine' | 'slow' | 'silent' | 'refused';

export interface TcpProxy {
  readonly port: number;
  weather: Weather;
  close(): Promise<void>;
}

const SLOW = 500;

/** `port` 0: any free one. */
export async function startTcpProxy(target: number, port = 0): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const state = { weather: 'fine' as Weather };
  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    track(near);
    if (state.weather === 'refused') {
      near.destroy();
      return;
    }
    const far = connect(target, '127.0.0.1');
    track(far);
    near.on('data', (data) => state.weather !== 'silent' && far.write(data));
    far.on('data', (data) => {
      if (state.weather === 'silent') return;
      if (state.weather === 'slow') setTimeout(() => near.writable && near.write(data), SLOW);
      else near.write(data);
    });
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    get weather() {
      return state.weather;
    },
    set weather(weather: Weather) {
      state.weather = weather;
      if (weather === 'refused') for (const socket of sockets) socket.destroy();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
