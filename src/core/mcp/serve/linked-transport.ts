import type { Principal } from '../../exchange/principal.ts';
import type { RecordCall } from '../../exchange/recorded-call.ts';
import { type JsonObject, JsonRpcError } from '../wire/json-rpc.ts';
import { errorText, isObject, type Message, readMessage, resultText } from '../wire/message.ts';
import { CODES } from '../wire/revision.ts';
import { principalKey } from './caller-scope.ts';
import { toJsonRpcError } from './era-errors.ts';
import { shakeHands } from './handshake.ts';
import { type Asker, LegacySession } from './legacy-session.ts';
import type { Outlet } from './session-stream.ts';
import type { Surface } from './surface.ts';

type Request = Message & { readonly kind: 'request' };

/** A message as the SDKs pass it: a JSON-RPC object. */
export interface TransportMessage {
  readonly jsonrpc: '2.0';
}

/** The transport interface of both SDK lines, as far as a client uses it. */
export interface McpClientTransport {
  start(): Promise<void>;
  send(message: TransportMessage, options?: object): Promise<void>;
  close(): Promise<void>;
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  // Method syntax: the SDKs' handlers take their own narrower message type.
  onmessage?: ((message: never, extra?: never) => void) | undefined;
}

export interface LinkOptions {
  /** Undefined for a server that is not there, or not for this principal. */
  readonly surface: Surface | undefined;
  readonly principal: Principal | undefined;
  /** Opens the record of a request; absent: there are none. */
  readonly recordCall?: RecordCall | undefined;
  readonly onUnforeseen: (error: unknown) => void;
  readonly onClose: () => void;
}

/**
 * The client's end of a connection that stays inside this process. The other end is a session like those over HTTP, with
 * the same rules; messages are copied on their way, so neither side sees the other's objects.
 */
export class LinkedTransport implements McpClientTransport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: ((message: never, extra?: never) => void) | undefined;
  readonly #options: LinkOptions;
  #session: LegacySession | undefined;
  #closed = false;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {}

  async send(message: TransportMessage): Promise<void> {
    if (this.#closed) throw new JsonRpcError(CODES.server, 'The connection is closed');
    const read = readMessage(JSON.parse(JSON.stringify(message)));
    if (read === undefined) throw new JsonRpcError(CODES.invalidRequest, 'This is not a JSON-RPC message');
    // The other end answers in its own time, as it would over a wire.
    queueMicrotask(() => void (read.kind === 'request' ? this.#serve(read) : this.#take(read)));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#session?.close();
    this.#options.onClose();
    this.onclose?.();
  }

  #take(message: Exclude<Message, Request>): void {
    this.#session?.take(message, { principal: this.#options.principal });
  }

  async #serve(request: Request): Promise<void> {
    const { principal, recordCall } = this.#options;
    const call = recordCall?.(principal);
    await this.#answer(request, { principal, record: call?.record });
    call?.end();
  }

  async #answer(request: Request, asker: Asker): Promise<void> {
    const { id, method, params } = request;
    const session = this.#session;
    if (session !== undefined) {
      const stream = session.openStream();
      stream.connect(this.#outlet);
      await session.serve([request], stream, asker);
    } else if (method === 'initialize') await this.#open(id, params);
    else if (method === 'ping') this.#deliver(resultText(id, {}));
    else this.#deliver(errorText(id, new JsonRpcError(CODES.methodNotFound, 'Method not found')));
  }

  async #open(id: string | number, params: JsonObject): Promise<void> {
    const { surface, principal, onUnforeseen } = this.#options;
    try {
      if (surface === undefined) throw new JsonRpcError(CODES.invalidRequest, 'There is no such server');
      const { revision, capabilities, result } = await shakeHands(surface, params, principal);
      if (this.#closed) return;
      const facts = { id: 'linked', surface, owner: principalKey(principal), revision, capabilities, onUnforeseen };
      this.#session = new LegacySession({ ...facts, scope: `linked:${crypto.randomUUID()}` });
      this.#session.standingStream.connect(this.#outlet);
      this.#deliver(resultText(id, result));
    } catch (thrown) {
      this.#deliver(errorText(id, toJsonRpcError(thrown, onUnforeseen)));
    }
  }

  readonly #outlet: Outlet = {
    isDone: false,
    event: (text) => this.#deliver(text),
    prime: () => {},
    finish: (text) => this.#deliver(text),
    end: () => {},
  };

  #deliver(text: string): void {
    if (this.#closed) return;
    const message: unknown = JSON.parse(text);
    if (isObject(message)) this.onmessage?.(message as never);
  }
}
