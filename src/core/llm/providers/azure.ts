import { defineProvider, type Place } from './definition.ts';
import { modelSegment } from './model-path.ts';

/** The last version of the deployments API that is not a preview. */
const API_VERSION = '2024-10-21';

/**
 * OpenAI's models at Azure. A base URL that ends in `/openai/v1` is the API with the model in the body; any other is
 * taken for the resource, whose deployments stand in the path (the model's name is then the deployment's).
 */
export const azure = defineProvider({
  kind: 'azure',
  protocols: [
    { id: 'openai-chat', path: chatPath },
    { id: 'openai-responses', path: (_model, _stream, place) => `/responses${query(place)}`, available: isV1 },
  ],
  embeddings: { dialect: 'openai', path: embeddingsPath },
  authorize: (key) => ['api-key', key],
  clientHeaders: [],
  origin: 'openai',
});

function chatPath(model: string, _stream: boolean, place: Place): string {
  return isV1(place) ? `/chat/completions${query(place)}` : deploymentPath(model, 'chat/completions', place);
}

function embeddingsPath(model: string, place: Place): string {
  return isV1(place) ? `/embeddings${query(place)}` : deploymentPath(model, 'embeddings', place);
}

function deploymentPath(model: string, operation: string, place: Place): string {
  const root = place.basePath.endsWith('/openai') ? '' : '/openai';
  const version = encodeURIComponent(place.apiVersion ?? API_VERSION);
  return `${root}/deployments/${modelSegment(model)}/${operation}?api-version=${version}`;
}

function isV1({ basePath }: Place): boolean {
  return basePath.endsWith('/openai/v1');
}

/** The v1 API needs no version; `preview` opts into what is coming. */
function query({ apiVersion }: Place): string {
  return apiVersion === undefined ? '' : `?api-version=${encodeURIComponent(apiVersion)}`;
}
