// Runs in a project with the packed package and its optional peers: each is loaded and used. Redis is there in CI only.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createNexus } from 'nexus-ai';
import { createFakeProvider } from 'nexus-ai/testing';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const provider = await createFakeProvider();
const providers = {
  openai: { type: 'openai', apiKey: 'demo', baseUrl: `${provider.url}/v1` },
  aws: { type: 'bedrock', baseUrl: provider.url, region: 'us-east-1', accessKeyId: 'a', secretAccessKey: 'b' },
};
const instance = createNexus({ llm: { discovery: { enabled: false }, providers } }, { logger: quiet });
const client = await instance.openai();
const messages = [{ role: 'user', content: 'Hello' }];
for (const model of ['openai/any-model', 'aws/amazon.nova-lite-v1:0']) {
  const answer = await client.chat.completions.create({ model, messages });
  assert.notEqual(answer.choices[0].message.content, '');
  let text = '';
  for await (const { choices } of await client.chat.completions.create({ model, messages, stream: true })) {
    text += choices[0]?.delta.content ?? '';
  }
  assert.notEqual(text, '');
}
await instance.close();

if (spawnSync('redis-server', ['--version']).error === undefined) {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  const redis = spawn('redis-server', ['--port', String(port), '--save', '']);
  for await (const line of redis.stdout) if (String(line).includes('Ready to accept')) break;
  const storage = { type: 'redis', url: `redis://127.0.0.1:${port}`, responseTimeout: '5s' };
  const rateLimits = { enabled: true, global: { limit: 2, interval: '60s' }, onError: 'deny', storage };
  const limited = createNexus({ server: { rateLimits }, llm: { discovery: { enabled: false }, providers } });
  const statuses = [];
  for (let call = 0; call < 3; call++) statuses.push((await limited.fetch('http://nexus/llm/v1/models')).status);
  assert.deepEqual(statuses, [200, 200, 429]);
  await limited.close();
  redis.kill();
} else assert.equal(process.env.CI, undefined, 'redis-server is missing');
await provider.close();
