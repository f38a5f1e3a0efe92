// Guide "Testing": the kit, as a test of an application would use it.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNexus } from 'nexus-ai';
import { createFakeMcpServer, createFakeProvider, createRecorder, createTestClock, openReplay } from 'nexus-ai/testing';

const messages = [{ role: 'user', content: 'Hello' }];

// #region provider
const provider = await createFakeProvider();
provider.reply({ text: 'Hello!' });
provider.reply({ text: 'One moment ple', fault: 'reset', after: 2 });

const nexus = createNexus({
  llm: { providers: { openai: { type: 'openai', apiKey: 'test', baseUrl: `${provider.url}/v1` } } },
});
const client = await nexus.openai();
const answer = await client.chat.completions.create({ model: 'openai/gpt-5-mini', messages });
assert.equal(answer.choices[0].message.content, 'Hello!');
assert.equal(provider.requests[0].body.model, 'gpt-5-mini');
// #endregion provider
await nexus.close();
provider.reset();

// #region mcp
const tickets = await createFakeMcpServer({
  tools: {
    find: { description: 'Finds tickets', result: ({ text }) => ({ found: [`${text} is broken`] }) },
    close: { result: 'closed' },
  },
});
tickets.reply({ match: { name: 'close' }, times: 1, reply: { error: { code: -32000, message: 'locked' } } });

const withTools = createNexus({ mcp: { servers: { tickets: { url: tickets.url } } } });
await assert.rejects(withTools.mcp.execute('tickets__close'), /locked/);
const found = await withTools.mcp.execute('tickets__find', { text: 'Login' });
assert.deepEqual(found.structuredContent, { found: ['Login is broken'] });

tickets.setTools({ search: {} }); // clients are told
assert.equal(tickets.requests.at(-1).params.name, 'find');
// #endregion mcp
await withTools.close();
await tickets.close();

const upstream = provider.url;
const folder = await mkdtemp(join(tmpdir(), 'nexus-guide-'));
const file = join(folder, 'greeting.json');
const greet = async (fetch) => {
  const instance = createNexus(
    { llm: { providers: { openai: { type: 'openai', apiKey: 'sk-real-key', baseUrl: `${upstream}/v1` } } } },
    { fetch },
  );
  const greeter = await instance.openai();
  const { choices } = await greeter.chat.completions.create({ model: 'openai/gpt-5-mini', messages });
  await instance.close();
  return choices[0].message.content;
};

// #region record
const recorder = createRecorder({ secrets: ['Ann Example'] });
const recorded = await greet(recorder.fetch); // createNexus(config, { fetch: recorder.fetch })
await recorder.save(file); // once, with a real key; keys are not in it
// #endregion record
await provider.close();

// #region replay
const replay = await openReplay(file);
assert.equal(await greet(replay.fetch), recorded); // in every test run, without a network
replay.done(); // throws for what was asked and not recorded, and for what nobody asked
// #endregion replay
await rm(folder, { recursive: true });

const { fake } = await import('./support.mjs');
const llm = { providers: { openai: { type: 'openai', apiKey: 'test', baseUrl: `${fake.url}/v1` } } };

// #region clock
const clock = createTestClock({ start: '2026-03-01T09:00:00Z' });
const limited = createNexus(
  { llm, server: { rateLimits: { enabled: true, global: { limit: 1, interval: '1m' } } } },
  { runtime: clock.runtime },
);
const list = async () => (await limited.fetch('http://nexus/llm/v1/models')).status;
assert.deepEqual([await list(), await list()], [200, 429]);
clock.advance(2 * 60_000);
assert.equal(await list(), 200);
// #endregion clock
await limited.close();
