import { NexusError } from '../../errors/nexus-error.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { Reply } from '../../exchange/reply.ts';
import type { Endpoint, EndpointContext } from '../../http/endpoint.ts';
import { json } from '../../http/respond.ts';
import { estimateInput } from '../metering/estimate.ts';
import type { ModelPipeline } from '../pipeline.ts';
import {
  addressOf,
  anthropicMessages as client,
  patchCountTokens,
  validateCountTokens,
} from '../protocols/anthropic-messages/index.ts';
import { isJsonObject } from '../protocols/json-object.ts';
import type { Delivery } from '../upstream/delivery.ts';

/**
 * Anthropic's token count: exact where the provider is Anthropic; for every other an estimate, marked by
 * `X-Nexus-Estimated: true`.
 */
export function countTokensEndpoint(prefixes: readonly string[], pipeline: ModelPipeline): Endpoint {
  return {
    name: 'anthropic.messages.count_tokens',
    method: 'POST',
    paths: prefixes.map((prefix) => `${prefix}/v1/messages/count_tokens`),
    dialect: client,
    handle: (exchange, context) => count(pipeline, exchange, context),
  };
}

async function count(pipeline: ModelPipeline, exchange: Exchange, context: EndpointContext): Promise<Reply> {
  const { value } = await pipeline.read(exchange);
  const request = validateCountTokens(value);
  const address = { ...addressOf(request), stream: false };
  const target = pipeline.route(address.model);
  const { provider } = target;
  context.record.requestedModel = address.model;
  context.record.provider = provider.name;
  context.record.model = target.model;
  if (!provider.speaks(client.id)) {
    const tokens = estimateInput(client.decodeRequest(request, address));
    return json(200, JSON.stringify({ input_tokens: tokens }), ['x-nexus-estimated', 'true']);
  }
  return pipeline.send(exchange, context, target, {
    path: `${provider.path(client.id, target.model, false)}/count_tokens`,
    body: patchCountTokens(request, target.model),
    stream: false,
    delivery,
  });
}

/** The provider's count goes through as it came. */
const delivery: Delivery = {
  sameDialect: true,
  decodeError: (body) => client.decodeError(body),
  encodeErrorEvent: (error) => client.encodeErrorEvent(error),
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
