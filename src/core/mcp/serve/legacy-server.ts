import type { Exchange } from '../../exchange/exchange.ts';
import type { Reply } from '../../exchange/reply.ts';
import type { EndpointContext } from '../../http/endpoint.ts';
import { empty, json } from '../../http/respond.ts';
import { JsonRpcError } from '../wire/json-rpc.ts';
import { errorText, type Message, resultText } from '../wire/message.ts';
import { CODES, LEGACY, MODERN, takesEmptyEvents } from '../wire/revision.ts';
import { Answer } from './answer.ts';
import { principalKey } from './caller-scope.ts';
import { toJsonRpcError } from './era-errors.ts';
import { shakeHands } from './handshake.ts';
import type { LegacySession } from './legacy-session.ts';
import type { Pulse } from './pulse.ts';
import type { SessionStream } from './session-stream.ts';
import { Sessions } from './sessions.ts';
import type { Surface } from './surface.ts';

export interface LegacyServerOptions {
  readonly pulse: Pulse;
  readonly elapsed: () => number;
  /** Answer in plain JSON where an answer is all there is to say. */
  readonly jsonResponse: boolean;
  readonly onUnforeseen: (error: unknown) => void;
}

type Request = Message & { readonly kind: 'request' };

/** Serves the revisions that open with a handshake: sessions over streamable HTTP. */
export class LegacyServer {
  readonly #options: LegacyServerOptions;
  readonly #sessions: Sessions;

  constructor(options: LegacyServerOptions) {
    this.#options = options;
    this.#sessions = new Sessions(options.elapsed);
  }

  get inFlight(): number {
    return this.#sessions.running;
  }

  /** The messages of one POST. */
  async post(
    surface: Surface,
    messages: readonly Message[],
    exchange: Exchange,
    context: EndpointContext,
  ): Promise<Reply> {
    const opening = messages.find((message) => message.kind === 'request' && message.method === 'initialize');
    if (opening?.kind === 'request' && exchange.header('mcp-session-id') === undefined) {
      if (messages.length === 1) return this.#open(surface, opening, context);
      return refusal(400, CODES.invalidRequest, 'An initialize request comes alone');
    }
    const session = this.#find(surface, exchange, context);
    if (!('facts' in session)) return session;
    const requests: Request[] = [];
    for (const message of messages) {
      if (message.kind === 'request') requests.push(message);
      else session.take(message, { principal: context.principal });
    }
    if (requests.length === 0) return empty(202);
    return this.#answer(session, requests, exchange, context);
  }

  /** The standing stream, or one that is resumed. */
  get(surface: Surface, exchange: Exchange, context: EndpointContext): Reply | Promise<Reply> {
    if (!accepts(exchange, 'text/event-stream')) {
      return refusal(406, CODES.server, 'Not Acceptable: the client must accept text/event-stream');
    }
    const session = this.#find(surface, exchange, context);
    if (!('facts' in session)) return session;
    const last = exchange.header('last-event-id');
    const missed = last === undefined || last === '' ? undefined : session.store.after(last);
    if (last !== undefined && last !== '' && missed === undefined) {
      return refusal(400, CODES.server, 'Last-Event-ID is not an event of this session');
    }
    const stream = missed === undefined ? session.standingStream : session.stream(missed.stream);
    const answer = this.#carry(session, stream, exchange, context);
    answer.stream();
    if (missed !== undefined) {
      // A stream that is over has nothing more to say than what was missed.
      if (stream === undefined) for (const { id, text } of missed.events) answer.event(text, { id });
      else stream.replay(missed.events);
    }
    if (stream === undefined) answer.end();
    return answer.reply;
  }

  delete(surface: Surface, exchange: Exchange, context: EndpointContext): Reply {
    const session = this.#find(surface, exchange, context);
    if (!('facts' in session)) return session;
    this.#sessions.end(session);
    return empty(200);
  }

  close(): void {
    this.#sessions.close();
  }

  async #open(surface: Surface, { id, params }: Request, { principal }: EndpointContext): Promise<Reply> {
    const { onUnforeseen } = this.#options;
    try {
      const { revision, capabilities, result } = await shakeHands(surface, params, principal);
      const owner = principalKey(principal);
      const session = this.#sessions.open({ surface, owner, revision, capabilities, onUnforeseen });
      if (session === undefined) return refusal(503, CODES.server, 'Too many sessions are open', id);
      const headers = ['mcp-session-id', session.facts.id];
      if (this.#options.jsonResponse) return json(200, resultText(id, result), headers);
      headers.push('content-type', 'text/event-stream', 'cache-control', 'no-cache, no-transform');
      return { status: 200, headers, body: `event: message\ndata: ${resultText(id, result)}\n\n` };
    } catch (thrown) {
      return json(200, errorText(id, toJsonRpcError(thrown, onUnforeseen)));
    }
  }

  #answer(
    session: LegacySession,
    requests: readonly Request[],
    exchange: Exchange,
    context: EndpointContext,
  ): Promise<Reply> {
    const stream = session.openStream();
    const answer = this.#carry(session, stream, exchange, context);
    if (!this.#options.jsonResponse) {
      if (takesEmptyEvents(session.facts.revision)) stream.prime();
      else answer.stream();
    }
    void session.serve(requests, stream, { principal: context.principal, record: context.record });
    return answer.reply;
  }

  #carry(
    session: LegacySession,
    stream: SessionStream | undefined,
    exchange: Exchange,
    context: EndpointContext,
  ): Answer {
    const answer: Answer = new Answer({
      exchange,
      context,
      pulse: this.#options.pulse,
      headers: ['mcp-session-id', session.facts.id],
      onGone: () => stream?.disconnected(answer),
    });
    stream?.connect(answer);
    return answer;
  }

  #find(surface: Surface, exchange: Exchange, context: EndpointContext): LegacySession | Reply {
    const id = exchange.header('mcp-session-id');
    if (id === undefined) return refusal(400, CODES.server, 'Bad Request: the Mcp-Session-Id header is missing');
    const session = this.#sessions.find(id, principalKey(context.principal), surface.key);
    if (session === undefined) return refusal(404, CODES.sessionNotFound, 'Session not found');
    const version = exchange.header('mcp-protocol-version');
    if (version === undefined || LEGACY.includes(version.trim())) return session;
    return refusal(400, CODES.server, 'Bad Request: this MCP-Protocol-Version is not served in a session');
  }
}

/** Whether a client takes an answer of this type. */
export function accepts(exchange: Exchange, type: string): boolean {
  const accept = exchange.header('accept');
  if (accept === undefined) return false;
  const text = accept.toLowerCase();
  return text.includes(type) || text.includes('*/*');
}

/** An answer that belongs to no call. */
export function refusal(status: number, code: number, message: string, id: string | number | null = null): Reply {
  return json(status, errorText(id, new JsonRpcError(code, message)));
}

/** GET and DELETE belong to sessions; the stateless revision has neither. */
export function isStateless(exchange: Exchange): boolean {
  return exchange.header('mcp-protocol-version')?.trim() === MODERN && exchange.header('mcp-session-id') === undefined;
}
