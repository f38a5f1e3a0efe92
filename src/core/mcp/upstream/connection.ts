// A connection that is up: requests under the server's own names, in the words of its era, and what the server says in
// between, to the call it belongs to.
import { capabilityFor, missingCapabilities } from '../wire/client-capabilities.ts';
import { type JsonObject, JsonRpcError } from '../wire/json-rpc.ts';
import { isObject } from '../wire/message.ts';
import { CODES, META } from '../wire/revision.ts';
import { type Introduction, modernMeta, type Session } from './handshake.ts';
import type { OngoingCall } from './ongoing-call.ts';
import type { Addressee, Peer, PeerHandlers } from './peer.ts';
import { paramHeaders, type SentParam } from './sent-headers.ts';

export type ListKind = 'tools' | 'prompts' | 'resources';

/** What a connection reports beside the answers to calls. */
export interface ConnectionEvents {
  onListChanged(kind: ListKind): void;
  onResourceUpdated(uri: string): void;
  /** Once; `failure` is absent when we closed it. */
  onClose(failure: Error | undefined): void;
}

const LIST_CHANGES: ReadonlyMap<string, ListKind> = new Map([
  ['notifications/tools/list_changed', 'tools'],
  ['notifications/prompts/list_changed', 'prompts'],
  ['notifications/resources/list_changed', 'resources'],
]);

/** Members of a request's `_meta` that are said anew for each server. */
const OWN_META: readonly string[] = [META.protocolVersion, META.clientInfo, META.clientCapabilities];

export class Connection implements PeerHandlers {
  readonly session: Session;
  readonly peer: Peer;
  readonly #server: string;
  readonly #who: Introduction;
  readonly #events: ConnectionEvents;
  readonly #calls: OngoingCall[] = [];
  /** The latest call that can be asked: requests that come between calls are meant for it. */
  #lastAsker: OngoingCall | undefined;
  #sentParams: ReadonlyMap<string, readonly SentParam[]> = new Map();

  constructor(server: string, peer: Peer, session: Session, who: Introduction, events: ConnectionEvents) {
    this.#server = server;
    this.peer = peer;
    this.session = session;
    this.#who = who;
    this.#events = events;
  }

  get isModern(): boolean {
    return this.session.era === 'modern';
  }

  get closed(): boolean {
    return this.peer.closed;
  }

  /** Calls in flight. */
  get busy(): number {
    return this.#calls.length;
  }

  /** The tools of this connection whose arguments are mirrored to headers. */
  setSentParams(params: ReadonlyMap<string, readonly SentParam[]>): void {
    this.#sentParams = params;
  }

  /** Requests that come before the first call ends are this call's. */
  expect(call: OngoingCall): void {
    if (call.context.ask !== undefined) this.#lastAsker = call;
  }

