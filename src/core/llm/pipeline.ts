import type { Exchange } from '../exchange/exchange.ts';
import type { Reply } from '../exchange/reply.ts';
import type { EndpointContext } from '../http/endpoint.ts';
import { type JsonBody, readJsonBody } from '../http/json-body.ts';
import type { Transport } from '../http/transport.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { JsonObject } from './canonical/request.ts';
import { passthrough } from './delivery/passthrough.ts';
import { translate } from './delivery/translate.ts';
import { COMPATIBLE_CHAT, PROTOCOLS } from './protocols/index.ts';
import type { Address, ClientProtocol, ProtocolId, UpstreamProtocol } from './protocols/protocol.ts';
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
  readonly inFlight: InFlight<Call>;
}

/** A model call as its endpoint received it. */
export interface ModelCall {
  readonly exchange: Exchange;
  readonly context: EndpointContext;
  /** The protocol the client speaks. */
  readonly client: ClientProtocol;
  /** What a validated body is addressed to. */
  readonly addressOf: (body: JsonObject) => Address;
}

/** What one target is sent, and what becomes of its answer. */
export interface Attempt {
  readonly path: string;
  readonly body: Buffer | string;
  readonly stream: boolean;
  readonly delivery: Delivery;
}

/**
 * The straight path of one model call: body, route, attempt, delivery. The stages that come with identity, limits,
 * guardrails, routes, caches and budgets stand between these steps in the order ARCHITECTURE.md gives.
 */
export class ModelPipeline {
  readonly #options: PipelineOptions;

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  async run({ exchange, context, client, addressOf }: ModelCall): Promise<Reply> {
    const { record } = context;
    const body = await this.read(exchange);
    const request = client.validateRequest(body.value);
    const address = addressOf(request);
    record.requestedModel = address.model;
    record.stream = address.stream;
    const target = this.route(address.model);
    const dropped: string[] = [];
    const attempt = target.provider.speaks(client.id)
      ? relay(exchange, body, request, client, address, target)
      : this.#translation(request, client, address, target, dropped);
    const reply = await this.send(exchange, context, target, attempt);
    if (dropped.length > 0) {
      record.dropped = dropped;
      reply.headers.push('x-nexus-dropped', headerList(dropped));
    }
    return reply;
  }

  read(exchange: Exchange): Promise<JsonBody> {
    return readJsonBody(exchange, this.#options.maxBody);
  }

  route(model: string): Target {
    return resolveModel(model, this.#options.providers);
  }

  async send(
    exchange: Exchange,
    { record, seal }: EndpointContext,
    target: Target,
    { path, body, stream, delivery }: Attempt,
  ): Promise<Reply> {
    const { runtime, inFlight } = this.#options;
    const { provider } = target;
    record.provider = provider.name;
    record.model = target.model;
    const { headers, secret, forwarded } = provider.credentials(exchange, target.alias);
    const opened = this.#options.transport();
    const call = new Call({
      exchange,
      record,
      seal,
      runtime,
      delivery,
      inFlight,
      stream,
      secret,
      forwarded,
      transport: opened instanceof Promise ? await opened : opened,
      request: { origin: provider.url, path, method: 'POST', headers, body },
      deadlines: provider.deadlines,
    });
    return call.run();
  }

  #translation(
    request: JsonObject,
    client: ClientProtocol,
    address: Address,
    { provider, model }: Target,
    dropped: string[],
  ): Attempt {
    const { runtime } = this.#options;
    const { stream, streamUsage } = address;
    const canonical = client.decodeRequest(request, address);
    dropped.push(...canonical.unsupported);
    const upstream = upstreamProtocol(provider);
    return {
      path: provider.path(provider.primary, model, stream),
      body: upstream.encodeRequest({ ...canonical, model }, dropped),
      stream,
      delivery: translate(client, upstream, {
        model: address.model,
        created: Math.floor(runtime.now() / 1000),
        streamUsage,
        newId: runtime.id,
      }),
    };
  }
}

/** The protocol a provider is spoken to in when it does not speak the client's. */
function upstreamProtocol({ primary, definition }: Provider): UpstreamProtocol {
  return primary === 'openai-chat' && definition.maxTokensField === 'max_tokens'
    ? COMPATIBLE_CHAT
    : PROTOCOLS[primary].upstream;
}

function relay(
  { query }: Exchange,
  { bytes }: JsonBody,
  request: JsonObject,
  client: ClientProtocol,
  { model: asked, stream, streamUsage }: Address,
  { provider, model, renamed }: Target,
): Attempt {
  const id: ProtocolId = client.id;
  const { passthrough: protocol, upstream } = PROTOCOLS[id];
  return {
    path: withQuery(provider.path(id, model, stream), protocol.forwardedQuery?.(query) ?? ''),
    body: protocol.patchRequest(bytes, request, model),
    stream,
    delivery: passthrough({
      client,
      protocol,
      decodeError: upstream.decodeError,
      model: renamed ? asked : undefined,
      hideUsage: stream && !streamUsage,
    }),
  };
}

function withQuery(path: string, query: string): string {
  if (query === '') return path;
  return `${path}${path.includes('?') ? '&' : '?'}${query}`;
}

/** Field names as a header value; names the caller invented may hold anything, a header may not. */
function headerList(names: readonly string[]): string {
  return [...new Set(names)]
    .map((name) => name.replace(/[^\w.[\]-]/g, '_').slice(0, 64))
    .slice(0, 50)
    .join(', ');
}
