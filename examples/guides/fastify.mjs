// docs/guide/hosts.md: Fastify, through `instance.fetch`.
import assert from 'node:assert/strict';
import { chat, makeInstance } from './support.mjs';

const instance = makeInstance();

// #region mount
import { Readable } from 'node:stream';
import { fastify } from 'fastify';

const app = fastify();
app.register(async (scope) => {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  scope.all('/llm/*', (request, reply) => {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const { method, headers, body, ip } = request;
    const sent = body && { body: Readable.toWeb(body), duplex: 'half' };
    const url = new URL(request.url, 'http://localhost');
    const asked = new Request(url, { method, headers, signal: gone.signal, ...sent });
    return instance.fetch(asked, { host: { remoteAddress: ip, raw: request } });
  });
});
// #endregion mount

app.get('/own', async () => 'own');
const url = await app.listen({ host: '127.0.0.1', port: 0 });
assert.equal(await chat(url), 200);
assert.equal(await (await fetch(`${url}/own`)).text(), 'own');
await app.close();
await instance.close();
