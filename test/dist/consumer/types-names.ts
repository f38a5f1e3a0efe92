// Compiled, never run: an instance made from a literal knows the names in it, and its types are not the host's problem
// where the package `openai` is missing.
import { createNexus, defineConfig, type InProcessClients, type Nexus, type NexusConfig } from 'nexus-ai';
import { createFakeMcpServer, createRecorder, createTestClock, openReplay } from 'nexus-ai/testing';

const config = defineConfig({
  llm: {
    providers: {
      openai: { type: 'openai', apiKey: 'test', models: { quick: { upstream: 'gpt-5-mini' }, deep: {} } },
      anthropic: { type: 'anthropic', apiKey: 'test' },
    },
    routes: { smart: { strategy: 'fallback', targets: ['openai/quick', 'anthropic/claude-haiku-4-5'] } },
  },
  mcp: { servers: { files: { cmd: ['files'] } } },
});
const instance = createNexus(config, { tools: { add: { run: () => 1 } }, mcpServers: { clock: () => server } });
declare const server: { connect(transport: unknown): Promise<void>; close(): Promise<void> };

const models: readonly ('openai/quick' | 'openai/deep' | 'smart')[] = instance.models;
// @ts-expect-error not all of them
const fewer: readonly 'smart'[] = instance.models;

export async function uses(): Promise<void> {
  await instance.mcp.execute('local__add', { a: 1 });
  // Tools of servers are known at run time only.
  await instance.mcp.execute('files__read', { path: '/' });
  await instance.mcp.client({ server: 'files' });
  await instance.mcp.client({ server: 'clock' });
  // @ts-expect-error no such server
  await instance.mcp.client({ server: 'clocks' });
  await instance.explain({ model: 'smart' });
  // A model behind a provider need not be configured.
  await instance.explain({ model: 'anthropic/claude-opus-5' });
  // @ts-expect-error a question names a model
  await instance.explain({ messages: [] });

  const caller: InProcessClients = instance.as({ id: 'ann', group: 'blue' });
  instance.as({ from: {} });
  // @ts-expect-error a caller has an id
  instance.as({ group: 'blue' });
  await caller.fetch('http://nexus/health');
  await instance.openai({ maxRetries: 1 });
}

// Wherever an instance is taken, one that knows its names will do, and the other way round a configuration that is read.
export const anyInstance: Nexus = instance;
export const anyConfig: NexusConfig = config;
export const read: Nexus = createNexus(anyConfig);
export const names = [models, fewer];

// @ts-expect-error misspelled keys are refused in a literal
defineConfig({ llm: { providers: { openai: { type: 'openai', apyKey: 'x' } } } });
// @ts-expect-error also inside models
defineConfig({ llm: { providers: { openai: { type: 'openai', models: { quick: { upstrem: 'x' } } } } } });
// @ts-expect-error a strategy there is
defineConfig({ llm: { routes: { smart: { strategy: 'failover', targets: [] } } } });

export async function kit(): Promise<void> {
  const clock = createTestClock({ start: '2026-01-01' });
  const recorder = createRecorder({ secrets: ['x'] });
  const replay = await openReplay('exchanges.json');
  await using fake = await createFakeMcpServer({ tools: { find: { result: (args: { q: string }) => args.q } } });
  createNexus(config, { runtime: clock.runtime, fetch: recorder.fetch });
  createNexus({ mcp: { servers: { fake: { url: fake.url } } } }, { fetch: replay.fetch });
}
