// docs/guide/oauth.md: who calls is known to the application; the documents for MCP clients stand at the host's root.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import express from 'express';
import { createNexus } from 'nexus-ai';
import { chat, config as upstream } from './support.mjs';

const config = {
  ...upstream,
  server: {
    oauth: {
      url: 'http://127.0.0.1:1/jwks',
      expectedIssuer: 'https://login.example.com',
      expectedAudience: 'https://ai.example.com/',
      protectedResource: { resource: 'https://ai.example.com/', authorizationServers: ['https://login.example.com'] },
    },
  },
};
const app = express();
app.use((request, _response, next) => {
  if (request.get('cookie') === 'session=ann') request.user = { id: 'ann', team: 'research' };
  next();
});

// #region identify
const instance = createNexus(config, {
  identify: (_exchange, { user }) => (user ? { id: user.id, group: user.team } : undefined),
});

// #endregion identify

// #region root
import { nexus } from 'nexus-ai/express';
import { nodeHandler } from 'nexus-ai/node';

app.use(nodeHandler(instance.wellKnown)); // owns these documents and nothing else; also `instance.wellKnown.fetch(request)`
app.use('/ai', nexus(instance));
// #endregion root

const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${server.address().port}`;
assert.equal(await chat(`${url}/ai`, { cookie: 'session=ann' }), 200, 'whoever the application names is in');
assert.equal(await chat(`${url}/ai`), 401, 'for everybody else the configuration holds');
const document = await fetch(`${url}/.well-known/oauth-protected-resource`);
assert.equal((await document.json()).resource, 'https://ai.example.com/');
server.closeAllConnections();
server.close();
await instance.close();
