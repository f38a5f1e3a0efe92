import type { Endpoint } from '../../http/endpoint.ts';
import type { ModelPipeline } from '../pipeline.ts';
import { addressOf, anthropicMessages as client } from '../protocols/anthropic-messages/index.ts';

/** Anthropic messages. */
export function messagesEndpoint(prefixes: readonly string[], pipeline: ModelPipeline): Endpoint {
  return {
    name: 'anthropic.messages',
    method: 'POST',
    paths: prefixes.map((prefix) => `${prefix}/v1/messages`),
    dialect: client,
    proxyAuthorization: true,
    handle: (exchange, context) => pipeline.run({ exchange, context, client, addressOf }),
  };
}
