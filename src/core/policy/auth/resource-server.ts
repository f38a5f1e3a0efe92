// Nexus as an OAuth resource server: no request without a good token.
import type { ParsedOAuth } from '../../config/resolve-server.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { Endpoint } from '../../http/endpoint.ts';
import type { Fetch } from '../../http/fetch-transport.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { readCredential } from './bearer-token.ts';
import { Challenge } from './challenge.ts';
import { KeySet } from './key-set.ts';
import { TokenVerifier, type Verdict, type VerifiedToken } from './token-verifier.ts';

export interface ResourceServerOptions {
  readonly runtime: Pick<Runtime, 'now' | 'elapsed'>;
  readonly logger: Logger;
  /** Fetches the key set. */
  readonly fetch: Fetch;
}

export class ResourceServer {
  readonly #challenge: Challenge;
  readonly #keys: KeySet;
  readonly #verifier: TokenVerifier;

  constructor(config: ParsedOAuth, { runtime, logger, fetch }: ResourceServerOptions) {
    this.#challenge = new Challenge(config);
    const { keySetUrl: url, pollInterval } = config;
    this.#keys = new KeySet({ url, pollInterval, fetch, logger, elapsed: runtime.elapsed });
    this.#verifier = new TokenVerifier(config, this.#keys, runtime.now);
  }

  /**
   * The token of a request; at once where it was found good before. Throws (or rejects with) `key_missing`,
   * `token_invalid`, `insufficient_scope` and `key_set_unavailable`, in OAuth's form.
   */
  authenticate(exchange: Exchange, endpoint: Endpoint): VerifiedToken | Promise<VerifiedToken> {
    const proxied = endpoint.proxyAuthorization === true ? exchange.header('proxy-authorization') : undefined;
    const credential = readCredential(proxied ?? exchange.header('authorization'));
    if (credential.kind !== 'token') throw this.#challenge.error(credential.kind, exchange.host.mountPath);
    const verdict = this.#verifier.verify(credential.text);
    return verdict instanceof Promise
      ? verdict.then((known) => this.#accept(known, exchange))
      : this.#accept(verdict, exchange);
  }

  close(): void {
    this.#keys.close();
  }

  #accept(verdict: Verdict, { host }: Exchange): VerifiedToken {
    if (typeof verdict === 'string') throw this.#challenge.error(verdict, host.mountPath);
    if (verdict.missesScope) throw this.#challenge.error('insufficient_scope', host.mountPath);
    return verdict;
  }
}
