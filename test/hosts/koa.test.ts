// What only Koa has: a response in its own terms.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bodyParser } from '@koa/bodyparser';
import Koa from 'koa';
import mount from 'koa-mount';
import { createNexus } from 'nexus-ai';
import { nexus } from 'nexus-ai/koa';
import { createFakeProvider, type FakeProvider } from 'nexus-ai/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bothVendors } from '../support/doors.ts';

let provider: FakeProvider;
const closers: (() => unknown)[] = [];
beforeEach(async () => {
  provider = await createFakeProvider();
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await provider.close();
});

async function serve(app: Koa): Promise<string> {
  const server = createServer(app.callback()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function ask(url: string, more: object = {}): Promise<Response> {
  const body = JSON.stringify({ model: 'openai/x', messages: [{ role: 'user', content: 'hi' }], ...more });
  return fetch(`${url}/llm/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
}

it('middleware around it sees status, body and headers, and may change them', async () => {
  const app = new Koa();
  const seen: unknown[] = [];
  app.use(async (ctx, next) => {
    ctx.vary('Origin');
    await next();
    seen.push(ctx.status, ctx.type, JSON.parse(String(ctx.body)).object);
    ctx.set('x-host', 'was here');
  });
  app.use(nexus(bothVendors(provider.url)));
  const answer = await ask(await serve(app));
  expect(seen).toEqual([200, 'application/json', 'chat.completion']);
  expect(answer.headers.get('x-host')).toBe('was here');
  expect(answer.headers.get('vary')).toContain('Origin');
});

it.each([{}, { stream: true }])('a host that took the response from Koa gets it written: %j', async (more) => {
  const app = new Koa();
  app.use((ctx, next) => {
    ctx.respond = false;
    return next();
  });
  app.use(nexus(bothVendors(provider.url)));
  const answer = await ask(await serve(app), more);
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain('chat.completion');
});

it('a body that is replaced by the host ends the upstream call', async () => {
  provider.reply({ text: 'never sent', fault: 'stall', after: 1 });
  const app = new Koa();
  app.use(async (ctx, next) => {
    await next();
    ctx.body = 'instead';
  });
  app.use(nexus(bothVendors(provider.url)));
  const answer = await ask(await serve(app), { stream: true });
  expect(await answer.text()).toBe('instead');
  await provider.waitFor(({ bill }) => bill.openStreams === 0);
});

it('knows where it is mounted, however deep', async () => {
  const places: string[] = [];
  const instance = createNexus(bothVendors(provider.url), {
    identify: ({ host, path }) => void places.push(host.mountPath, path),
  });
  closers.push(() => instance.close());
  const inner = new Koa();
  inner.use(mount('/v2', nexus(instance)));
  const outer = new Koa();
  outer.use(mount('/ai', inner));
  const url = await serve(outer);
  expect((await ask(`${url}/ai/v2`)).status).toBe(200);
  expect(places).toEqual(['/ai/v2', '/llm/v1/chat/completions']);
});

it('takes the text a body parser kept over the value it made of it', async () => {
  const app = new Koa();
  app.use(bodyParser());
  app.use(nexus(bothVendors(provider.url)));
  const url = await serve(app);
  // A number that its value would not give back.
  const body = '{"model":"openai/x","messages":[{"role":"user","content":"hi"}],"seed":1e0}';
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
  expect((await fetch(`${url}/llm/v1/chat/completions`, init)).status).toBe(200);
  expect(Buffer.from(provider.requests[0]?.bytes ?? []).toString()).toContain('"seed":1e0');
});

it('answers a method without a body, and one without content', async () => {
  const app = new Koa();
  app.use(nexus(bothVendors(provider.url)));
  const url = await serve(app);
  const options = await fetch(`${url}/llm/v1/chat/completions`, { method: 'OPTIONS' });
  expect([options.status, options.headers.get('content-type'), options.headers.get('content-length')]).toEqual([
    200,
    null,
    '0',
  ]);
});
