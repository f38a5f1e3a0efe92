// Who calls: what the application says, else what the caller's token and headers say.
import { createHash } from 'node:crypto';
import type { IdentitySource, ParsedIdentification } from '../../config/resolve-server.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { Principal } from '../../exchange/principal.ts';
import type { Endpoint } from '../../http/endpoint.ts';
import type { TrustedPeers } from '../address/trusted-peers.ts';
import type { ResourceServer } from '../auth/resource-server.ts';
import type { VerifiedToken } from '../auth/token-verifier.ts';
import { claimText } from './claim.ts';

/** Asks the application; `undefined` is nobody it knows. */
export type HostIdentity = (exchange: Exchange) => Principal | undefined | Promise<Principal | undefined>;

export interface CallerIdentityOptions {
  readonly host: HostIdentity | undefined;
  /** Absent: no tokens are asked for. */
  readonly tokens: ResourceServer | undefined;
  /** Absent: callers without a token are nobody in particular. */
  readonly identification: ParsedIdentification | undefined;
  readonly trusted: TrustedPeers;
}

type Answer = Principal | undefined;

export class CallerIdentity {
  readonly #host: HostIdentity | undefined;
  readonly #tokens: ResourceServer | undefined;
  readonly #identification: ParsedIdentification | undefined;
  readonly #trusted: TrustedPeers;
  /** Nothing but the token decides. */
  readonly #byClaims: boolean;

  constructor({ host, tokens, identification, trusted }: CallerIdentityOptions) {
    this.#host = host;
    this.#tokens = tokens;
    this.#identification = identification;
    this.#trusted = trusted;
    const { clientId, groupId } = identification ?? {};
    this.#byClaims = ![clientId, groupId].some((source) => source !== undefined && 'header' in source);
  }

  /**
   * At once where nothing has to be waited for. A caller the application knows needs nothing else. Throws (or rejects)
   * as `ResourceServer.authenticate` does, and with `missing_client_id` and `invalid_group`.
   */
  of(exchange: Exchange, endpoint: Endpoint): Answer | Promise<Answer> {
    if (this.#host === undefined) return this.#shown(exchange, endpoint);
    const known = this.#host(exchange);
    return known instanceof Promise
      ? known.then((principal) => principal ?? this.#shown(exchange, endpoint))
      : (known ?? this.#shown(exchange, endpoint));
  }

  #shown(exchange: Exchange, endpoint: Endpoint): Answer | Promise<Answer> {
    if (this.#tokens === undefined) {
      return this.#identification === undefined ? undefined : this.#identify(this.#identification, exchange, undefined);
    }
    const token = this.#tokens.authenticate(exchange, endpoint);
    return token instanceof Promise
      ? token.then((verified) => this.#standsFor(verified, exchange))
      : this.#standsFor(token, exchange);
  }

  #standsFor(token: VerifiedToken, exchange: Exchange): Principal {
    if (token.principal !== undefined) return token.principal;
    const principal =
      this.#identification === undefined ? bearerOf(token) : this.#identify(this.#identification, exchange, token);
    if (this.#byClaims) token.principal = principal;
    return principal;
  }

  #identify(
    { clientId, groupId, groupValues }: ParsedIdentification,
    exchange: Exchange,
    token: VerifiedToken | undefined,
  ): Principal {
    const id = this.#read(clientId, exchange, token);
    if (id === undefined) throw refusal('missing_client_id', 'Client identification is required');
    const group = groupId === undefined ? undefined : this.#read(groupId, exchange, token);
    if (group !== undefined && groupValues.length > 0 && !groupValues.includes(group)) {
      throw refusal('invalid_group', 'The specified group is not valid');
    }
    return { id, group, claims: token?.claims ?? {}, token: token?.text };
  }

  #read(source: IdentitySource, exchange: Exchange, token: VerifiedToken | undefined): string | undefined {
    if ('claim' in source) return token === undefined ? undefined : claimText(token.claims, source.claim);
    return this.#trusted(exchange.host.remoteAddress) ? exchange.header(source.header) : undefined;
  }
}

/** Whoever holds a token is somebody, also where nobody is asked for a name: sessions must belong to someone. */
function bearerOf({ claims, text }: VerifiedToken): Principal {
  const subject = claimText(claims, 'sub') ?? `token:${createHash('sha256').update(text).digest('base64url')}`;
  return { id: subject, group: undefined, claims, token: text };
}

/** Refusals of this kind have one form in all dialects. */
function refusal(code: 'missing_client_id' | 'invalid_group', description: string): NexusError {
  return new NexusError(code, description, { body: JSON.stringify({ error: code, error_description: description }) });
}
