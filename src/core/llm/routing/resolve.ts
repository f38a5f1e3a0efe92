import { NexusError } from '../../errors/nexus-error.ts';
import type { Provider } from '../providers/provider.ts';

/** Where one call goes. */
export interface Target {
  readonly provider: Provider;
  /** The model's part of the id the client used. */
  readonly alias: string;
  /** The vendor's name of the model. */
  readonly model: string;
  /** The configuration gave the model another name: the client must go on seeing the one it used. */
  readonly renamed: boolean;
}

/**
 * `provider/model` → target. The model's part may itself contain slashes.
 * Throws `invalid_request` for an id without a provider and `model_not_found` for what is not there.
 */
export function resolveModel(id: string, providers: ReadonlyMap<string, Provider>): Target {
  const slash = id.indexOf('/');
  if (slash <= 0 || slash === id.length - 1) {
    throw new NexusError('invalid_request', `Invalid model format: expected 'provider/model', got '${quote(id)}'`, {
      param: 'model',
    });
  }
  const name = id.slice(0, slash);
  const provider = providers.get(name);
  if (provider === undefined) {
    throw new NexusError('model_not_found', `Provider '${quote(name)}' not found`, { param: 'model' });
  }
  const wanted = id.slice(slash + 1);
  const model = provider.resolve(wanted);
  if (model === undefined) {
    throw new NexusError('model_not_found', `Model '${quote(wanted)}' is not configured`, { param: 'model' });
  }
  return { provider, alias: wanted, model, renamed: model !== wanted };
}

const quote = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text);
