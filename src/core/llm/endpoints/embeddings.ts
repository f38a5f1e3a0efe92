import type { ErrorCode } from '../../errors/codes.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { RequestRecord } from '../../exchange/record.ts';
import type { Reply } from '../../exchange/reply.ts';
import type { Endpoint, EndpointContext } from '../../http/endpoint.ts';
import type { JsonBody } from '../../http/json-body.ts';
import { json } from '../../http/respond.ts';
import { stampHeaders } from '../../policy/limits/limit-headers.ts';
import { GatheredEmbeddings, RelayedEmbeddings, type TokenEstimate } from '../delivery/embeddings.ts';
import {
  type EmbeddingsRequest,
  patchEmbeddingsRequest,
  readEmbeddingsRequest,
  TEXT_DIALECTS,
  type TextDialect,
  unsaid,
} from '../embeddings/index.ts';
import { estimateTokens } from '../metering/estimate.ts';
import type { ModelPipeline } from '../pipeline.ts';
import { droppedHeaders, refuseDropped } from '../preparation.ts';
import { PROTOCOLS } from '../protocols/index.ts';
import { openaiChat as dialect } from '../protocols/openai-chat/index.ts';
import type { Target } from '../providers/target.ts';
import type { Plan } from '../upstream/attempt-plan.ts';

/** As many as OpenAI takes in one request. Relayed requests may have more: their vendor judges. */
const MOST_TEXTS = 2048;

/** Failures that are not the provider's refusal: it has the request, and may well have worked on it. */
const LET_GO: ReadonlySet<ErrorCode> = new Set(['client_closed', 'shutting_down', 'upstream_timeout']);

interface EmbeddingsCall {
  readonly exchange: Exchange;
  readonly context: EndpointContext;
  readonly body: JsonBody;
  readonly request: EmbeddingsRequest;
  readonly target: Target;
  readonly path: string;
}

/**
 * OpenAI's embeddings. Vendors of the same format get the client's bytes; others are asked in theirs, in as many calls
 * as they need. Usage that the vendor does not report is estimated and marked by `X-Nexus-Usage: estimated`.
 */
export function embeddingsEndpoint(prefixes: readonly string[], pipeline: ModelPipeline): Endpoint {
  return {
    name: 'openai.embeddings',
    method: 'POST',
    paths: prefixes.flatMap((prefix) => [`${prefix}/v1/embeddings`, `${prefix}/embeddings`]),
    dialect,
    handle: (exchange, context) => embed(pipeline, exchange, context),
  };
}

async function embed(pipeline: ModelPipeline, exchange: Exchange, context: EndpointContext): Promise<Reply> {
  const body = await pipeline.read(exchange);
  const request = readEmbeddingsRequest(body.value);
  const { model } = request;
  const plannable = { exchange, context, bytes: body.bytes, request: request.body, model, stream: false };
  if (pipeline.wantsExplanation(exchange, context)) return pipeline.explain(plannable);
  const plan = embedding(await pipeline.plan(plannable));
  const { target, spoken } = plan;
  const call = { exchange, context, body, request, target, path: spoken.path };
  const told = await pipeline.reserve(context, target, request.body);
  const reply = await (spoken.dialect === 'openai'
    ? relay(pipeline, call, plan)
    : gather(pipeline, call, TEXT_DIALECTS[spoken.dialect]));
  if (told !== undefined) stampHeaders(reply.headers, told);
  return reply;
}

/** The targets that embed: the first decides the format, and only others of the same can stand in for it. */
function embedding(plan: Plan) {
  const spokenBy = ({ provider, model }: Target) => provider.embeddings(model);
  const able = plan.candidates.filter(({ target }) => spokenBy(target) !== undefined);
  const target = able[0]?.target;
  const spoken = target === undefined ? undefined : spokenBy(target);
  if (target === undefined || spoken === undefined) throw incapable(plan);
  const candidates = able.filter((other) => spokenBy(other.target)?.dialect === spoken.dialect);
  return { ...plan, candidates, target, spoken };
}

