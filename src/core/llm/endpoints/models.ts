import { NexusError } from '../../errors/nexus-error.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { Reply } from '../../exchange/reply.ts';
import type { Endpoint, EndpointContext, ErrorDialect } from '../../http/endpoint.ts';
import { json } from '../../http/respond.ts';
import type { ModelCatalogue } from '../models/catalogue.ts';
import type { ModelSnapshot } from '../models/snapshot.ts';
import { anthropicErrors, googleErrors, openaiErrors } from './error-dialects.ts';
import { anthropicModels } from './models-anthropic.ts';
import { googleModels } from './models-google.ts';
import { openaiModels } from './models-openai.ts';

/** How a dialect shows models; JSON texts. */
export interface ModelsForm {
  readonly dialect: ErrorDialect;
  /** `query` may ask for a page. Throws `invalid_request` for one that cannot be given. */
  list(snapshot: ModelSnapshot, query: URLSearchParams): string;
  /** One model; `undefined` when there is none of that name. */
  one(snapshot: ModelSnapshot, id: string): string | undefined;
}

const OPENAI: ModelsForm = { dialect: openaiErrors, ...openaiModels };
const ANTHROPIC: ModelsForm = { dialect: anthropicErrors, ...anthropicModels };
const GOOGLE: ModelsForm = { dialect: googleErrors, ...googleModels };

/** Where each dialect's list of models is served. */
export interface ModelListPrefixes {
  readonly openai: readonly string[];
  readonly anthropic: readonly string[];
  readonly google: readonly string[];
}

/**
 * The list of models, and each of them below it, in every dialect. On a path that two dialects share, Anthropic's own
 * header chooses its form.
 */
export function modelsEndpoints(prefixes: ModelListPrefixes, catalogue: ModelCatalogue): Endpoint[] {
  const openai = prefixes.openai.flatMap((prefix) => [`${prefix}/v1/models`, `${prefix}/models`]);
  const anthropic = prefixes.anthropic.map((prefix) => `${prefix}/v1/models`).filter((path) => !openai.includes(path));
  const google = prefixes.google.map((prefix) => `${prefix}/v1beta/models`);
  const openaiOrAnthropic = (exchange: Exchange): ModelsForm =>
    exchange.header('anthropic-version') === undefined ? OPENAI : ANTHROPIC;
  return [
    ...endpoints('openai', openai, OPENAI, openaiOrAnthropic, catalogue),
    ...endpoints('anthropic', anthropic, ANTHROPIC, () => ANTHROPIC, catalogue),
    ...endpoints('google', google, GOOGLE, () => GOOGLE, catalogue),
  ];
}

function endpoints(
  name: string,
  lists: readonly string[],
  { dialect }: ModelsForm,
  formOf: (exchange: Exchange) => ModelsForm,
  catalogue: ModelCatalogue,
): Endpoint[] {
  if (lists.length === 0) return [];
  const parents = lists.map((path) => `${path}/`);
  const serve =
    (show: (form: ModelsForm, snapshot: ModelSnapshot, exchange: Exchange) => string) =>
    async (exchange: Exchange, context: EndpointContext): Promise<Reply> => {
      const form = formOf(exchange);
      try {
        return answer(exchange, show(form, await catalogue.current(), exchange));
      } catch (error) {
        if (form.dialect === dialect || !NexusError.is(error)) throw error;
        context.record.error = error.code;
        return json(error.status, form.dialect.encodeError(error), ['x-nexus-error', error.code]);
      }
    };
  return [
    {
      name: `${name}.models`,
      method: 'GET',
      head: true,
      paths: lists,
      dialect,
      handle: serve((form, snapshot, { query }) => form.list(snapshot, new URLSearchParams(query))),
    },
    {
      name: `${name}.model`,
      method: 'GET',
      head: true,
      paths: parents,
      dialect,
      handle: serve((form, snapshot, { path }) => {
        const parent = parents.find((start) => path.startsWith(start)) ?? '';
        const id = decode(path.slice(parent.length));
        const found = form.one(snapshot, id);
        if (found === undefined) throw new NexusError('model_not_found', `Model '${id.slice(0, 200)}' not found`);
        return found;
      }),
    },
  ];
}

function answer({ method }: Exchange, text: string): Reply {
  const reply = json(200, text);
  return method === 'HEAD' ? { ...reply, body: null } : reply;
}

/** Ids hold slashes, which clients encode or do not. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new NexusError('invalid_request', "The model's name in the path is not valid percent-encoding");
  }
}
