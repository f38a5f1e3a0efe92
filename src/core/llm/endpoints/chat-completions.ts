import type { Endpoint } from '../../http/endpoint.ts';
import type { ChatPipeline } from '../pipeline.ts';
import { openaiChat } from '../protocols/openai-chat/index.ts';

/** OpenAI chat completions. */
export function chatCompletionsEndpoint(prefixes: readonly string[], pipeline: ChatPipeline): Endpoint {
  return {
    name: 'openai.chat.completions',
    method: 'POST',
    paths: prefixes.flatMap((prefix) => [`${prefix}/v1/chat/completions`, `${prefix}/chat/completions`]),
    dialect: openaiChat,
    handle: (exchange, context) => pipeline.run(exchange, context),
  };
}
