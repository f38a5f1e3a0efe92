// Answers for providers without a key: the fake provider stands in for them.
import type { LoadedConfig } from '../core/config/index.ts';
import type { NexusConfig } from '../core/index.ts';

export interface Demo {
  /** The configuration with the fake provider in the place of providers without a key. */
  readonly config: NexusConfig;
  /** Names of the providers it stands in for. */
  readonly providers: ReadonlySet<string>;
  close(): Promise<void>;
}

/**
 * Starts the fake provider where the configuration has a `demo` table and anything for it to do. A provider with an
 * address of its own is somebody's server: the demo does not speak in its place.
 */
export async function startDemo({ config, parsed }: LoadedConfig): Promise<Demo> {
  const keyless = Object.values(parsed.llm.providers).filter(
    (provider) => provider.apiKey === undefined && provider.baseUrl === undefined,
  );
  if (parsed.demo?.enabled !== true || keyless.length === 0) {
    return { config, providers: new Set(), close: async () => {} };
  }
  const { createFakeProvider } = await import('../testing/index.ts');
  // It stands in for vendors whose models it does not have, so it lists none of its own.
  const fake = await createFakeProvider({ rules: parsed.demo.rules, models: [] });
  const providers = new Set(keyless.map((provider) => provider.name));
  const replaced = Object.entries(config.llm?.providers ?? {}).map(([name, provider]) => [
    name,
    providers.has(name) ? { ...provider, baseUrl: `${fake.url}/v1`, apiKey: 'demo' } : provider,
  ]);
  return {
    config: { ...config, llm: { ...config.llm, providers: Object.fromEntries(replaced) } },
    providers,
    close: () => fake.close(),
  };
}
