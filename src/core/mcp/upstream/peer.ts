// One end of a JSON-RPC conversation with an MCP server. Results pass as they came: what the SDK's typed client would
// drop or refuse (members and content types it does not know) is not ours to judge.
import { type JsonObject, JsonRpcError } from '../wire/json-rpc.ts';
import { isObject, type RequestId } from '../wire/message.ts';
import { CODES } from '../wire/revision.ts';
import { linkFailure, problemOf } from './link-failure.ts';
import type { OngoingCall } from './ongoing-call.ts';
import type { Wire } from './wire.ts';

/** Whose a message of the server is: a call's, no call's, or unknown, where the wire does not tell. */
export type Addressee = OngoingCall | 'nobody' | undefined;

export interface PeerHandlers {
  onNotification(method: string, params: JsonObject, to: Addressee): void;
  /** A request of the server; rejects with `JsonRpcError`. `signal`: the server has withdrawn it, or is gone. */
  onRequest(method: string, params: JsonObject, signal: AbortSignal, to: Addressee): Promise<JsonObject>;
  onClose(failure: Error | undefined): void;
}

export interface PeerRequestOptions {
  /** Cancels the request at the server; its reason is what the request rejects with. */
  readonly signal: AbortSignal;
  /** The call it is sent for: what comes on the request's own stream is this call's. */
  readonly call?: OngoingCall | undefined;
  readonly onProgress?: ((params: JsonObject) => void) | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

interface Pending {
  readonly settle: (result: JsonObject | Error) => void;
  readonly onProgress: ((params: JsonObject) => void) | undefined;
  readonly call: OngoingCall | undefined;
}

/** Requests of a server that wait for an answer at one time; more are refused. */
const MOST_ASKED = 64;

export class Peer {
  /** Set after the handshake: a modern server takes no answers, and is cancelled by dropping its stream. */
  modern = false;
  readonly wire: Wire;
  readonly #handlers: PeerHandlers;
  readonly #pending = new Map<RequestId, Pending>();
  readonly #asked = new Map<RequestId, AbortController>();
  #nextId = 1;
  #closed: Error | undefined;

  constructor(wire: Wire, handlers: PeerHandlers) {
    this.wire = wire;
    this.#handlers = handlers;
  }

  get closed(): boolean {
    return this.#closed !== undefined;
  }

  start(): Promise<void> {
    return this.wire.start({
      onMessage: (message, during) => this.#receive(message, during),
      onClose: (failure) => this.#end(failure),
    });
  }

  /** Rejects with `JsonRpcError` (the server's own), a link failure, or the reason of the signal. */
  request(method: string, params: JsonObject, options: PeerRequestOptions): Promise<JsonObject> {
    const { signal, call, onProgress, headers } = options;
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    if (signal.aborted) return Promise.reject(signal.reason);
    const id = this.#nextId++;
    const stream = this.wire.streamPerRequest ? new AbortController() : undefined;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        if (this.#pending.delete(id)) this.#cancel(id, method, stream);
        reject(signal.reason);
      };
      const settle = (outcome: JsonObject | Error): void => {
        if (!this.#pending.delete(id)) return;
        signal.removeEventListener('abort', onAbort);
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#pending.set(id, { settle, onProgress, call });
      const sent = onProgress === undefined ? params : withProgressToken(params, id);
      const onStreamEnd =
        stream === undefined
          ? undefined
          : () => settle(linkFailure('upstream_unavailable', 'its answer broke off', { sent: true, over: false }));
      this.wire
        .send({ jsonrpc: '2.0', id, method, params: sent }, { signal: stream?.signal, headers, onStreamEnd })
        .catch(settle);
    });
  }

