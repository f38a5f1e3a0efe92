import type { Endpoint, ErrorDialect } from '../../http/endpoint.ts';
import { json } from '../../http/respond.ts';
import { anthropicMessages } from '../protocols/anthropic-messages/index.ts';
import { googleGenerate } from '../protocols/google-generate/index.ts';
import { openaiChat } from '../protocols/openai-chat/index.ts';
import type { Provider } from '../providers/provider.ts';

/** When a configured model was created: nobody knows; the reference system says this, and clients want a date. */
const CREATED = 1719475200;
const CREATED_AT = new Date(CREATED * 1000).toISOString();

/** All configured models as clients name them, sorted. */
export function modelIds(providers: Iterable<Provider>): readonly string[] {
  return [...providers].flatMap((provider) => [...provider.models.keys()].map((id) => `${provider.name}/${id}`)).sort();
}

/** Where each dialect's list of models is served. */
export interface ModelListPrefixes {
  readonly openai: readonly string[];
  readonly anthropic: readonly string[];
  readonly google: readonly string[];
}

/** The list of models in each dialect. On a path that two dialects share, Anthropic's own header chooses its form. */
export function modelsEndpoints(prefixes: ModelListPrefixes, providers: ReadonlyMap<string, Provider>): Endpoint[] {
  const ids = modelIds(providers.values());
  const openai = openaiList(ids, providers);
  const anthropic = anthropicList(ids);
  const google = googleList(ids);
  const own = (name: string, dialect: ErrorDialect, paths: readonly string[], body: string): Endpoint[] =>
    paths.length === 0 ? [] : [{ name, method: 'GET', paths, dialect, handle: () => json(200, body) }];
  const openaiPaths = prefixes.openai.flatMap((prefix) => [`${prefix}/v1/models`, `${prefix}/models`]);
  const anthropicPaths = prefixes.anthropic.map((prefix) => `${prefix}/v1/models`);
  const googlePaths = prefixes.google.map((prefix) => `${prefix}/v1beta/models`);
  return [
    ...(openaiPaths.length === 0
      ? []
      : [
          {
            name: 'openai.models',
            method: 'GET' as const,
            paths: openaiPaths,
            dialect: openaiChat,
            handle: (exchange: Parameters<Endpoint['handle']>[0]) =>
              json(200, exchange.header('anthropic-version') === undefined ? openai : anthropic),
          },
        ]),
    ...own(
      'anthropic.models',
      anthropicMessages,
      anthropicPaths.filter((path) => !openaiPaths.includes(path)),
      anthropic,
    ),
    ...own('google.models', googleGenerate, googlePaths, google),
  ];
}

function openaiList(ids: readonly string[], providers: ReadonlyMap<string, Provider>): string {
  const data = ids.map((id) => ({
    id,
    object: 'model',
    created: CREATED,
    owned_by: providers.get(id.slice(0, id.indexOf('/')))?.kind ?? '',
  }));
  return JSON.stringify({ object: 'list', data });
}

function anthropicList(ids: readonly string[]): string {
  const data = ids.map((id) => ({ id, type: 'model', display_name: id, created_at: CREATED_AT }));
  return JSON.stringify({ data, has_more: false, first_id: ids[0] ?? null, last_id: ids.at(-1) ?? null });
}

function googleList(ids: readonly string[]): string {
  const models = ids.map((id) => ({
    name: `models/${id}`,
    displayName: id,
    supportedGenerationMethods: ['generateContent', 'streamGenerateContent'],
  }));
  return JSON.stringify({ models });
}
