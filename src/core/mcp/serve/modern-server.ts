import type { Exchange } from '../../exchange/exchange.ts';
import type { RequestRecord } from '../../exchange/record.ts';
import type { Reply } from '../../exchange/reply.ts';
import type { EndpointContext } from '../../http/endpoint.ts';
import { json } from '../../http/respond.ts';
import type { CallContext, Caller } from '../caller.ts';
import { canBeAsked, capabilityFor, missingCapabilities } from '../wire/client-capabilities.ts';
import { type JsonObject, JsonRpcError } from '../wire/json-rpc.ts';
import { errorText, type Message, notificationText, resultText } from '../wire/message.ts';
import { findParamMismatch } from '../wire/param-headers.ts';
import { CODES, LOG_LEVELS, META, MODERN } from '../wire/revision.ts';
import { Answer } from './answer.ts';
import { principalKey, ScopePool } from './caller-scope.ts';
import { Conversation } from './conversation.ts';
import { errorInEra, toJsonRpcError } from './era-errors.ts';
import { isLogLevel, passesLogLevel } from './log-level.ts';
import { type Envelope, mismatch, readEnvelope, travellingMeta } from './modern-request.ts';
import { checkQuestions, isInputRequired, modernResult } from './modern-result.ts';
import { ParkedCalls } from './parked-calls.ts';
import { isProgressToken, progressOf } from './progress.ts';
import type { Pulse } from './pulse.ts';
import type { StateBinding, StateSeal } from './request-state.ts';
import { Subscriptions } from './subscriptions.ts';
import { invalidParams, METHODS, type Surface } from './surface.ts';

export interface ModernServerOptions {
  readonly pulse: Pulse;
  readonly seal: StateSeal;
  readonly onUnforeseen: (error: unknown) => void;
}

type Request = Message & { readonly kind: 'request' };

/** The methods whose calls a server may answer with questions. */
const ASKING: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read']);

/** Serves the stateless revision: every request alone, on whatever it carries. */
export class ModernServer {
  readonly #options: ModernServerOptions;
  readonly #subscriptions: Subscriptions;
  readonly #parked = new ParkedCalls();
  readonly #scopes = new ScopePool();
  readonly #running = new Set<AbortController>();
  /** The lowest level asked for so far. */
  readonly #levels = new WeakMap<Surface, number>();

  constructor(options: ModernServerOptions) {
    this.#options = options;
    this.#subscriptions = new Subscriptions(options.pulse);
  }

  /** Calls and subscriptions that are open. */
  get inFlight(): number {
    return this.#running.size;
  }

