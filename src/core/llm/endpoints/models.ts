import type { Endpoint } from '../../http/endpoint.ts';
import { json } from '../../http/respond.ts';
import { openaiChat } from '../protocols/openai-chat/index.ts';
import type { Provider } from '../providers/provider.ts';

/** When a configured model was created: nobody knows; the reference system says this, and clients want a number. */
const CREATED = 1719475200;

/** All configured models as clients name them, sorted. */
export function modelIds(providers: Iterable<Provider>): readonly string[] {
  return [...providers].flatMap((provider) => [...provider.models.keys()].map((id) => `${provider.name}/${id}`)).sort();
}

/** OpenAI's list of models. */
export function modelsEndpoint(prefixes: readonly string[], providers: ReadonlyMap<string, Provider>): Endpoint {
  const data = modelIds(providers.values()).map((id) => ({
    id,
    object: 'model',
    created: CREATED,
    owned_by: providers.get(id.slice(0, id.indexOf('/')))?.kind ?? '',
  }));
  const body = new TextEncoder().encode(JSON.stringify({ object: 'list', data }));
  return {
    name: 'openai.models',
    method: 'GET',
    paths: prefixes.flatMap((prefix) => [`${prefix}/v1/models`, `${prefix}/models`]),
    dialect: openaiChat,
    handle: () => json(200, body),
  };
}
