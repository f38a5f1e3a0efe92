// Runs both standalone servers: server.mjs against a fake provider, and the nexus program with nexus.toml.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createFakeProvider } from 'nexus-ai/testing';
import OpenAI from 'openai';
import { startProcess } from '../start-process.mjs';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const program = path('../../dist/cli.js');
const chat = (client, model) =>
  client.chat.completions.create({ model, messages: [{ role: 'user', content: 'Say hello.' }] });

const provider = await createFakeProvider();
const server = await startProcess([path('server.mjs')], {
  PORT: '0',
  UPSTREAM: provider.url,
  NEXUS_PROFILE: 'full',
  NEXUS_TIMEOUT: '30s',
  NEXUS_FIRST_BYTE_TIMEOUT: '10s',
  NEXUS_IDLE_TIMEOUT: '10s',
});
const client = new OpenAI({ apiKey: 'unused', baseURL: `${server.url}/llm/v1`, maxRetries: 0 });
for (const model of ['openai/any-model', 'anthropic/any-model']) {
  const answer = await chat(client, model);
  assert.ok(answer.choices[0].message.content, `${model} answers`);
}
const forged = chat(client.withOptions({ apiKey: 'eyJhbGciOiJub25lIn0.e30.' }), 'openai/any-model');
await assert.rejects(forged, { status: 401 }, 'a forged token is refused');
assert.equal(await server.stop(), 0, 'server.mjs stops cleanly on SIGTERM');
await provider.close();

// Without keys, the file's demo provider answers.
const keyless = { OPENAI_API_KEY: '', ANTHROPIC_API_KEY: '' };
execFileSync(process.execPath, [program, 'check', '-c', path('nexus.toml')], {
  env: { ...process.env, ...keyless },
  stdio: ['ignore', 'ignore', 'inherit'],
});
const standalone = await startProcess([program, 'serve', '-c', path('nexus.toml'), '-l', '127.0.0.1:0'], keyless);
const demo = new OpenAI({ apiKey: 'unused', baseURL: `${standalone.url}/llm/v1`, maxRetries: 0 });
for (const model of ['openai/gpt-5-mini', 'anthropic/quick']) {
  const answer = await chat(demo, model);
  assert.ok(answer.choices[0].message.content, `${model} of the demo answers`);
}
assert.equal(await standalone.stop(), 0, 'nexus serve stops cleanly on SIGTERM');
