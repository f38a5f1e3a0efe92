import type { Endpoint } from '../../http/endpoint.ts';
import type { ModelPipeline } from '../pipeline.ts';
import { addressOf, openaiChat as client } from '../protocols/openai-chat/index.ts';

/** OpenAI chat completions. */
export function chatCompletionsEndpoint(prefixes: readonly string[], pipeline: ModelPipeline): Endpoint {
  return {
    name: 'openai.chat.completions',
    method: 'POST',
    paths: prefixes.flatMap((prefix) => [`${prefix}/v1/chat/completions`, `${prefix}/chat/completions`]),
    dialect: client,
    handle: (exchange, context) => pipeline.run({ exchange, context, client, addressOf }),
  };
}
