import type { Principal } from '../../exchange/principal.ts';
import type { RequestRecord } from '../../exchange/record.ts';
import type { CallContext, Caller } from '../caller.ts';
import type { FeedChange } from '../catalogue/change-feed.ts';
import { canBeAsked, capabilityFor, missingCapabilities } from '../wire/client-capabilities.ts';
import { type JsonObject, JsonRpcError } from '../wire/json-rpc.ts';
import { errorText, type Message, notificationText, type RequestId, resultText } from '../wire/message.ts';
import { CODES, META } from '../wire/revision.ts';
import { ClientQuestions } from './client-questions.ts';
import { errorInEra, toJsonRpcError } from './era-errors.ts';
import { EventStore } from './event-store.ts';
import { isLogLevel, passesLogLevel } from './log-level.ts';
import { travellingMeta } from './modern-request.ts';
import { legacyResult } from './modern-result.ts';
import { isProgressToken, progressOf } from './progress.ts';
import { SessionStream } from './session-stream.ts';
import { invalidParams, METHODS, requiredText, type Surface } from './surface.ts';

export interface SessionFacts {
  /** Secret towards everyone but its client. */
  readonly id: string;
  /** Names the session towards servers; says nothing of its id. */
  readonly scope: string;
  readonly surface: Surface;
  /** Who opened it; nobody else is let in. */
  readonly owner: string;
  readonly revision: string;
  readonly capabilities: JsonObject;
  readonly onUnforeseen: (error: unknown) => void;
}

type Request = Message & { readonly kind: 'request' };

/** Who sends requests now. */
export interface Asker {
  readonly principal: Principal | undefined;
  /** The row of the HTTP request, where there is one. */
  readonly record?: RequestRecord | undefined;
}

interface Running {
  readonly caller: Caller;
  readonly stream: SessionStream;
  readonly signal: AbortSignal;
  readonly record: RequestRecord | undefined;
}

/** Log lines reached clients of these revisions without being asked for; this is how many. */
const DEFAULT_LOG_LEVEL = 'info';
const STANDING = 0;
const MOST_WATCHED = 256;
const MOST_RUNNING = 256;

const LIST_CHANGED = {
  tools: 'notifications/tools/list_changed',
  prompts: 'notifications/prompts/list_changed',
  resources: 'notifications/resources/list_changed',
} as const;

/** A client that has shaken hands: what it declared, what it watches, and its calls that run. */
export class LegacySession {
  readonly facts: SessionFacts;
  readonly store = new EventStore();
  readonly #questions = new ClientQuestions();
  readonly #running = new Map<RequestId, AbortController>();
  /** The streams that running requests are answered on. */
  readonly #owners = new Map<RequestId, SessionStream>();
  readonly #watched = new Map<string, () => void>();
  readonly #streams = new Map<number, SessionStream>();
  readonly #stopListening: () => void;
  #standing: SessionStream | undefined;
  #logLevel: string | undefined;
  #lastStream = STANDING;

  constructor(facts: SessionFacts) {
    this.facts = facts;
    this.#stopListening = facts.surface.listen((change) => this.#tell(change));
  }

  get running(): number {
    return this.#running.size;
  }

  /** Whether anything of it is in use right now. */
  get isBusy(): boolean {
    return this.#running.size > 0 || this.#standing?.isConnected === true;
  }

  /** A stream for the requests of one POST. */
  openStream(): SessionStream {
    const stream = new SessionStream(++this.#lastStream, this.store, () => {
      this.#streams.delete(stream.id);
      for (const [id, owner] of this.#owners) if (owner === stream) this.cancel(id);
    });
    this.#streams.set(stream.id, stream);
    return stream;
  }