  async serve(surface: Surface, message: Request, exchange: Exchange, context: EndpointContext): Promise<Reply> {
    const { id, method, params } = message;
    try {
      const envelope = readEnvelope(message, exchange);
      const key = principalKey(context.principal);
      const caller: Caller = {
        principal: context.principal,
        scope: this.#scopes.plain(key),
        capabilities: envelope.capabilities,
      };
      if (method === 'server/discover') {
        const { capabilities, instructions } = await surface.describe(caller);
        const found = {
          supportedVersions: [MODERN],
          capabilities,
          ...(instructions === undefined ? {} : { instructions }),
        };
        return json(200, resultText(id, modernResult(method, found, surface.serverInfo)));
      }
      if (method === 'subscriptions/listen') {
        return await this.#subscriptions.open(surface, id, params, caller, exchange, context);
      }
      if (!METHODS.has(method))
        return json(404, errorText(id, new JsonRpcError(CODES.methodNotFound, 'Method not found')));
      if (method === 'tools/call') await checkMirrored(surface, params, caller, exchange);
      return await this.#call(surface, message, envelope, caller, exchange, context);
    } catch (thrown) {
      const error = toJsonRpcError(thrown, this.#options.onUnforeseen);
      return json(isRefusal(error) ? 400 : statusOf(error), errorText(id, error));
    }
  }

  close(): void {
    this.#subscriptions.close();
    this.#parked.close();
    for (const controller of this.#running) controller.abort();
  }

  #call(
    surface: Surface,
    message: Request,
    envelope: Envelope,
    caller: Caller,
    exchange: Exchange,
    context: EndpointContext,
  ): Promise<Reply> {
    const { id, method, params } = message;
    const binding: StateBinding = { surface: surface.key, principal: principalKey(caller.principal), method, params };
    const { conversation, sent, release } = this.#takeUp(surface, envelope, caller, binding);
    const { controller } = conversation;
    this.#running.add(controller);
    const answer = new Answer({ exchange, context, pulse: this.#options.pulse, onGone: () => controller.abort() });
    const token = progressOf(params);
    conversation.outlet = (name, told) => {
      if (name !== 'notifications/progress') answer.event(notificationText(name, told), { losable: true });
      else if (isProgressToken(token)) {
        answer.event(notificationText(name, { ...told, progressToken: token }), { losable: true });
      }
    };
    if (sent !== undefined) {
      const call = contextOf(
        envelope,
        sent.caller,
        travellingMeta(params),
        conversation,
        isProgressToken(token),
        context.record,
      );
      conversation.begin(() => surface.request(method, sent.params, call));
    }
    void this.#turn(conversation, binding, envelope, release).then(
      (result) => answer.finish(resultText(id, modernResult(method, result, surface.serverInfo))),
      (thrown: unknown) => {
        const error = errorInEra(toJsonRpcError(thrown, this.#options.onUnforeseen), 'modern', method, params);
        answer.finish(errorText(id, error), statusOf(error));
      },
    );
    return answer.reply;
  }

  /** A new call, or one that waits for these answers. Throws -32602 for a state that is not for this call. */
  #takeUp(
    surface: Surface,
    envelope: Envelope,
    caller: Caller,
    binding: StateBinding,
  ): {
    readonly conversation: Conversation;
    readonly sent: { readonly caller: Caller; readonly params: JsonObject } | undefined;
    readonly release: () => void;
  } {
    const { _meta, ...params } = binding.params;
    const given = params['requestState'];
    const state = given === undefined ? undefined : this.#options.seal.open(given, binding);
    if (given !== undefined && (state === undefined || !ASKING.has(binding.method))) {
      throw invalidParams('"requestState" is not the state of this call, or is too old');
    }
    if (state?.kind === 'parked') {
      const parked = this.#parked.take(state.id);
      if (parked === undefined) throw invalidParams('"requestState" names a call that does not wait any longer');
      parked.conversation.answer(params['inputResponses']);
      return { conversation: parked.conversation, sent: undefined, release: parked.release };
    }
    if (envelope.logLevel !== undefined) this.#wantLogs(surface, envelope.logLevel);
    const asked = ASKING.has(binding.method) && canBeAsked(envelope.capabilities);
    const taken = asked ? this.#scopes.take(binding.principal) : undefined;
    return {
      conversation: new Conversation(),
      sent: {
        caller: taken === undefined ? caller : { ...caller, scope: taken.scope },
        params: state === undefined ? params : { ...params, requestState: state.state },
      },
      release: taken?.free ?? (() => {}),
    };
  }

  /** One turn of a call: its result, or what the client is asked before it goes on. */
  async #turn(
    conversation: Conversation,
    binding: StateBinding,
    envelope: Envelope,
    release: () => void,
  ): Promise<JsonObject> {
    const { controller } = conversation;
    let isParked = false;
    try {
      const turn = await conversation.turn();
      if (turn.kind === 'result') {
        if (!isInputRequired(turn.result)) return turn.result;
        checkQuestions(turn.result['inputRequests'], envelope.capabilities);
        const { requestState } = turn.result;
        if (typeof requestState !== 'string') return turn.result;
        return {
          ...turn.result,
          requestState: this.#options.seal.seal({ kind: 'upstream', state: requestState }, binding),
        };
      }
      const parkedId = controller.signal.aborted ? undefined : this.#parked.park(conversation, release);
      if (parkedId === undefined) {
        controller.abort();
        throw new JsonRpcError(CODES.internal, 'Too many calls wait for their clients');
      }
      isParked = true;
      const requestState = this.#options.seal.seal({ kind: 'parked', id: parkedId }, binding);
      return { resultType: 'input_required', inputRequests: turn.questions, requestState };
    } finally {
      conversation.outlet = undefined;
      this.#running.delete(controller);
      if (!isParked) release();
    }
  }

  /** Servers are asked for the most that anybody has asked for; each client gets what it asked for itself. */
  #wantLogs(surface: Surface, level: string): void {
    if (!isLogLevel(level)) throw invalidParams(`_meta["${META.logLevel}"] is not a log level`);
    const wanted = LOG_LEVELS.indexOf(level);
    if (wanted >= (this.#levels.get(surface) ?? Number.POSITIVE_INFINITY)) return;
    this.#levels.set(surface, wanted);
    surface.setLogLevel(level);
  }
}

function contextOf(
  { capabilities, logLevel }: Envelope,
  caller: Caller,
  meta: JsonObject,
  conversation: Conversation,
  wantsProgress: boolean,
  record: RequestRecord,
): CallContext {
  const ask = (name: string, asked: JsonObject, signal: AbortSignal): Promise<JsonObject> => {
    const required = capabilityFor(name, asked);
    if (required === undefined || missingCapabilities(required, capabilities) !== undefined) {
      return Promise.reject(new JsonRpcError(CODES.methodNotFound, 'The client cannot be asked this'));
    }
    return conversation.ask(name, asked, signal);
  };
  return {
    caller,
    signal: conversation.controller.signal,
    requestId: record.id,
    record,
    meta,
    ...(wantsProgress ? { onProgress: (told) => conversation.outlet?.('notifications/progress', told) } : {}),
    // Without a level no log line may be sent at all.
    onNotification: (name, told) => {
      if (name === 'notifications/message' && logLevel === undefined) return;
      if (passesLogLevel(name, told, logLevel)) conversation.outlet?.(name, told);
    },
    ...(canBeAsked(capabilities) ? { ask } : {}),
    relayInputRequired: true,
  };
}

async function checkMirrored(surface: Surface, params: JsonObject, caller: Caller, exchange: Exchange): Promise<void> {
  const { name } = params;
  if (typeof name !== 'string') return;
  const mirrored = await surface.mirrored(name, caller);
  if (mirrored.length === 0) return;
  const words = findParamMismatch(mirrored, params['arguments'], (header) => exchange.header(header));
  if (words !== undefined) throw mismatch(words);
}

/** Errors about the request itself; the same codes from a server are its answer. */
function isRefusal({ code }: JsonRpcError): boolean {
  return code === CODES.headerMismatch || code === CODES.versionUnsupported || code === CODES.invalidParams;
}

function statusOf({ code }: JsonRpcError): number {
  return code === CODES.capabilityMissing ? 400 : 200;
}
