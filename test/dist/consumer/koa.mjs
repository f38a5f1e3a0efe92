// Runs in a project with the packed package and Koa: a mount answers a chat request.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import Koa from 'koa';
import { nexus } from 'nexus-ai/koa';
import { createFakeProvider } from 'nexus-ai/testing';

const provider = await createFakeProvider();
const app = new Koa();
app.use(nexus({ llm: { providers: { openai: { type: 'openai', apiKey: 'demo', baseUrl: `${provider.url}/v1` } } } }));
const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');

const response = await fetch(`http://127.0.0.1:${server.address().port}/llm/v1/chat/completions`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ model: 'openai/any-model', messages: [{ role: 'user', content: 'Hello' }] }),
});
const answer = await response.json();
assert.equal(response.status, 200, JSON.stringify(answer));
assert.equal(typeof answer.choices[0].message.content, 'string');
assert.notEqual(answer.choices[0].message.content, '');

server.close();
server.closeAllConnections();
await provider.close();
