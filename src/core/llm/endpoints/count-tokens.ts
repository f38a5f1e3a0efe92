import { NexusError } from '../../errors/nexus-error.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { Reply } from '../../exchange/reply.ts';
import type { Endpoint, EndpointContext } from '../../http/endpoint.ts';
import { json } from '../../http/respond.ts';
import { estimateInput } from '../metering/estimate.ts';
import type { ModelPipeline } from '../pipeline.ts';
import { decodeError, encodeErrorEvent } from '../protocols/anthropic-messages/error.ts';
import { PROTOCOLS } from '../protocols/index.ts';
import { isJsonObject } from '../protocols/json-object.ts';
import type { Delivery } from '../upstream/delivery.ts';
import { anthropicErrors as dialect } from './error-dialects.ts';
import { speaking } from './speaking.ts';

const MESSAGES = PROTOCOLS['anthropic-messages'];

type Messages = (typeof MESSAGES)['loaded'];

/**
 * Anthropic's token count: exact where the provider is Anthropic; for every other an estimate, marked by
 * `X-Nexus-Estimated: true`.
 */
export function countTokensEndpoint(prefixes: readonly string[], pipeline: ModelPipeline): Endpoint {
  return {
    name: 'anthropic.messages.count_tokens',
    method: 'POST',
    paths: prefixes.map((prefix) => `${prefix}/v1/messages/count_tokens`),
    dialect,
    proxyAuthorization: true,
    handle: speaking(MESSAGES, (messages, exchange, context) => count(messages, pipeline, exchange, context)),
  };
}

async function count(
  { client, addressOf, tokenCount }: Messages,
  pipeline: ModelPipeline,
  exchange: Exchange,
  context: EndpointContext,
): Promise<Reply> {
  const { bytes, value } = await pipeline.read(exchange);
  const request = tokenCount.validate(value);
  const address = { ...addressOf(request), stream: false };
  const plannable = { exchange, context, bytes, request, model: address.model, stream: false };
  if (pipeline.wantsExplanation(exchange, context)) return pipeline.explain(plannable);
  const plan = await pipeline.plan(plannable);
  const first = plan.candidates[0]?.target;
  context.record.provider = first?.provider.name;
  context.record.model = first?.model;
  if (first?.provider.speaks(client.id) !== true) {
    const tokens = estimateInput(client.decodeRequest(request, address));
    return json(200, JSON.stringify({ input_tokens: tokens }), ['x-nexus-estimated', 'true']);
  }
  const candidates = plan.candidates.filter(({ target }) => target.provider.speaks(client.id));
  return pipeline.attempt({
    exchange,
    context,
    plan: { ...plan, candidates },
    prepare: ({ provider, model }) => ({
      path: `${provider.path(client.id, model, false)}/count_tokens`,
      body: tokenCount.patch(request, model),
      stream: false,
      delivery,
    }),
  });
}

/** The provider's count goes through as it came. */
const delivery: Delivery = {
  sameDialect: true,
  isFree: true,
  decodeError,
  encodeErrorEvent,
  whole(bytes) {
    const body: unknown = JSON.parse(bytes.toString('utf8'));
    if (!isJsonObject(body) || typeof body['input_tokens'] !== 'number') {
      throw new NexusError('upstream_invalid', 'The provider sent a token count that cannot be read');
    }
    return { body: bytes, usage: undefined };
  },
  openStream() {
    throw new NexusError('internal', 'A token count is not a stream');
  },
};
