// docs/guide/hosts.md: Hono, through `instance.fetch`.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { serve } from '@hono/node-server';
import { chat, makeInstance } from './support.mjs';

const instance = makeInstance();

// #region mount
import { getConnInfo } from '@hono/node-server/conninfo';
import { Hono } from 'hono';

const app = new Hono();
app.use(async (c, next) => {
  if (!instance.owns(c.req.path)) return next();
  return instance.fetch(c.req.raw, { host: { remoteAddress: getConnInfo(c).remote.address, raw: c } });
});
// #endregion mount

app.get('/own', (c) => c.text('own'));
const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
await once(server, 'listening');
const url = `http://127.0.0.1:${server.address().port}`;
assert.equal(await chat(url), 200);
assert.equal(await (await fetch(`${url}/own`)).text(), 'own');
server.closeAllConnections();
server.close();
await instance.close();
