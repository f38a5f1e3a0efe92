// One HTTP exchange with a remote server: a refused token is renewed once, redirects are followed within the origin, and
// what goes wrong on the way is told in our own words.
import type { UpstreamCall, UpstreamHeaders, UpstreamReceiver } from '../../../http/transport.ts';
import { linkFailure } from '../link-failure.ts';
import type { Place, RemoteServer } from './remote-server.ts';
import { networkFailure } from './transport-failure.ts';

export interface ExchangeRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly place: Place;
  /** Names in lower case and values in turn; configured headers and the token are added. */
  readonly headers: readonly string[];
  readonly body: string | null;
}

/** Exactly one of `onEnd` and `onFailure` closes it; neither follows an `abort`. */
export interface ExchangeReceiver {
  onHead(status: number, headers: UpstreamHeaders): void;
  onData(chunk: Buffer): void;
  onEnd(): void;
  /** A link failure. */
  onFailure(failure: Error): void;
}

/** Who we are: some servers answer nobody without a name. */
export const AGENT = ['user-agent', 'nexus-ai'] as const;

const MOST_REDIRECTS = 5;

export class Exchange implements UpstreamReceiver {
  readonly #server: RemoteServer;
  readonly #request: ExchangeRequest;
  readonly #receiver: ExchangeReceiver;
  #call: UpstreamCall | undefined;
  #bearer: string | undefined;
  #at: Place;
  #renewed = false;
  #redirects = 0;
  #over = false;

  constructor(server: RemoteServer, request: ExchangeRequest, receiver: ExchangeReceiver) {
    this.#server = server;
    this.#request = request;
    this.#receiver = receiver;
    this.#at = request.place;
  }

  begin(): void {
    const token = this.#server.token?.token();
    if (token === undefined || typeof token === 'string') this.#send(token);
    else this.#sendWith(token);
  }

  /** Works in every state. */
  abort(): void {
    if (this.#over) return;
    this.#over = true;
    this.#call?.abort();
  }

  onHead(status: number, headers: UpstreamHeaders): void {
    if (status === 401 && this.#renew()) return;
    if (status >= 300 && status < 400 && this.#follow(status, headers['location'])) return;
    this.#receiver.onHead(status, headers);
  }

  onData(chunk: Buffer): void {
    this.#receiver.onData(chunk);
  }

  onEnd(): void {
    this.#over = true;
    this.#receiver.onEnd();
  }

  onError(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#receiver.onFailure(networkFailure(error));
  }

  #send(bearer: string | undefined): void {
    const { method, headers, body } = this.#request;
    const { origin, path } = this.#at;
    this.#bearer = bearer;
    this.#call = this.#server.transport.send(
      { origin, path, method, headers: this.#server.headers(headers, bearer), body },
      this,
    );
  }

  #sendWith(token: Promise<string>): void {
    token.then(
      (bearer) => {
        if (!this.#over) this.#send(bearer);
      },
      (error: unknown) => this.onError(error),
    );
  }

  /** Whether the request goes out again, with another token. */
  #renew(): boolean {
    const { token } = this.#server;
    const refused = this.#bearer;
    if (token === undefined || refused === undefined || this.#renewed) return false;
    this.#renewed = true;
    token.refuse(refused);
    const next = token.token();
    if (next === refused) return false;
    this.#call?.abort();
    if (typeof next === 'string') this.#send(next);
    else {
      this.#sendWith(
        next.then((bearer) => {
          if (bearer !== refused) return bearer;
          throw linkFailure('upstream_auth', REFUSED, { sent: true, over: false, status: 401 });
        }),
      );
    }
    return true;
  }

  /** Whether the request goes out again, to another path: what it carries must not leave the origin. */
  #follow(status: number, location: string | string[] | undefined): boolean {
    const { method, place } = this.#request;
    const keepsMethod = status === 307 || status === 308 || (method === 'GET' && status !== 304);
    if (!keepsMethod || typeof location !== 'string' || this.#redirects >= MOST_REDIRECTS) return false;
    const from = new URL(this.#at.path, this.#at.origin);
    if (!URL.canParse(location, from.href)) return false;
    const to = new URL(location, from);
    if (!isWithinOrigin(from, to) || to.username !== '' || to.password !== '') return false;
    this.#redirects += 1;
    this.#call?.abort();
    const next = { origin: to.origin, path: to.pathname + to.search };
    // The whole server is elsewhere: the next request need not ask again.
    if (status === 307 || status === 308) Object.assign(place, next);
    this.#at = next;
    this.#send(this.#bearer);
    return true;
  }
}

const REFUSED = 'it refused the credentials of Nexus (401)';

/** The same scheme, host and port, or the same host encrypted. */
function isWithinOrigin(from: URL, to: URL): boolean {
  if (from.origin === to.origin) return true;
  const isUpgrade = from.protocol === 'http:' && to.protocol === 'https:';
  return isUpgrade && from.hostname === to.hostname && from.port === '' && to.port === '';
}
