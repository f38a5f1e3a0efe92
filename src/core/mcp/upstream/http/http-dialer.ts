import type { ParsedHttpServer } from '../../../config/resolve-mcp.ts';
import { FetchTransport } from '../../../http/fetch-transport.ts';
import type { Dialer, DialOptions } from '../dialer.ts';
import type { Wire } from '../wire.ts';
import { ClientCredentials } from './client-credentials.ts';
import { type Connector, type Fetch, openConnector } from './connector.ts';
import { RemoteServer } from './remote-server.ts';
import { StreamableWire } from './streamable-wire.ts';
import { fixedToken, type TokenSource } from './token-source.ts';

export interface HttpDialerOptions {
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Instead of the built-in connection pool. */
  readonly fetch: Fetch | undefined;
}

/** Connects to one remote server, as often as it is asked to. */
export class HttpDialer implements Dialer {
  readonly place = 'remote';
  readonly isSingle = false;
  /** A configured header takes the token's place. */
  readonly sendsToken: boolean;
  readonly #server: ParsedHttpServer;
  readonly #options: HttpDialerOptions;
  #connector: Promise<Connector> | undefined;
  #credentials: TokenSource | undefined;

  constructor(server: ParsedHttpServer, options: HttpDialerOptions) {
    this.#server = server;
    this.sendsToken = !server.headers.some(({ name }) => name.toLowerCase() === 'authorization');
    this.#options = options;
  }

  get fallback(): boolean {
    return this.#server.protocol === 'auto' && this.#server.era !== 'modern';
  }

  async dial({ token, sse }: DialOptions): Promise<Wire> {
    const connector = await this.#connect();
    const { url, headers, messageUrl, protocol } = this.#server;
    const server = new RemoteServer({
      transport: connector.transport,
      token: token === undefined ? this.#tokenSource(connector.fetch) : fixedToken(token),
      headers,
    });
    if (!sse && protocol !== 'sse') return new StreamableWire(server, new URL(url));
    const { SseWire } = await import('./sse-wire.ts');
    return new SseWire(server, new URL(url), messageUrl);
  }

  async close(): Promise<void> {
    const connector = await this.#connector?.catch(() => undefined);
    this.#connector = undefined;
    await connector?.close();
  }

  #connect(): Promise<Connector> {
    const { fetch } = this.#options;
    if (fetch !== undefined) {
      return Promise.resolve({ transport: new FetchTransport(fetch), fetch, close: async () => {} });
    }
    this.#connector ??= openConnector(this.#server.tls).catch((error: unknown) => {
      // The next attempt reads the certificate files again.
      this.#connector = undefined;
      throw error;
    });
    return this.#connector;
  }

  #tokenSource(fetch: Fetch): TokenSource | undefined {
    const { auth, url } = this.#server;
    if (auth?.type === 'token') return fixedToken(auth.token.reveal());
    if (auth?.type === 'client_credentials') {
      this.#credentials ??= new ClientCredentials(auth, url, fetch, this.#options.now);
    }
    return this.#credentials;
  }
}
