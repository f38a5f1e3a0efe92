import { NexusError } from '../../errors/nexus-error.ts';
import type { ModelCatalogue } from '../models/catalogue.ts';
import type { Provider } from '../providers/provider.ts';
import type { Target } from '../providers/target.ts';

/**
 * `provider/model`, or a model some provider lists → target. The model's part may itself contain slashes. A promise only
 * for a model that is named alone while the providers are being asked for the first time.
 *
 * Throws (or rejects with) `invalid_request` for an id that can name no model, and `model_not_found` for what is not
 * there.
 */
export function resolveModel(
  id: string,
  providers: ReadonlyMap<string, Provider>,
  catalogue: ModelCatalogue,
): Target | Promise<Target> {
  const slash = id.indexOf('/');
  if (slash < 0) return resolveBare(id, catalogue);
  if (slash === id.length - 1) throw malformed(id);
  const name = id.slice(0, slash);
  const provider = providers.get(name);
  if (provider === undefined) throw notFound(`Provider '${quote(name)}' not found`);
  return targetAt(provider, id.slice(slash + 1));
}

function resolveBare(id: string, catalogue: ModelCatalogue): Target | Promise<Target> {
  if (!catalogue.discovers) throw malformed(id);
  const snapshot = catalogue.current();
  const resolve = (provider: Provider | undefined): Target => {
    if (provider === undefined) throw notFound(`Model '${quote(id)}' not found`);
    return targetAt(provider, id);
  };
  return snapshot instanceof Promise
    ? snapshot.then((known) => resolve(known.providerOf(id)))
    : resolve(snapshot.providerOf(id));
}

function targetAt(provider: Provider, wanted: string): Target {
  const model = provider.resolve(wanted);
  if (model === undefined) throw notFound(`Model '${quote(wanted)}' is not configured`);
  return { provider, alias: wanted, model, renamed: model !== wanted };
}

function malformed(id: string): NexusError {
  return new NexusError('invalid_request', `Invalid model format: expected 'provider/model', got '${quote(id)}'`, {
    param: 'model',
  });
}

function notFound(message: string): NexusError {
  return new NexusError('model_not_found', message, { param: 'model' });
}

const quote = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text);
