// What clients are shown and may name at one moment, made of what is configured and what the providers list. Pure.
import type { Provider } from '../providers/provider.ts';
import type { DiscoveredModel } from './list-page.ts';

/** A model as clients see it. */
export interface ModelEntry {
  /** As clients name it: `provider/model`, or the model alone. */
  readonly id: string;
  /** Unix seconds; 0 where nobody knows. */
  readonly created: number;
  readonly ownedBy: string;
}

export interface ModelSnapshot {
  /** What a list shows: models without a provider's name, then those with one, each in the order of their characters. */
  readonly entries: readonly ModelEntry[];
  /** An entry by any name a client may use; discovered models are known with their provider's name too. */
  find(id: string): ModelEntry | undefined;
  /** Who has a model that is named alone. */
  providerOf(id: string): Provider | undefined;
  /** Names that a later provider lists as well; they mean the first provider's model. */
  readonly doubles: readonly Double[];
}

export interface Double {
  readonly first: string;
  readonly second: string;
  readonly ids: readonly string[];
}

/** A provider and its list, if it has been asked. */
export interface KnownModels {
  readonly provider: Provider;
  readonly models: readonly DiscoveredModel[];
}

/** When a configured model was created: nobody knows; the reference system says this, and clients want a date. */
const CONFIGURED_AT = 1719475200;

/** `known`: all providers, in the order of the configuration. */
export function snapshotOf(known: readonly KnownModels[]): ModelSnapshot {
  const owners = new Map<string, Provider>();
  const byName = new Map<string, ModelEntry>();
  const bare: ModelEntry[] = [];
  const qualified: ModelEntry[] = [];
  const doubles: Double[] = [];
  for (const { provider, models } of known) {
    for (const id of provider.models.keys()) {
      const entry = configured(provider, id);
      byName.set(entry.id, entry);
      qualified.push(entry);
    }
    const shared = new Map<string, string[]>();
    for (const { id, created, ownedBy = provider.kind } of models) {
      if (!provider.admits(id)) continue;
      const full = { id: `${provider.name}/${id}`, created, ownedBy };
      const fresh = !byName.has(full.id);
      if (fresh) byName.set(full.id, full);
      if (id.includes('/')) {
        if (fresh) qualified.push(full);
        continue;
      }
      const owner = owners.get(id);
      if (owner === undefined) {
        owners.set(id, provider);
        const entry = { ...full, id };
        byName.set(id, entry);
        bare.push(entry);
      } else if (owner !== provider) {
        const ids = shared.get(owner.name);
        if (ids === undefined) shared.set(owner.name, [id]);
        else ids.push(id);
      }
    }
    for (const [first, ids] of shared) doubles.push({ first, second: provider.name, ids });
  }
  return {
    entries: [...bare.sort(byId), ...qualified.sort(byId)],
    find: (id) => byName.get(id),
    providerOf: (id) => owners.get(id),
    doubles,
  };
}

function configured({ name, kind }: Provider, id: string): ModelEntry {
  return { id: `${name}/${id}`, created: CONFIGURED_AT, ownedBy: kind === 'bedrock' ? name : kind };
}

/** By code units, as pages that continue after an id compare too. */
function byId(a: ModelEntry, b: ModelEntry): number {
  return a.id < b.id ? -1 : 1;
}
