import type { ParsedDiscovery } from '../../config/resolve.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Provider } from '../providers/provider.ts';
import type { Transports } from '../upstream/transports.ts';
import type { DiscoveredModel } from './list-page.ts';
import { ProviderModels } from './provider-models.ts';
import { type ModelSnapshot, snapshotOf } from './snapshot.ts';

export interface CatalogueOptions {
  /** In the order of the configuration: the first to list a model has it. */
  readonly providers: ReadonlyMap<string, Provider>;
  readonly discovery: ParsedDiscovery;
  readonly transports: Transports;
  readonly logger: Logger;
  /** What an earlier catalogue was told by a provider that is still the same. */
  readonly known?: (provider: string) => readonly DiscoveredModel[] | undefined;
}

/** So many names a warning spells out. */
const NAMED = 5;

/**
 * The models of one instance: those that are configured, and those the providers list when asked. They are asked at the
 * first need, all at once, and from then on at intervals; nothing is asked before.
 */
export class ModelCatalogue {
  readonly #providers: ReadonlyMap<string, Provider>;
  readonly #discovery: ParsedDiscovery;
  readonly #logger: Logger;
  readonly #asked: ReadonlyMap<string, ProviderModels>;
  /** Pairs of providers whose doubles have been reported. */
  readonly #reported = new Set<string>();
  /** By provider, made when they are asked for. */
  readonly #names = new Map<string, ReadonlySet<string>>();
  #first: Promise<void> | undefined;
  #complete: boolean;
  #snapshot: ModelSnapshot | undefined;

  constructor({ providers, discovery, transports, logger, known }: CatalogueOptions) {
    this.#providers = providers;
    this.#discovery = discovery;
    this.#logger = logger;
    const onChange = () => {
      this.#snapshot = undefined;
      this.#names.clear();
    };
    const asked = discovery.enabled ? [...providers].filter(([, { listings }]) => listings.length > 0) : [];
    this.#asked = new Map(
      asked.map(([name, provider]) => [
        name,
        new ProviderModels(provider, { discovery, transports, logger, onChange, known: known?.(name) }),
      ]),
    );
    this.#complete = [...this.#asked.values()].every(({ models }) => models !== undefined);
  }

  /** Whether models may be named without their provider. */
  get discovers(): boolean {
    return this.#discovery.enabled;
  }

  /** Providers whose last question failed, and why. */
  get failures(): readonly { readonly provider: string; readonly message: string }[] {
    return [...this.#asked.values()].flatMap(({ provider, failure }) =>
      failure === undefined ? [] : [{ provider: provider.name, message: failure.message }],
    );
  }

  /** What is known. A promise only until every provider has been asked once, which takes `discovery.timeout` at most. */
  current(): ModelSnapshot | Promise<ModelSnapshot> {
    return this.#complete ? this.#known() : this.#ask().then(() => this.#known());
  }

  /**
   * Begins to ask the providers. Where discovery is `required`, waits for them and rejects with `upstream_unavailable`
   * when one cannot be asked; else resolves at once.
   */
  async open(): Promise<void> {
    const asking = this.#ask();
    if (!this.#discovery.required) return;
    await asking;
    const failed = [...this.#asked.values()].filter(({ failure }) => failure !== undefined);
    if (failed.length === 0) return;
    const reasons = failed.map(({ provider, failure }) => `'${provider.name}': ${failure?.message}`);
    throw new NexusError(
      'upstream_unavailable',
      `Discovery of models is required, and failed for ${reasons.join('; ')}`,
    );
  }

  /** What a provider says it has; `undefined` before it has answered. */
  listedBy(provider: string): readonly DiscoveredModel[] | undefined {
    return this.#asked.get(provider)?.models;
  }

  /** How far asking a provider has come; `undefined` for one that is not asked. */
  askedOf(provider: string): Pick<ProviderModels, 'models' | 'failure'> | undefined {
    return this.#asked.get(provider);
  }

  /**
   * Whether a model, by its name at the provider, is configured or in the provider's own list. One that is not makes the
   * providers be asked, if they have not been.
   */
  has(provider: string, model: string): boolean {
    let names = this.#names.get(provider);
    if (names === undefined) {
      const configured = this.#providers.get(provider)?.models.values() ?? [];
      const listed = this.#asked.get(provider)?.models ?? [];
      names = new Set([...configured, ...listed.map(({ id }) => id)]);
      this.#names.set(provider, names);
    }
    const isKnown = names.has(model);
    if (!isKnown && !this.#complete) void this.#ask();
    return isKnown;
  }

  /** Ends questions under way and asks no more. What is known stays known. */
  close(): void {
    for (const source of this.#asked.values()) source.close();
  }

  #ask(): Promise<void> {
    this.#first ??= Promise.all([...this.#asked.values()].map((source) => source.refresh())).then(() => {
      this.#complete = true;
    });
    return this.#first;
  }

  #known(): ModelSnapshot {
    this.#snapshot ??= this.#take();
    return this.#snapshot;
  }

  #take(): ModelSnapshot {
    const known = [...this.#providers].map(([name, provider]) => ({
      provider,
      models: this.#asked.get(name)?.models ?? [],
    }));
    const snapshot = snapshotOf(known);
    for (const { first, second, ids } of snapshot.doubles) {
      const pair = `${first}/${second}`;
      if (this.#reported.has(pair)) continue;
      this.#reported.add(pair);
      const more = ids.length > NAMED ? `, and ${ids.length - NAMED} more` : '';
      this.#logger.warn(
        `Providers '${first}' and '${second}' both list ${ids.slice(0, NAMED).join(', ')}${more}: without a provider's name these mean '${first}'`,
      );
    }
    return snapshot;
  }
}
