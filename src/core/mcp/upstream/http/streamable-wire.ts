// Streamable HTTP, straight on a transport: a POST for each message, whose answer comes in the same exchange. Legacy
// servers have sessions, messages of their own on a GET stream, and streams that can be resumed; modern ones have none of
// these and want headers that repeat the message. Sources: "Transports" of revisions 2025-03-26 to 2026-07-28.
import type { UpstreamHeaders } from '../../../http/transport.ts';
import { encodeHeaderValue } from '../../wire/header-value.ts';
import type { JsonObject } from '../../wire/json-rpc.ts';
import { isObject, type RequestId } from '../../wire/message.ts';
import { META } from '../../wire/revision.ts';
import { linkFailure } from '../link-failure.ts';
import type { SendOptions, Wire, WireReceiver } from '../wire.ts';
import { AGENT, Exchange, type ExchangeReceiver } from './exchange.ts';
import { farewell } from './farewell.ts';
import { OpenExchanges } from './open-exchanges.ts';
import { Post, type PostHost } from './post.ts';
import { type Place, placeOf, type RemoteServer } from './remote-server.ts';
import { type EventsHost, ServerEvents } from './server-events.ts';
import { SESSION_LOST } from './transport-failure.ts';

/** What a modern server wants to read in `Mcp-Name`, by method. */
const NAMED_BY: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

const ANY_ANSWER = 'application/json, text/event-stream';
const LOST = 'the connection was lost';

/** Bounds of the pause a server may ask for, milliseconds. */
const SHORTEST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 600_000;

export class StreamableWire implements Wire, PostHost, EventsHost {
  readonly streamPerRequest = true;
  readonly exchanges = new OpenExchanges();
  readonly server: RemoteServer;
  retryDelay: number | undefined;
  readonly #place: Place;
  #receiver: WireReceiver | undefined;
  #session: string | undefined;
  #version: string | undefined;
  #over = false;

  constructor(server: RemoteServer, url: URL) {
    this.server = server;
    this.#place = placeOf(url);
  }

  get hasSession(): boolean {
    return this.#session !== undefined;
  }

  start(receiver: WireReceiver): Promise<void> {
    this.#receiver = receiver;
    return Promise.resolve();
  }

  send(message: JsonObject, { signal, headers, onStreamEnd }: SendOptions = {}): Promise<void> {
    if (this.#over) return Promise.reject(linkFailure('upstream_unavailable', LOST, { sent: false, over: true }));
    if (signal?.aborted === true) return Promise.resolve();
    const isRequest = message['id'] !== undefined && message['method'] !== undefined;
    const posted = { message, answeredHere: isRequest, signal, onStreamEnd };
    return Post.send(posted, this.#place, this.#headersOf(message, headers), this);
  }

  setProtocolVersion(version: string): void {
    this.#version = version;
  }

  async close(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    this.exchanges.abortAll();
    if (this.#session !== undefined) {
      const headers = this.#withSession(['accept', ANY_ANSWER, ...AGENT]);
      await farewell(this.server, { method: 'DELETE', place: this.#place, headers, body: null });
    }
    this.#receiver?.onClose(undefined);
  }

  onMessage(message: JsonObject, during?: RequestId): void {
    this.#receiver?.onMessage(message, during);
  }

  onTaken({ posted }: Post, headers: UpstreamHeaders): void {
    const method = posted.message['method'];
    if (method === 'initialize') {
      const session = headers['mcp-session-id'];
      this.#session = typeof session === 'string' && session !== '' ? session : undefined;
    } else if (method === 'notifications/initialized') {
      this.#listen();
    }
  }

  onRetry(delay: number): void {
    this.retryDelay = Math.min(Math.max(delay, SHORTEST_RETRY_MS), LONGEST_RETRY_MS);
  }

  resume(post: Post, lastId: string | undefined): boolean {
    const { signal, message, onStreamEnd } = post.posted;
    if (lastId === undefined || this.#over || signal?.aborted === true) return false;
    if (envelopeVersion(message) !== undefined) return false;
    const end = (): void => {
      signal?.removeEventListener('abort', end);
      this.exchanges.remove(stream);
      stream.abort();
    };
    const stream = new ServerEvents(
      this,
      {
        onMessage: (resumed) => {
          post.receive(resumed);
          if (post.answered) end();
        },
        onGone: (why) => {
          end();
          onStreamEnd?.();
          this.#loseWith(why);
        },
      },
      lastId,
    );
    signal?.addEventListener('abort', end, { once: true });
    this.exchanges.add(stream);
    stream.reopen();
    return true;
  }

  /** Ends a connection the server has ended, or forgotten. */
  lose(why: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#receiver?.onClose(linkFailure('upstream_unavailable', why, { sent: true, over: true }));
    this.exchanges.abortAll();
  }

  get(lastId: string | undefined, receiver: ExchangeReceiver): Exchange {
    const headers = this.#withSession(['accept', 'text/event-stream', ...AGENT]);
    if (lastId !== undefined) headers.push('last-event-id', lastId);
    return new Exchange(this.server, { method: 'GET', place: this.#place, headers, body: null }, receiver);
  }

  /** What a legacy server says of itself. Many have nothing to say, and refuse. */
  #listen(): void {
    const stream = new ServerEvents(this, {
      onMessage: (message) => this.onMessage(message),
      onGone: (why) => {
        this.exchanges.remove(stream);
        this.#loseWith(why);
      },
    });
    this.exchanges.add(stream);
    stream.open();
  }

  #loseWith({ status, failure }: { readonly status?: number; readonly failure?: Error }): void {
    if (failure !== undefined) this.lose('it cannot be reached');
    else if (status === 404 && this.hasSession) this.lose(SESSION_LOST);
  }

  #headersOf(message: JsonObject, extra: SendOptions['headers']): string[] {
    const headers = ['content-type', 'application/json', 'accept', ANY_ANSWER, ...AGENT];
    const version = envelopeVersion(message);
    if (version === undefined) this.#withSession(headers);
    else {
      const method = String(message['method']);
      headers.push('mcp-protocol-version', version, 'mcp-method', method);
      const name = nameIn(method, message['params']);
      if (name !== undefined) headers.push('mcp-name', encodeHeaderValue(name));
    }
    if (extra !== undefined) for (const name of Object.keys(extra)) headers.push(name.toLowerCase(), extra[name] ?? '');
    return headers;
  }

  #withSession(headers: string[]): string[] {
    if (this.#session !== undefined) headers.push('mcp-session-id', this.#session);
    if (this.#version !== undefined) headers.push('mcp-protocol-version', this.#version);
    return headers;
  }
}

/** The revision a message of the modern era names itself; legacy ones name none. */
function envelopeVersion({ params }: JsonObject): string | undefined {
  const meta = isObject(params) ? params['_meta'] : undefined;
  const version = isObject(meta) ? meta[META.protocolVersion] : undefined;
  return typeof version === 'string' ? version : undefined;
}

function nameIn(method: string, params: unknown): string | undefined {
  const member = NAMED_BY.get(method);
  const name = member !== undefined && isObject(params) ? params[member] : undefined;
  return typeof name === 'string' ? name : undefined;
}
