// Runs in an empty ESM project with nothing but the packed package installed.
import assert from 'node:assert/strict';
import { createNexus, NexusError } from 'nexus-ai';

const instance = createNexus({
  llm: { providers: { openai: { type: 'openai', apiKey: 'demo', baseUrl: 'http://127.0.0.1:9/v1' } } },
});
const health = await instance.fetch(new Request('http://gateway/health'));
assert.equal(health.status, 200);
assert.throws(() => createNexus({ llm: { providers: { openai: { type: 'no-such-vendor' } } } }), NexusError.is);
await instance.close();

for (const subpath of ['express', 'koa', 'next', 'node', 'config', 'testing']) await import(`nexus-ai/${subpath}`);