async function relay(pipeline: ModelPipeline, call: EmbeddingsCall, plan: Plan): Promise<Reply> {
  const { exchange, context, body, request } = call;
  let delivery: RelayedEmbeddings | undefined;
  const reply = await pipeline.attempt({
    exchange,
    context,
    plan,
    prepare: ({ provider, model, renamed }) => {
      delivery = new RelayedEmbeddings(request, renamed ? request.model : undefined, estimateOf(request));
      const path = provider.embeddings(model)?.path ?? call.path;
      return { path, body: patchEmbeddingsRequest(body.bytes, request, model), stream: false, delivery };
    },
  });
  if (delivery?.estimated === true) markEstimated(reply, context);
  return reply;
}

async function gather(pipeline: ModelPipeline, call: EmbeddingsCall, format: TextDialect): Promise<Reply> {
  const { exchange, context, request, target, path } = call;
  const { record } = context;
  const texts = textsOf(call);
  const said = new Set<string>();
  const parameters = format.parameters(request, target.model, said);
  const dropped = unsaid(request, said);
  refuseDropped(dropped, target.provider);
  // It is loaded with the transport, and so before there is an error to read.
  const protocol = PROTOCOLS[target.provider.primary];
  const decodeError = (error: unknown) => protocol.loaded.upstream.decodeError(error);
  const gathered = new GatheredEmbeddings(format, request, decodeError, estimateOf(request));
  const { textsPerCall } = format;
  try {
    await pipeline.sendAll(exchange, context, target, Math.ceil(texts.length / textsPerCall), (index) => {
      const start = index * textsPerCall;
      const part = texts.slice(start, start + textsPerCall);
      const body = format.encodeCall(part, parameters, target.model);
      return { path, body, stream: false, delivery: gathered.deliveryOf(part, start) };
    });
  } catch (error) {
    settleFailure(record, gathered, error);
    throw error;
  }
  record.usage = gathered.usage;
  const reply = json(200, gathered.answer(request.model));
  if (gathered.estimated) markEstimated(reply, context);
  if (dropped.length > 0) {
    record.dropped = dropped;
    reply.headers.push(...droppedHeaders(dropped));
  }
  return reply;
}

/** What was answered before a failure has been spent; and what was being read when we let go of it, as far as we know. */
function settleFailure(record: RequestRecord, gathered: GatheredEmbeddings, error: unknown): void {
  const isLetGo = NexusError.is(error) && LET_GO.has(error.code);
  const usage = isLetGo ? gathered.usageWhenLetGo : gathered.usage;
  if (usage.input === 0) return;
  record.usage = usage;
  if (isLetGo || gathered.estimated) record.usageSource = 'estimated_partial';
}

function markEstimated(reply: Reply, { record }: EndpointContext): void {
  record.usageSource = 'estimated';
  reply.headers.push('x-nexus-usage', 'estimated');
}

function textsOf({ request, target }: EmbeddingsCall): readonly string[] {
  const { texts } = request;
  const name = target.provider.name;
  if (texts === undefined) {
    throw new NexusError('invalid_request', `input must be text: provider '${name}' takes no token ids`, {
      param: 'input',
    });
  }
  if (texts.length > MOST_TEXTS) {
    throw new NexusError('invalid_request', `input must have at most ${MOST_TEXTS} items for provider '${name}'`, {
      param: 'input',
    });
  }
  return texts;
}

function estimateOf({ tokenIds }: EmbeddingsRequest): TokenEstimate {
  return (texts) => (texts === undefined ? tokenIds : texts.reduce((sum, text) => sum + estimateTokens(text), 0));
}

function incapable({ candidates, route }: Plan): NexusError {
  const [first] = candidates;
  if (first === undefined || route !== undefined) {
    return new NexusError('no_capable_target', `No target of route '${route}' has embeddings`, { param: 'model' });
  }
  const { provider, alias } = first.target;
  const { name, kind, definition } = provider;
  const shown = alias.length > 200 ? `${alias.slice(0, 200)}…` : alias;
  const message =
    definition.embeddings === undefined
      ? `Provider '${name}' (${kind}) has no embeddings`
      : `Model '${shown}' of provider '${name}' (${kind}) has no embeddings that Nexus can read`;
  return new NexusError('no_capable_target', message, { param: 'model' });
}
