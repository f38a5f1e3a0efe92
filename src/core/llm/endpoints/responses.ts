import type { Endpoint } from '../../http/endpoint.ts';
import type { ModelPipeline } from '../pipeline.ts';
import { PROTOCOLS } from '../protocols/index.ts';
import { openaiErrors as dialect } from './error-dialects.ts';
import { speaking } from './speaking.ts';

/** OpenAI responses. */
export function responsesEndpoint(prefixes: readonly string[], pipeline: ModelPipeline): Endpoint {
  return {
    name: 'openai.responses',
    method: 'POST',
    paths: prefixes.flatMap((prefix) => [`${prefix}/v1/responses`, `${prefix}/responses`]),
    dialect,
    handle: speaking(PROTOCOLS['openai-responses'], ({ client, addressOf }, exchange, context) =>
      pipeline.run({ exchange, context, client, addressOf }),
    ),
  };
}