  /** The stream of a GET: for what belongs to no request. */
  get standingStream(): SessionStream {
    // Nobody waits on it; when its client stays away nothing has to be cancelled.
    this.#standing ??= new SessionStream(STANDING, this.store, () => {
      this.#standing = undefined;
    });
    return this.#standing;
  }

  /** A stream that is still open, by its number. */
  stream(id: number): SessionStream | undefined {
    return id === STANDING ? this.standingStream : this.#streams.get(id);
  }

  /** Answers the requests of one POST on their stream, and ends it with the last answer. */
  async serve(requests: readonly Request[], stream: SessionStream, asker: Asker): Promise<void> {
    let left = requests.length;
    await Promise.all(
      requests.map(async (request) => {
        const text = await this.#answer(request, stream, asker);
        left--;
        if (left === 0) {
          this.#streams.delete(stream.id);
          stream.finish(text);
        } else stream.send(text);
      }),
    );
  }

  /** Takes what needs no answer. */
  take(message: Exclude<Message, { kind: 'request' }>, { principal }: Asker): void {
    if (message.kind !== 'notification') {
      this.#questions.answer(message);
      return;
    }
    const { method, params } = message;
    const { requestId } = params;
    if (method === 'notifications/cancelled') {
      if (typeof requestId === 'string' || typeof requestId === 'number') this.cancel(requestId);
    } else if (method === 'notifications/roots/list_changed') {
      const { surface, scope, capabilities } = this.facts;
      surface.notify(method, params, { principal, scope, capabilities });
    }
  }

  cancel(id: RequestId): void {
    this.#running.get(id)?.abort();
  }

  close(): void {
    this.#stopListening();
    for (const controller of this.#running.values()) controller.abort();
    for (const stop of this.#watched.values()) stop();
    this.#watched.clear();
    this.#questions.close();
    this.#standing?.end();
    for (const stream of this.#streams.values()) stream.end();
    this.#streams.clear();
  }

  async #answer(request: Request, stream: SessionStream, asker: Asker): Promise<string> {
    const { id, method, params } = request;
    if (this.#running.has(id)) {
      return errorText(id, new JsonRpcError(CODES.invalidRequest, 'A request with this id is still running'));
    }
    if (this.#running.size >= MOST_RUNNING) {
      return errorText(id, new JsonRpcError(CODES.server, 'Too many requests of this session are running'));
    }
    const controller = new AbortController();
    this.#running.set(id, controller);
    this.#owners.set(id, stream);
    try {
      const { capabilities, scope } = this.facts;
      const caller: Caller = { principal: asker.principal, scope, capabilities };
      const running: Running = { caller, stream, signal: controller.signal, record: asker.record };
      return resultText(id, legacyResult(await this.#dispatch(request, running)));
    } catch (thrown) {
      return errorText(id, errorInEra(toJsonRpcError(thrown, this.facts.onUnforeseen), 'legacy', method, params));
    } finally {
      this.#running.delete(id);
      this.#owners.delete(id);
    }
  }

  async #dispatch({ method, params }: Request, running: Running): Promise<JsonObject> {
    const { surface } = this.facts;
    switch (method) {
      case 'ping':
        return {};
      case 'initialize':
        throw new JsonRpcError(CODES.invalidRequest, 'The session is initialized already');
      case 'logging/setLevel':
        if (!isLogLevel(params['level'])) throw invalidParams('"level" is not a log level');
        this.#logLevel = params['level'];
        surface.setLogLevel(params['level']);
        return {};
      case 'resources/subscribe':
        return this.#watch(requiredText(params, 'uri'), running.caller);
      case 'resources/unsubscribe': {
        const uri = requiredText(params, 'uri');
        this.#watched.get(uri)?.();
        this.#watched.delete(uri);
        return {};
      }
      default: {
        if (!METHODS.has(method)) throw new JsonRpcError(CODES.methodNotFound, 'Method not found');
        const { _meta, ...sent } = params;
        return surface.request(method, sent, this.#context(params, running));
      }
    }
  }

  #context(params: JsonObject, { caller, stream, signal, record }: Running): CallContext {
    const token = progressOf(params);
    const { capabilities } = this.facts;
    const ask = (name: string, asked: JsonObject, askSignal: AbortSignal): Promise<JsonObject> => {
      const required = capabilityFor(name, asked);
      if (required === undefined || missingCapabilities(required, capabilities) !== undefined) {
        return Promise.reject(new JsonRpcError(CODES.methodNotFound, 'The client cannot be asked this'));
      }
      return this.#questions.ask(name, asked, AbortSignal.any([signal, askSignal]), (text) => stream.send(text));
    };
    return {
      caller,
      signal,
      requestId: record?.id,
      record,
      meta: { ...travellingMeta(params), [META.logLevel]: this.#logLevel ?? DEFAULT_LOG_LEVEL },
      ...(isProgressToken(token)
        ? {
            onProgress: (told: JsonObject) =>
              stream.send(notificationText('notifications/progress', { ...told, progressToken: token }), {
                losable: true,
              }),
          }
        : {}),
      onNotification: (name, told) => {
        if (passesLogLevel(name, told, this.#logLevel)) stream.send(notificationText(name, told), { losable: true });
      },
      ...(canBeAsked(capabilities) ? { ask } : {}),
      relayInputRequired: false,
    };
  }

  async #watch(uri: string, caller: Caller): Promise<JsonObject> {
    if (this.#watched.has(uri)) return {};
    if (this.#watched.size >= MOST_WATCHED) throw new JsonRpcError(CODES.server, 'Too many resources are watched');
    const stop = await this.facts.surface.watch(uri, caller);
    if (this.#watched.has(uri)) stop();
    else this.#watched.set(uri, stop);
    return {};
  }

  #tell(change: FeedChange): void {
    // A client without a standing stream hears nothing between its calls.
    const standing = this.#standing;
    if (standing === undefined) return;
    if (change.kind !== 'resource') standing.send(notificationText(LIST_CHANGED[change.kind]));
    else if (this.#watched.has(change.uri)) {
      standing.send(notificationText('notifications/resources/updated', { uri: change.uri }));
    }
  }
}
