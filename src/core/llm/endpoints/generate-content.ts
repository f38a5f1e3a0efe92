import { NexusError } from '../../errors/nexus-error.ts';
import type { Endpoint } from '../../http/endpoint.ts';
import type { ModelPipeline } from '../pipeline.ts';
import { PROTOCOLS } from '../protocols/index.ts';
import type { Address } from '../protocols/protocol.ts';
import { googleErrors as dialect } from './error-dialects.ts';
import { speaking } from './speaking.ts';

/** Google's generateContent and streamGenerateContent: model and verb stand in the path. */
export function generateContentEndpoint(prefixes: readonly string[], pipeline: ModelPipeline): Endpoint {
  // A name with a slash is a path of its own to some clients (`v1beta/tunedModels/x`): they leave `models/` out.
  const parents = prefixes.flatMap((prefix) => [`${prefix}/v1beta/models/`, `${prefix}/v1beta/`]);
  return {
    name: 'google.generateContent',
    method: 'POST',
    paths: parents,
    dialect,
    handle: speaking(PROTOCOLS['google-generate'], ({ client }, exchange, context) => {
      const parent = parents.find((path) => exchange.path.startsWith(path)) ?? '';
      const address = addressOf(exchange.path.slice(parent.length));
      return pipeline.run({ exchange, context, client, addressOf: () => address });
    }),
  };
}

/** `{model}:{verb}`; the model may contain slashes and, before the last one, colons. */
function addressOf(rest: string): Address {
  const colon = rest.lastIndexOf(':');
  const verb = rest.slice(colon + 1);
  if (colon <= 0 || (verb !== 'generateContent' && verb !== 'streamGenerateContent')) {
    throw new NexusError('no_route', 'There is nothing at this path: expected models/{model}:generateContent');
  }
  return { model: decode(rest.slice(0, colon)), stream: verb === 'streamGenerateContent', streamUsage: true };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new NexusError('invalid_request', "The model's name in the path is not valid percent-encoding");
  }
}
