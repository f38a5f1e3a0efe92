import { NexusError } from '../../errors/nexus-error.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { Principal } from '../../exchange/principal.ts';
import type { Reply } from '../../exchange/reply.ts';
import type { EndpointContext } from '../../http/endpoint.ts';
import { readJsonBody } from '../../http/json-body.ts';
import { empty } from '../../http/respond.ts';
import { idOf, type Message, readMessage } from '../wire/message.ts';
import { CODES } from '../wire/revision.ts';
import { accepts, isStateless, type LegacyServer, refusal } from './legacy-server.ts';
import { isModern } from './modern-request.ts';
import type { ModernServer } from './modern-server.ts';
import { type OriginRules, refuseOrigin } from './origin-check.ts';
import type { Surface } from './surface.ts';

export interface DoorOptions {
  readonly modern: ModernServer;
  readonly legacy: LegacyServer;
  readonly origins: OriginRules;
  /** Bytes of a request body. */
  readonly maxBody: number;
  /** The surface at a path, for a caller; undefined where there is none or none it may know of. */
  readonly surface: (path: string, principal: Principal | undefined) => Surface | undefined;
}

const MOST_IN_BATCH = 64;

/** One URL for both eras: says to which of them a request belongs. */
export class Door {
  readonly #options: DoorOptions;

  constructor(options: DoorOptions) {
    this.#options = options;
  }

  async handle(exchange: Exchange, context: EndpointContext): Promise<Reply> {
    const { origins, legacy } = this.#options;
    const refused = refuseOrigin(exchange, origins);
    if (refused !== undefined) return refusal(403, CODES.server, refused);
    const surface = this.#options.surface(exchange.path, context.principal);
    if (surface === undefined) throw new NexusError('no_route', 'There is nothing at this path');
    if (exchange.method === 'POST') return this.#post(surface, exchange, context);
    if (isStateless(exchange)) {
      throw new NexusError('method_not_allowed', 'This revision of the protocol takes POST only', {
        headers: ['allow', 'POST'],
      });
    }
    return exchange.method === 'GET'
      ? legacy.get(surface, exchange, context)
      : legacy.delete(surface, exchange, context);
  }

  async #post(surface: Surface, exchange: Exchange, context: EndpointContext): Promise<Reply> {
    if (!accepts(exchange, 'application/json') || !accepts(exchange, 'text/event-stream')) {
      return refusal(
        406,
        CODES.server,
        'Not Acceptable: the client must accept application/json and text/event-stream',
      );
    }
    const { value } = await readJsonBody(exchange, this.#options.maxBody);
    const header = exchange.header('mcp-protocol-version');
    if (!Array.isArray(value)) {
      const message = readMessage(value);
      if (message === undefined)
        return refusal(400, CODES.invalidRequest, 'The body is not a JSON-RPC message', idOf(value));
      if (!isModern(message, header)) return this.#options.legacy.post(surface, [message], exchange, context);
      if (message.kind !== 'request') return empty(202);
      return this.#options.modern.serve(surface, message, exchange, context);
    }
    if (value.length === 0) return refusal(400, CODES.invalidRequest, 'The batch is empty');
    if (value.length > MOST_IN_BATCH) {
      return refusal(400, CODES.invalidRequest, `A batch has at most ${MOST_IN_BATCH} messages`);
    }
    const messages: Message[] = [];
    for (const one of value) {
      const message = readMessage(one);
      if (message === undefined || isModern(message, header)) {
        return refusal(400, CODES.invalidRequest, 'The batch holds something that may not be in one');
      }
      messages.push(message);
    }
    return this.#options.legacy.post(surface, messages, exchange, context);
  }
}
