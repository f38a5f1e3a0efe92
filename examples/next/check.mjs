// Builds the application, starts it against a fake provider and talks to it with the stock OpenAI client.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { createFakeProvider } from 'nexus-ai/testing';
import OpenAI from 'openai';
import { startProcess } from '../start-process.mjs';

process.chdir(fileURLToPath(new URL('.', import.meta.url)));
process.env.NEXT_TELEMETRY_DISABLED = '1';
const next = createRequire(import.meta.url).resolve('next/dist/bin/next');
execFileSync(process.execPath, [next, 'build'], { stdio: ['ignore', 'ignore', 'inherit'] });

const provider = await createFakeProvider();
const server = await startProcess([next, 'start', '--port', '0', '--hostname', '127.0.0.1'], {
  OPENAI_API_KEY: 'demo',
  OPENAI_BASE_URL: `${provider.url}/v1`,
});
const client = new OpenAI({ apiKey: 'unused', baseURL: `${server.url}/api/ai/llm/v1`, maxRetries: 3 });
const request = { model: 'openai/any-model', messages: [{ role: 'user', content: 'Say hello.' }] };

const answer = await client.chat.completions.create(request);
assert.ok(answer.choices[0].message.content, 'the plain answer has text');

let text = '';
for await (const chunk of await client.chat.completions.create({ ...request, stream: true })) {
  text += chunk.choices[0]?.delta.content ?? '';
}
assert.ok(text, 'the streamed answer has text');

const own = await fetch(server.url);
assert.match(await own.text(), /The application itself\./, "the application's own pages still answer");

await server.stop();
await provider.close();
