// Answers for providers without a key: the fake provider stands in for them.
import type { LoadedConfig } from '../core/config/index.ts';
import type { NexusConfig } from '../core/index.ts';

/** A configuration whose providers without a key are replaced. */
export interface StoodIn {
  /** The configuration with the fake provider in the place of providers without a key. */
  readonly config: NexusConfig;
  /** Names of the providers it stands in for. */
  readonly providers: ReadonlySet<string>;
}

export interface Demo extends StoodIn {
  /** The same for a later state of the configuration; what has been started goes on until `close`. */
  standIn(loaded: LoadedConfig): Promise<StoodIn>;
  close(): Promise<void>;
}

/**
 * Starts the fake provider where the configuration has a `demo` table and anything for it to do. A provider with an
 * address of its own is somebody's server: the demo does not speak in its place.
 */
export async function startDemo(loaded: LoadedConfig): Promise<Demo> {
  /** By their rules: a configuration that leaves them alone keeps its fake. */
  const fakes = new Map<string, { readonly url: string; close(): Promise<void> }>();
  const standIn = async ({ config, parsed }: LoadedConfig): Promise<StoodIn> => {
    const keyless = Object.values(parsed.llm.providers).filter(
      (provider) => provider.apiKey === undefined && provider.baseUrl === undefined,
    );
    if (parsed.demo?.enabled !== true || keyless.length === 0) return { config, providers: new Set() };
    const { rules } = parsed.demo;
    const key = JSON.stringify(rules);
    let fake = fakes.get(key);
    if (fake === undefined) {
      const { createFakeProvider } = await import('../testing/index.ts');
      // It stands in for vendors whose models it does not have, so it lists none of its own.
      fake = await createFakeProvider({ rules, models: [] });
      fakes.set(key, fake);
    }
    const baseUrl = `${fake.url}/v1`;
    const providers = new Set(keyless.map((provider) => provider.name));
    const replaced = Object.entries(config.llm?.providers ?? {}).map(([name, provider]) => [
      name,
      providers.has(name) ? { ...provider, baseUrl, apiKey: 'demo' } : provider,
    ]);
    return { config: { ...config, llm: { ...config.llm, providers: Object.fromEntries(replaced) } }, providers };
  };
  return {
    ...(await standIn(loaded)),
    standIn,
    close: async () => {
      await Promise.all([...fakes.values()].map((fake) => fake.close()));
    },
  };
}
