// Guide "Without a server": the ways into an instance from the application's own code.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import express from 'express';
import { createNexus } from 'nexus-ai';
import { fake } from './support.mjs';

const llm = { providers: { openai: { type: 'openai', apiKey: 'any', baseUrl: `${fake.url}/v1` } } };

// #region client
const nexus = createNexus(
  { llm },
  {
    identify: (_exchange, request) => request.user, // who calls over HTTP, and in `as({ from })`
    tools: { whoami: { description: 'Says who calls', run: (_args, { principal }) => principal?.id ?? 'nobody' } },
  },
);

const client = await nexus.openai(); // the package openai, ready to use
const answer = await client.chat.completions.create({
  model: 'openai/gpt-5-mini',
  messages: [{ role: 'user', content: 'Hello' }],
});
// #endregion client
assert.ok(answer.choices[0].message.content);

// #region as
const ann = nexus.as({ id: 'ann', group: 'support' });
await (await ann.openai()).models.list(); // in records and limits: ann
await ann.fetch('http://nexus/llm/v1/models'); // as any SDK calls
const result = await ann.mcp.execute('local__whoami'); // "ann"
// #endregion as
assert.equal(result.content[0].text, 'ann');

const app = express().use((request, _response, next) => {
  request.user = { id: request.get('x-demo-user') };
  next();
});
// #region from
app.get('/summary', async (request, response) => {
  const mine = await nexus.as({ from: request }).openai();
  const { choices } = await mine.chat.completions.create({
    model: 'openai/gpt-5-mini',
    messages: [{ role: 'user', content: 'Sum up my week' }],
  });
  response.send(choices[0].message.content);
});
// #endregion from

const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
const page = await fetch(`http://127.0.0.1:${server.address().port}/summary`, { headers: { 'x-demo-user': 'bob' } });
assert.equal(page.status, 200);
assert.notEqual(await page.text(), '');

// #region explain
const { targets } = await nexus.explain({ model: 'openai/gpt-5-mini' });
// #endregion explain
assert.equal(targets[0].provider, 'openai');

server.close();
server.closeAllConnections();
await nexus.close();
