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

/** Prices that requests are charged by, besides those of the configuration. */
export interface PriceListStatus {
  /** The file the configuration names, or the list that comes with the package. */
  readonly source: 'file' | 'shipped';
  /** Date of the list (`2026-08-06`), of a file the day it was last changed; absent for a list without one. */
  readonly asOf?: string | undefined;
  /** Whole days since then. */
  readonly ageDays?: number | undefined;
}

export interface LlmStatus {
  /** Calls to providers under way. */
  readonly inFlight: number;
  readonly providers: readonly ProviderStatus[];
  readonly routes: readonly string[];
  readonly targets: readonly TargetStatus[];
  /** Price lists in the order they are asked; empty until they are loaded. */
  readonly prices: readonly PriceListStatus[];
}

/** What the status of a plane is read from. */
export interface LlmParts {
  readonly inFlight: number;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly catalogue: ModelCatalogue;
  readonly routes: Routes;
  readonly prices: readonly Omit<PriceListStatus, 'ageDays'>[];
  /** The monotonic clock. */
  readonly now: number;
  /** Unix milliseconds. */
  readonly time: number;
}

const DAY = 86_400_000;

export function llmStatus({ inFlight, providers, catalogue, routes, prices, now, time }: LlmParts): LlmStatus {
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
    prices: prices.map(({ source, asOf }) => ({ source, asOf, ageDays: daysSince(asOf, time) })),
  };
}

/** A file may have been changed today in a country that is ahead. */
function daysSince(date: string | undefined, time: number): number | undefined {
  return date === undefined ? undefined : Math.max(0, Math.floor((time - Date.parse(date)) / DAY));
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
