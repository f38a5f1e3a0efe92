import type { Endpoint } from '../../http/endpoint.ts';
import type { ModelPipeline } from '../pipeline.ts';
import { PROTOCOLS } from '../protocols/index.ts';
import { anthropicErrors as dialect } from './error-dialects.ts';
import { speaking } from './speaking.ts';

/** Anthropic messages. */
export function messagesEndpoint(prefixes: readonly string[], pipeline: ModelPipeline): Endpoint {
  return {
    name: 'anthropic.messages',
    method: 'POST',
    paths: prefixes.map((prefix) => `${prefix}/v1/messages`),
    dialect,
    proxyAuthorization: true,
    handle: speaking(PROTOCOLS['anthropic-messages'], ({ client, addressOf }, exchange, context) =>
      pipeline.run({ exchange, context, client, addressOf }),
    ),
  };
}
