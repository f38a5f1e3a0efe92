// What clients may ask for, for people who run Nexus: models and routes, with what is known of them.
import type { ParsedConfig } from '../../config/resolve.ts';
import type { ParsedRouteTarget } from '../../config/resolve-routes.ts';
import type { Settlement } from '../metering/settlement.ts';
import type { ModelCatalogue } from '../models/catalogue.ts';
import type { Provider } from '../providers/provider.ts';
import { factsOf, type ModelList, openModelList } from './models/model-facts.ts';

/** Models and routes as clients name them. */
export interface ModelOverview {
  /** In the order of a list of models: those that need no provider's name, then the others. */
  readonly models: readonly ModelInfo[];
  readonly routes: readonly RouteInfo[];
  /** Providers that were asked for their models and did not say. */
  readonly failures: readonly { readonly provider: string; readonly message: string }[];
}

export interface ModelInfo {
  /** `provider/model`, or the model alone. */
  readonly id: string;
  readonly provider: string;
  /** The vendor's own name for it. */
  readonly model: string;
  /** Whether the configuration lists it, or only the provider did when it was asked. */
  readonly source: 'configured' | 'discovered';
  /** Most tokens it reads; absent: nobody knows. */
  readonly contextWindow: number | undefined;
  /** US dollars per million tokens, as decimals; absent: it has no price, which is not a price of zero. */
  readonly price: { readonly input: string | undefined; readonly output: string | undefined } | undefined;
}

export interface RouteInfo {
  readonly name: string;
  readonly strategy: string;
  /** `provider/model`, or `route:name`; those of branches and fallbacks too, each once. */
  readonly targets: readonly string[];
}

export interface OverviewSources {
  readonly config: ParsedConfig['llm'];
  readonly providers: ReadonlyMap<string, Provider>;
  readonly catalogue: ModelCatalogue;
  readonly settlement: Settlement;
}

/** Asks the providers for their models where that has not been done, which takes `discovery.timeout` at most. */
export async function overviewOf(sources: OverviewSources): Promise<ModelOverview> {
  const { catalogue, config } = sources;
  const [snapshot, list] = await Promise.all([catalogue.current(), openModelList(), sources.settlement.open()]);
  const models: ModelInfo[] = [];
  for (const { id } of snapshot.entries) {
    const info = await modelInfo(id, snapshot.providerOf(id), list, sources);
    if (info !== undefined) models.push(info);
  }
  const routes = Object.values(config.routes).map((route): RouteInfo => {
    const { name, strategy, targets, fallback, branches, default: otherwise } = route;
    const all = [...targets, ...branches.map(({ use }) => use), ...(otherwise ? [otherwise] : []), ...fallback];
    return { name, strategy, targets: [...new Set(all.map(targetName))] };
  });
  return { models, routes, failures: catalogue.failures };
}

/** `owner`: who has the model that is named alone; without one the provider stands before the slash. */
async function modelInfo(
  id: string,
  owner: Provider | undefined,
  list: ModelList,
  { config, providers, settlement }: OverviewSources,
): Promise<ModelInfo | undefined> {
  const slash = id.indexOf('/');
  const provider = owner ?? providers.get(id.slice(0, slash));
  if (provider === undefined) return undefined;
  const alias = owner === undefined ? id.slice(slash + 1) : id;
  const model = provider.resolve(alias) ?? alias;
  const configured = config.providers[provider.name]?.models[alias];
  const price = await settlement.priceOf(provider.name, alias, model);
  return {
    id,
    provider: provider.name,
    model,
    source: configured === undefined || owner !== undefined ? 'discovered' : 'configured',
    contextWindow: factsOf({ provider, model }, configured, list).contextWindow,
    price: price && { input: price.perMillion('input'), output: price.perMillion('output') },
  };
}

function targetName({ model, isRoute }: ParsedRouteTarget): string {
  return isRoute ? `route:${model}` : model;
}
