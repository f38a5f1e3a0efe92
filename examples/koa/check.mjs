// Starts server.mjs against a fake provider and talks to it with the stock OpenAI client.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { createFakeProvider } from 'nexus-ai/testing';
import OpenAI from 'openai';
import { startProcess } from '../start-process.mjs';

const provider = await createFakeProvider();
const server = await startProcess([fileURLToPath(new URL('server.mjs', import.meta.url))], {
  PORT: '0',
  OPENAI_API_KEY: 'demo',
  OPENAI_BASE_URL: `${provider.url}/v1`,
});
const client = new OpenAI({ apiKey: 'unused', baseURL: `${server.url}/llm/v1`, maxRetries: 0 });
const request = { model: 'openai/any-model', messages: [{ role: 'user', content: 'Say hello.' }] };

const answer = await client.chat.completions.create(request);
assert.ok(answer.choices[0].message.content, 'the plain answer has text');

let text = '';
for await (const chunk of await client.chat.completions.create({ ...request, stream: true })) {
  text += chunk.choices[0]?.delta.content ?? '';
}
assert.ok(text, 'the streamed answer has text');

const own = await fetch(server.url);
assert.equal(await own.text(), 'The application itself.', "the application's own routes still answer");

await server.stop();
await provider.close();
