// Runs in an empty CommonJS project with nothing but the packed package installed.
const assert = require('node:assert/strict');
const { createNexus, NexusError } = require('nexus-ai');

async function main() {
  const instance = createNexus({
    llm: { providers: { openai: { type: 'openai', apiKey: 'demo', baseUrl: 'http://127.0.0.1:9/v1' } } },
  });
  const health = await instance.fetch(new Request('http://gateway/health'));
  assert.equal(health.status, 200);
  assert.throws(() => createNexus({ llm: { providers: { openai: { type: 'no-such-vendor' } } } }), NexusError.is);
  await instance.close();

  for (const subpath of ['express', 'koa', 'next', 'node', 'config', 'testing']) require(`nexus-ai/${subpath}`);
}

main();
