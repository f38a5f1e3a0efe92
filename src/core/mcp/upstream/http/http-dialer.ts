import type { ParsedHttpServer } from '../../../config/resolve-mcp.ts';
import type { Dialer, DialOptions } from '../dialer.ts';
import type { Wire } from '../wire.ts';
import { ClientCredentials, type TokenSource } from './client-credentials.ts';
import { type Connector, type Fetch, openConnector } from './connector.ts';
import { HttpWire, RECONNECTION } from './http-wire.ts';
import { serverFetch } from './server-fetch.ts';

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
  readonly #server: ParsedHttpServer;
  readonly #options: HttpDialerOptions;
  #connector: Promise<Connector> | undefined;
  #credentials: TokenSource | undefined;

  constructor(server: ParsedHttpServer, options: HttpDialerOptions) {
    this.#server = server;
    this.#options = options;
  }

  get fallback(): boolean {
    return this.#server.protocol === 'auto' && this.#server.era !== 'modern';
  }

  async dial({ token, sse }: DialOptions): Promise<Wire> {
    const [sdk, connector] = await Promise.all([import('@modelcontextprotocol/client'), this.#connect()]);
    const { url, headers, messageUrl, protocol } = this.#server;
    let wire: HttpWire | undefined;
    const fetch = serverFetch({
      fetch: connector.fetch,
      token: token === undefined ? this.#tokenSource(connector.fetch) : fixedToken(token),
      headers,
      messageUrl,
      onLost: (why) => wire?.lose(why),
    });
    if (sse || protocol === 'sse') wire = new HttpWire(new sdk.SSEClientTransport(new URL(url), { fetch }));
    else {
      const transport = new sdk.StreamableHTTPClientTransport(new URL(url), {
        fetch,
        reconnectionOptions: RECONNECTION,
      });
      wire = new HttpWire(transport);
    }
    return wire;
  }

  async close(): Promise<void> {
    const connector = await this.#connector?.catch(() => undefined);
    this.#connector = undefined;
    await connector?.close();
  }

  #connect(): Promise<Connector> {
    const { fetch } = this.#options;
    if (fetch !== undefined) return Promise.resolve({ fetch, close: async () => {} });
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

function fixedToken(token: string): TokenSource {
  return { token: () => Promise.resolve(token), refuse: () => {} };
}