  /** Tells the server; a failure to do so is found out by the next request. */
  notify(method: string, params: JsonObject = {}): void {
    if (this.#closed === undefined) this.wire.send({ jsonrpc: '2.0', method, params }).catch(ignore);
  }

  /** For handshakes, which may not go on before it has arrived. */
  async notifyArrived(method: string, params: JsonObject): Promise<void> {
    await this.wire.send({ jsonrpc: '2.0', method, params });
  }

  /** `failure`: why, when it is not because it is no longer needed. */
  async close(failure?: Error): Promise<void> {
    this.#end(failure);
    await this.wire.close();
  }

  #receive(message: JsonObject, during?: RequestId): void {
    const { id, method } = message;
    const params = isObject(message['params']) ? message['params'] : {};
    if (typeof method === 'string') {
      const to = during === undefined ? undefined : (this.#pending.get(during)?.call ?? 'nobody');
      if (typeof id === 'string' || typeof id === 'number') this.#answer(id, method, params, to);
      else this.#notice(method, params, to);
      return;
    }
    if (typeof id !== 'string' && typeof id !== 'number') return;
    // Answers to requests that were cancelled, and to none at all, are dropped here.
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    const { result, error } = message;
    if (isObject(result)) pending.settle(result);
    else if (isObject(error)) pending.settle(readError(error));
    else {
      const facts = { sent: true, over: false };
      pending.settle(linkFailure('upstream_invalid', 'its answer is neither a result nor an error', facts));
    }
  }

  #notice(method: string, params: JsonObject, to: Addressee): void {
    if (method === 'notifications/progress') {
      const token = params['progressToken'];
      if (typeof token !== 'number' && typeof token !== 'string') return;
      const onProgress = this.#pending.get(token)?.onProgress;
      if (onProgress === undefined) return;
      const { progressToken: _, ...rest } = params;
      onProgress(rest);
      return;
    }
    if (method === 'notifications/cancelled') {
      const asked = params['requestId'];
      if (typeof asked !== 'number' && typeof asked !== 'string') return;
      this.#asked.get(asked)?.abort(new JsonRpcError(CODES.internal, 'The server has withdrawn its request'));
      return;
    }
    this.#handlers.onNotification(method, params, to);
  }

  #answer(id: RequestId, method: string, params: JsonObject, to: Addressee): void {
    // Modern servers cannot ask; on a pipe an answer would be taken for a broken client.
    if (this.modern || this.#closed !== undefined) return;
    if (method === 'ping') {
      this.#reply({ jsonrpc: '2.0', id, result: {} });
      return;
    }
    if (this.#asked.size >= MOST_ASKED || this.#asked.has(id)) {
      const error = { code: CODES.internal, message: 'Too many requests are waiting for an answer' };
      this.#reply({ jsonrpc: '2.0', id, error });
      return;
    }
    const controller = new AbortController();
    this.#asked.set(id, controller);
    this.#handlers
      .onRequest(method, params, controller.signal, to)
      .then(
        (result) => this.#reply({ jsonrpc: '2.0', id, result }),
        (thrown: unknown) => {
          if (!controller.signal.aborted) this.#reply({ jsonrpc: '2.0', id, error: errorMember(thrown) });
        },
      )
      .finally(() => this.#asked.delete(id));
  }

  #reply(message: JsonObject): void {
    if (this.#closed === undefined) this.wire.send(message).catch(ignore);
  }

  #cancel(id: RequestId, method: string, stream: AbortController | undefined): void {
    if (this.modern && stream !== undefined) {
      stream.abort();
      return;
    }
    // The first words cannot be taken back.
    if (method === 'initialize' || method === 'server/discover' || this.#closed !== undefined) {
      stream?.abort();
      return;
    }
    const params = { requestId: id, reason: 'The client has cancelled or left' };
    this.wire
      .send({ jsonrpc: '2.0', method: 'notifications/cancelled', params })
      .catch(ignore)
      .finally(() => stream?.abort());
  }

  #end(failure: Error | undefined): void {
    if (this.#closed !== undefined) return;
    const reason =
      failure ?? linkFailure('upstream_unavailable', 'the connection was closed', { sent: false, over: true });
    this.#closed = reason;
    const lost = linkFailure('upstream_unavailable', problemOf(reason), { sent: true, over: true }, reason);
    for (const pending of [...this.#pending.values()]) pending.settle(lost);
    for (const controller of this.#asked.values()) controller.abort(lost);
    this.#asked.clear();
    this.#handlers.onClose(failure);
  }
}

function withProgressToken(params: JsonObject, id: RequestId): JsonObject {
  const meta = isObject(params['_meta']) ? params['_meta'] : {};
  return { ...params, _meta: { ...meta, progressToken: id } };
}

function readError(error: JsonObject): JsonRpcError {
  const { code, message, data } = error;
  return new JsonRpcError(
    typeof code === 'number' && Number.isInteger(code) ? code : CODES.internal,
    typeof message === 'string' ? message : 'The server gave no reason',
    data === undefined ? {} : { data },
  );
}

function errorMember(thrown: unknown): JsonObject {
  if (!(thrown instanceof JsonRpcError)) return { code: CODES.internal, message: 'The client could not be asked' };
  const { code, message, data } = thrown;
  return data === undefined ? { code, message } : { code, message, data };
}

function ignore(): void {}
