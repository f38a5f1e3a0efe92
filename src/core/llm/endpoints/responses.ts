import type { Endpoint } from '../../http/endpoint.ts';
import type { ModelPipeline } from '../pipeline.ts';
import { addressOf, openaiResponses as client } from '../protocols/openai-responses/index.ts';

/** OpenAI responses. */
export function responsesEndpoint(prefixes: readonly string[], pipeline: ModelPipeline): Endpoint {
  return {
    name: 'openai.responses',
    method: 'POST',
    paths: prefixes.flatMap((prefix) => [`${prefix}/v1/responses`, `${prefix}/responses`]),
    dialect: client,
    handle: (exchange, context) => pipeline.run({ exchange, context, client, addressOf }),
  };
}