  /**
   * A client's call. `capabilities` is what a modern server may ask for. Rejects with `JsonRpcError` or a link failure.
   */
  async call(method: string, params: JsonObject, call: OngoingCall, capabilities: JsonObject): Promise<JsonObject> {
    this.expect(call);
    this.#calls.push(call);
    const { meta, onProgress } = call.context;
    const { trace } = call.context;
    const sent = { ...params, _meta: { ...this.#meta(params, meta, capabilities), ...trace } };
    try {
      const mirrored = method === 'tools/call' ? this.#headers(params) : undefined;
      const headers = trace === undefined ? mirrored : { ...mirrored, ...trace };
      return await this.peer.request(method, sent, { signal: call.signal, call, onProgress, headers });
    } catch (error) {
      throw this.isModern && error instanceof JsonRpcError ? this.#translate(error, capabilities) : error;
    } finally {
      this.#calls.splice(this.#calls.indexOf(call), 1);
    }
  }

  /** A request of our own: lists, subscriptions, log levels. */
  request(method: string, params: JsonObject, signal: AbortSignal): Promise<JsonObject> {
    return this.peer.request(method, this.withMeta(params), { signal });
  }

  notify(method: string, params: JsonObject): void {
    this.peer.notify(method, this.withMeta(params));
  }

  /** `params` with what a modern server must be told each time. */
  withMeta(params: JsonObject): JsonObject {
    return this.isModern ? { ...params, _meta: modernMeta(this.#who) } : params;
  }

  /** Gives up a connection that has turned out to be of no use. */
  abandon(failure: unknown): void {
    this.peer.close(failure instanceof Error ? failure : undefined).catch(() => {});
  }

  close(): Promise<void> {
    return this.peer.close();
  }

  onNotification(method: string, params: JsonObject, to: Addressee): void {
    const list = LIST_CHANGES.get(method);
    if (list !== undefined) this.#events.onListChanged(list);
    else if (method === 'notifications/resources/updated') {
      const { uri } = params;
      if (typeof uri === 'string') this.#events.onResourceUpdated(uri);
    } else if (to !== 'nobody') (to ?? this.#guess())?.context.onNotification?.(method, params);
  }

  onRequest(method: string, params: JsonObject, signal: AbortSignal, to: Addressee): Promise<JsonObject> {
    const required = capabilityFor(method, params);
    if (required === undefined || missingCapabilities(required, this.#who.capabilities) !== undefined) {
      return Promise.reject(new JsonRpcError(CODES.methodNotFound, 'Method not found'));
    }
    const call = typeof to === 'object' ? to : this.#asker();
    if (call === undefined) {
      return Promise.reject(new JsonRpcError(CODES.internal, 'There is no client that could be asked'));
    }
    return call.ask(method, params, signal);
  }

  onClose(failure: Error | undefined): void {
    this.#lastAsker = undefined;
    this.#events.onClose(failure);
  }

  /** Where the wire does not say which call a request of the server belongs to, the newest that can be asked is taken. */
  #asker(): OngoingCall | undefined {
    for (let at = this.#calls.length - 1; at >= 0; at--) {
      const call = this.#calls[at];
      if (call?.context.ask !== undefined) return call;
    }
    return this.#lastAsker;
  }

  /** Whose a notification is that could be any call's: nobody's when the calls are of several callers. */
  #guess(): OngoingCall | undefined {
    const newest = this.#calls[this.#calls.length - 1];
    const scope = newest?.context.caller.scope;
    return this.#calls.every((call) => call.context.caller.scope === scope) ? newest : undefined;
  }

  #meta(params: JsonObject, travelling: JsonObject, capabilities: JsonObject): JsonObject {
    const meta: Record<string, unknown> = { ...(isObject(params['_meta']) ? params['_meta'] : {}), ...travelling };
    delete meta['progressToken'];
    for (const key of OWN_META) delete meta[key];
    if (this.isModern) return { ...meta, ...modernMeta({ ...this.#who, capabilities }) };
    delete meta[META.logLevel];
    return meta;
  }

  #headers(params: JsonObject): Record<string, string> | undefined {
    if (this.#sentParams.size === 0 || !this.peer.wire.streamPerRequest) return undefined;
    const { name } = params;
    const mirrored = typeof name === 'string' ? this.#sentParams.get(name) : undefined;
    return mirrored === undefined ? undefined : paramHeaders(mirrored, params['arguments']);
  }

  /** Some errors speak of what Nexus said, not of what the client did; a client could only misread them. */
  #translate(error: JsonRpcError, capabilities: JsonObject): JsonRpcError {
    if (error.code === CODES.headerMismatch || error.code === CODES.versionUnsupported) {
      const message = `The MCP server "${this.#server}" refused how it was asked (${error.code})`;
      return new JsonRpcError(CODES.internal, message, { cause: error });
    }
    if (error.code !== CODES.capabilityMissing) return error;
    const required = isObject(error.data) ? error.data['requiredCapabilities'] : undefined;
    // The client was named in full: then it is the client that cannot.
    if (isObject(required) && missingCapabilities(required, capabilities) !== undefined) return error;
    const message = `The MCP server "${this.#server}" needs something of its client that it cannot have here`;
    return new JsonRpcError(CODES.internal, message, { cause: error });
  }
}
