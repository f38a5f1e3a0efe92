// How the LLM plane is doing, as plain data for operators. Nothing here is a key, or a caller's.
import type { ErrorCode } from '../errors/codes.ts';
import type { ModelCatalogue } from './models/catalogue.ts';
import type { Provider } from './providers/provider.ts';
import type { Routes } from './routing/routes.ts';
import type { TargetState } from './upstream/target-health.ts';

export interface ProviderStatus {
  readonly name: string;
  /** The kind of its vendor. */
  readonly type: string;
  /** Configured models, as clients name them after the provider's name. */
  readonly models: readonly string[];
  /** How far asking it for its models has come; `off`: it is not asked. */
  readonly discovery: {
    readonly state: 'off' | 'waiting' | 'listed' | 'failed';
    /** How many its last good list has. */
    readonly models: number;
    /** Why it could not be asked, the last time. */
    readonly error?: ErrorCode | undefined;
  };
}

/** A model at a provider that some route has. */
export interface TargetStatus {
  readonly provider: string;
  /** The model's name at the provider. */
  readonly model: string;
  readonly state: TargetState;
  /** Calls under way. */
  readonly inFlight: number;
  /** Milliseconds, as far as anything was learnt: until the first content of streams, and of whole answers. */
  readonly latencyMs: { readonly stream?: number | undefined; readonly whole?: number | undefined };
}

export interface LlmStatus {
  /** Calls to providers under way. */
  readonly inFlight: number;
  readonly providers: readonly ProviderStatus[];
  readonly routes: readonly string[];
  readonly targets: readonly TargetStatus[];
}

/** What the status of a plane is read from; `now` is the monotonic clock. */
export interface LlmParts {
  readonly inFlight: number;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly catalogue: ModelCatalogue;
  readonly routes: Routes;
  readonly now: number;
}

export function llmStatus({ inFlight, providers, catalogue, routes, now }: LlmParts): LlmStatus {
  return {
    inFlight,
    providers: [...providers.values()].map((provider) => providerStatus(provider, catalogue)),
    routes: [...routes.names],
    targets: [...routes.targets()].map(({ provider, model, health }) => ({
      provider: provider.name,
      model,
      state: health.state(now),
      inFlight: health.inFlight,
      latencyMs: { stream: health.streamed.estimate, whole: health.whole.estimate },
    })),
  };
}

function providerStatus({ name, kind, models }: Provider, catalogue: ModelCatalogue): ProviderStatus {
  const asked = catalogue.askedOf(name);
  const listed = asked?.models;
  const state = asked?.failure !== undefined ? 'failed' : listed !== undefined ? 'listed' : asked ? 'waiting' : 'off';
  return {
    name,
    type: kind,
    models: [...models.keys()],
    discovery: { state, models: listed?.length ?? 0, error: asked?.failure?.code },
  };
}
