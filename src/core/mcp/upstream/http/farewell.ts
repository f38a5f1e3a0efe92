import { Exchange, type ExchangeRequest } from './exchange.ts';
import type { RemoteServer } from './remote-server.ts';

const PATIENCE_MS = 1000;

/** Sends a last request, whose answer does not matter. Resolves within a second. */
export function farewell(server: RemoteServer, request: ExchangeRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const exchange = new Exchange(server, request, { onHead() {}, onData() {}, onEnd: done, onFailure: done });
    const timer = setTimeout(() => {
      exchange.abort();
      resolve();
    }, PATIENCE_MS);
    exchange.begin();
  });
}
