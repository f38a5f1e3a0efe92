import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import { createNexus, type Nexus } from 'nexus-ai';
import { nexus } from 'nexus-ai/express';
import { listen } from 'nexus-ai/node';
import { createFakeProvider, type FakeProvider } from 'nexus-ai/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bothVendors } from '../support/doors.ts';

let provider: FakeProvider;
let instance: Nexus;
let server: Server | undefined;

beforeEach(async () => {
  provider = await createFakeProvider();
  instance = createNexus(bothVendors(provider.url));
});
afterEach(async () => {
  await instance.close();
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  await provider.close();
});

async function serve(app: Express): Promise<string> {
  const listening = createServer(app);
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  server = listening;
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

const chat = (model = 'openai/x', more: object = {}) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }], ...more }),
});

describe('a host application', () => {
  it('keeps every path that is not ours, its body unread and its response untouched', async () => {
    const app = express();
    app.use(nexus(instance));
    app.post('/echo', express.json(), (request, response) => {
      response.json({ got: request.body, headers: Object.keys(response.getHeaders()) });
    });
    app.get('/llm-guide', (_, response) => void response.send('the host’s own'));
    const url = await serve(app);
    const echoed = await fetch(`${url}/echo`, { ...chat(), body: '{"a":1}' });
    expect(await echoed.json()).toEqual({ got: { a: 1 }, headers: ['x-powered-by'] });
    expect(await (await fetch(`${url}/llm-guide`)).text()).toBe('the host’s own');
    expect((await fetch(`${url}/nothing`)).headers.get('content-type')).toContain('text/html');
  });

  it('may mount under a prefix and keep the same paths outside it', async () => {
    const app = express();
    app.use('/ai', nexus(instance));
    app.post('/llm/v1/chat/completions', (_, response) => void response.send('outside'));
    const url = await serve(app);
    expect((await fetch(`${url}/ai/llm/v1/chat/completions`, chat())).status).toBe(200);
    expect(await (await fetch(`${url}/llm/v1/chat/completions`, chat())).text()).toBe('outside');
    expect((await fetch(`${url}/ai/elsewhere`)).status).toBe(404);
    expect((await fetch(`${url}/ai/health`)).status).toBe(200);
  });

  it.each<[string, express.RequestHandler]>([
    ['express.json()', express.json()],
    ['express.text()', express.text({ type: '*/*' })],
    ['express.raw()', express.raw({ type: '*/*' })],
  ])('may read the body before us with %s', async (_, parser) => {
    const app = express();
    app.use(parser).use(nexus(instance));
    const url = await serve(app);
    expect((await fetch(`${url}/llm/v1/chat/completions`, chat())).status).toBe(200);
    expect(provider.requests[0]?.body).toMatchObject({ model: 'x', messages: [{ role: 'user', content: 'hi' }] });
  });

  it('that swallows the body is told so in its log, and the caller is not left waiting', async () => {
    const logged: unknown[] = [];
    await instance.close();
    const log = (message: string, fields?: object) => void logged.push(message, fields);
    const silent = () => {};
    instance = createNexus(bothVendors(provider.url), {
      logger: { debug: silent, info: silent, warn: log, error: log },
    });
    const app = express();
    app.use((request, _, next) => void request.resume().on('end', next)).use(nexus(instance));
    const url = await serve(app);
    const answer = await fetch(`${url}/llm/v1/chat/completions`, chat());
    expect(answer.status).toBe(500);
    expect(await answer.json()).toMatchObject({ error: { message: 'Internal server error' } });
    expect(String((logged[1] as { error: Error }).error.message)).toContain('Another middleware read the request body');
  });

  it('that has its own error pages never shows them for our answers', async () => {
    const app = express();
    app.use(nexus(instance));
    app.use(
      ((_error, _request, response, _next) =>
        void response.status(500).send('host page')) as express.ErrorRequestHandler,
    );
    const url = await serve(app);
    const answer = await fetch(`${url}/llm/v1/chat/completions`, { ...chat(), body: '{' });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
  });

  it('may stand behind our own listener, for the speed of node:http', async () => {
    const app = express();
    app.get('/', (_, response) => void response.send('home'));
    const front = await listen(instance, { port: 0, otherwise: app });
    expect(await (await fetch(front.url)).text()).toBe('home');
    expect((await fetch(`${front.url}/llm/v1/chat/completions`, chat())).status).toBe(200);
    await front.close();
  });
});

describe('streams', () => {
  it('leave chunk by chunk, the head with the first', async () => {
    provider.reply({ text: 'abcdefghij', chunkSize: 1, pace: 30 });
    const app = express();
    app.use(nexus(instance));
    const url = await serve(app);
    const response = await fetch(`${url}/llm/v1/chat/completions`, chat('openai/x', { stream: true }));
    expect(provider.bill.openStreams).toBe(1);
    const reads: number[] = [];
    for await (const chunk of response.body ?? []) reads.push((chunk as Uint8Array).byteLength);
    expect(reads.length).toBeGreaterThan(5);
  });

  it('wait for a slow reader instead of piling up', async () => {
    const total = 60_000_000;
    provider.reply({ text: 'x'.repeat(total), chunkSize: 60_000 });
    const front = await listen(instance, { port: 0 });
    const response = await fetch(`${front.url}/llm/v1/chat/completions`, chat('openai/x', { stream: true }));
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    // Nothing is read for a while: what the provider gets rid of is what the sockets and the two readers can hold.
    let before = -1;
    while (provider.bill.outputTokens !== before) {
      before = provider.bill.outputTokens;
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    expect(provider.bill.openStreams).toBe(1);
    let size = 0;
    let last: Uint8Array = new Uint8Array();
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      size += read.value.byteLength;
      last = read.value;
    }
    expect(size).toBeGreaterThan(total);
    expect(Buffer.from(last).toString()).toContain('[DONE]');
    await provider.waitFor(({ bill }) => bill.openStreams === 0);
    await front.close();
  });
});
