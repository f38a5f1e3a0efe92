import type { Exchange } from '../../exchange/exchange.ts';
import type { Reply } from '../../exchange/reply.ts';
import type { Endpoint, EndpointContext } from '../../http/endpoint.ts';

/** The handler of an endpoint that needs a protocol, which is loaded with its first request. */
export function speaking<Spoken extends object>(
  protocol: { get(): Spoken | Promise<Spoken> },
  handle: (spoken: Spoken, exchange: Exchange, context: EndpointContext) => Promise<Reply>,
): Endpoint['handle'] {
  return (exchange, context) => {
    const spoken = protocol.get();
    return spoken instanceof Promise
      ? spoken.then((loaded) => handle(loaded, exchange, context))
      : handle(spoken, exchange, context);
  };
}
