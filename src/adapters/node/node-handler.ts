import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Nexus } from '../../core/index.ts';
import { NodeExchange } from './node-exchange.ts';
import { sendReply } from './send-reply.ts';

export type NodeHandler = (request: IncomingMessage, response: ServerResponse, next?: () => void) => void;

/** What a host needs of what it mounts; an instance is one, and its `wellKnown` is. */
export type Mountable = Pick<Nexus, 'owns' | 'handle'>;

/** What a framework knows about where it mounted us. */
type Mounted = IncomingMessage & { baseUrl?: string };

/**
 * An instance as a `node:http` request listener, and as a Connect-style middleware: a path that is not ours goes on to
 * `next` with nothing read and nothing changed; without `next` it is answered 404.
 */
export function nodeHandler(nexus: Mountable): NodeHandler {
  return (request: Mounted, response, next) => {
    const exchange = new NodeExchange(request, response, request.url ?? '/', request.baseUrl ?? '');
    if (next !== undefined && !nexus.owns(exchange.path)) {
      next();
      return;
    }
    void nexus.handle(exchange).then((reply) => sendReply(response, reply));
  };
}
