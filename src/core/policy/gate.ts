// What every request passes before its body is read, in this order: who calls, how many requests are taken. Each stage
// needs headers only.
import type { Exchange } from '../exchange/exchange.ts';
import type { Principal } from '../exchange/principal.ts';
import type { Endpoint, EndpointContext } from '../http/endpoint.ts';
import type { CallerIdentity } from './identity/caller-identity.ts';
import type { Told } from './limits/limit-headers.ts';
import type { RequestLimits } from './limits/request-limits.ts';

/**
 * Lets a request in, or throws (or rejects with) the refusal; at once where nothing has to be waited for. Writes who calls
 * into the context and the record; gives headers for the answer, where limits tell.
 */
export type Gate = (exchange: Exchange, endpoint: Endpoint, context: EndpointContext) => Told | Promise<Told>;

export interface GateStages {
  readonly identity: CallerIdentity | undefined;
  /** Counts by the address in the record, and by who calls. */
  readonly requests: RequestLimits | undefined;
}

/** A caller that the host knows for certain passes without being asked; all callers are counted. */
export function createGate({ identity, requests }: GateStages): Gate {
  const count = ({ record, principal }: EndpointContext): Told | Promise<Told> =>
    requests?.admit(record.remoteAddress, principal, record);
  const enter = (context: EndpointContext, principal: Principal | undefined): Told | Promise<Told> => {
    context.principal = principal;
    context.record.clientId = principal?.id;
    context.record.clientGroup = principal?.group;
    return count(context);
  };
  return (exchange, endpoint, context) => {
    const known = exchange.host.principal;
    if (known !== undefined) return enter(context, known);
    if (identity === undefined) return count(context);
    const principal = identity.of(exchange, endpoint);
    return principal instanceof Promise ? principal.then((found) => enter(context, found)) : enter(context, principal);
  };
}
