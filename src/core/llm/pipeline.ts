import type { Exchange } from '../exchange/exchange.ts';
import type { Reply } from '../exchange/reply.ts';
import type { EndpointContext } from '../http/endpoint.ts';
import { readJsonBody } from '../http/json-body.ts';
import type { Transport } from '../http/transport.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { passthrough } from './delivery/passthrough.ts';
import { translate } from './delivery/translate.ts';
import { anthropicMessages } from './protocols/anthropic-messages/index.ts';
import { type ChatRequest, decodeChatRequest, openaiChat } from './protocols/openai-chat/index.ts';
import { openaiChatPassthrough } from './protocols/openai-chat/passthrough.ts';
import type { Provider } from './providers/provider.ts';
import { resolveModel, type Target } from './routing/resolve.ts';
import { Call } from './upstream/call.ts';
import type { Delivery } from './upstream/delivery.ts';
import type { InFlight } from './upstream/in-flight.ts';

export interface PipelineOptions {
  readonly providers: ReadonlyMap<string, Provider>;
  readonly maxBody: number;
  readonly runtime: Runtime;
  /** The transport, once it is open: a promise only for the very first calls. */
  readonly transport: () => Transport | Promise<Transport>;
  /** Calls in flight. */
  readonly inFlight: InFlight<Call>;
}

/** What one target is sent, and what becomes of its answer. */
interface Prepared {
  readonly body: Buffer | string;
  readonly delivery: Delivery;
}

/**
 * The straight path of one model call: body, route, attempt, delivery. The stages that come with identity, limits,
 * guardrails, routes, caches and budgets stand between these steps in the order ARCHITECTURE.md gives.
 */
export class ChatPipeline {
  readonly #options: PipelineOptions;

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  async run(exchange: Exchange, { record, seal }: EndpointContext): Promise<Reply> {
    const { inFlight, maxBody, providers, runtime } = this.#options;
    const { bytes, value } = await readJsonBody(exchange, maxBody);
    const request = openaiChat.validateRequest(value);
    record.requestedModel = request.model;
    record.stream = request.stream === true;

    const target = resolveModel(request.model, providers);
    const { provider } = target;
    record.provider = provider.name;
    record.model = target.model;

    const headers = provider.headers(exchange);
    const dropped: string[] = [];
    const { body, delivery } =
      provider.protocol === 'openai-chat'
        ? relayChat(bytes, request, target)
        : translateChat(request, target, dropped, runtime.now());
    const opened = this.#options.transport();
    const call = new Call({
      exchange,
      record,
      seal,
      runtime,
      delivery,
      inFlight,
      transport: opened instanceof Promise ? await opened : opened,
      request: { origin: provider.origin, path: provider.path, method: 'POST', headers, body },
      deadlines: provider.deadlines,
      stream: record.stream,
      secret: provider.secret,
    });
    const reply = await call.run();
    if (dropped.length > 0) {
      record.dropped = dropped;
      reply.headers.push('x-nexus-dropped', headerList(dropped));
    }
    return reply;
  }
}

function relayChat(bytes: Buffer, request: ChatRequest, target: Target): Prepared {
  return {
    body: openaiChatPassthrough.patchRequest(bytes, request, target.model),
    delivery: passthrough({
      client: openaiChat,
      protocol: openaiChatPassthrough,
      decodeError: openaiChat.decodeError,
      model: target.renamed ? request.model : undefined,
      hideUsage: request.stream === true && !openaiChatPassthrough.wantsStreamUsage(request),
    }),
  };
}

function translateChat(request: ChatRequest, target: Target, dropped: string[], now: number): Prepared {
  const canonical = decodeChatRequest(request);
  dropped.push(...canonical.unsupported);
  return {
    body: anthropicMessages.encodeRequest({ ...canonical, model: target.model }, dropped),
    delivery: translate(openaiChat, anthropicMessages, {
      model: request.model,
      created: Math.floor(now / 1000),
      streamUsage: openaiChatPassthrough.wantsStreamUsage(request),
    }),
  };
}

/** Field names as a header value; names the caller invented may hold anything, a header may not. */
function headerList(names: readonly string[]): string {
  return names
    .map((name) => name.replace(/[^\w.[\]-]/g, '_').slice(0, 64))
    .slice(0, 50)
    .join(', ');
}
