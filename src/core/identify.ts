// Callers as the host application knows them.
import type { Exchange } from './exchange/exchange.ts';
import type { Principal } from './exchange/principal.ts';
import type { HostIdentity } from './policy/identity/caller-identity.ts';

/** The caller as the application knows it. */
export interface Identity {
  readonly id: string;
  readonly group?: string | undefined;
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
  /** A verified bearer token, for MCP servers that are configured to get the caller's own. */
  readonly token?: string | undefined;
}

/** `raw` is the host's own request object: Express `req`, Koa `ctx`, Node `IncomingMessage`, Next and Web `Request`. */
export type Identify = (exchange: Exchange, raw: unknown) => Identity | undefined | Promise<Identity | undefined>;

/** The application's word on who calls, as the gate asks for it. */
export function hostIdentity(identify: Identify): HostIdentity {
  return (exchange) => {
    const known = identify(exchange, exchange.host.raw);
    // Any kind of promise will do.
    return typeof known === 'object' && known !== null && 'then' in known
      ? Promise.resolve(known).then(toPrincipal)
      : toPrincipal(known);
  };
}

/** Throws a `TypeError` for a caller without an id. */
export function principalOf({ id, group, claims = {}, token }: Identity): Principal {
  if (typeof id !== 'string' || id === '') throw new TypeError('A caller needs an id, a string that is not empty');
  return { id, group, claims, token };
}

function toPrincipal(identity: Identity | null | undefined): Principal | undefined {
  return identity === undefined || identity === null ? undefined : principalOf(identity);
}
