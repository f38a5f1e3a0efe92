// Middleware that wraps the response, as logging, session and compression packages do, older ones included.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createNexus, type Nexus } from 'nexus-ai';
import { nodeHandler } from 'nexus-ai/node';
import { createFakeProvider, type FakeProvider } from 'nexus-ai/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bothVendors } from '../support/doors.ts';

let provider: FakeProvider;
let instance: Nexus;
const closers: (() => unknown)[] = [];
beforeEach(async () => {
  provider = await createFakeProvider();
  instance = createNexus(bothVendors(provider.url));
});
afterEach(async () => {
  await instance.close();
  for (const close of closers.splice(0)) await close();
  await provider.close();
});

async function serve(before: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<string> {
  const handler = nodeHandler(instance);
  const server = createServer(async (request, response) => {
    await before(request, response);
    handler(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/llm/v1/chat/completions`;
}

const headers = { 'content-type': 'application/json' };
const body = JSON.stringify({ model: 'openai/x', messages: [{ role: 'user', content: 'hi' }] });

it('a wrapped writeHead that only knows objects and pairs of headers gets neither', async () => {
  const url = await serve((_request, response) => {
    const { writeHead } = response;
    response.writeHead = ((status: number, headers: unknown) => {
      // What on-headers 1.0 makes of a list.
      for (const [name, value] of Array.isArray(headers) ? headers : Object.entries(headers ?? {})) {
        response.setHeader(String(name), value);
      }
      return writeHead.call(response, status);
    }) as typeof response.writeHead;
  });
  const answer = await fetch(url, { method: 'POST', headers, body });
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect([...answer.headers.keys()].every((name) => name.length > 1)).toBe(true);
  expect(await answer.json()).toMatchObject({ object: 'chat.completion' });
});

it('a client that left before its body was asked for does not keep the call waiting', async () => {
  const records: unknown[] = [];
  await instance.close();
  instance = createNexus(bothVendors(provider.url), { sinks: [(record) => void records.push(record.error)] });
  let arrive = (): void => {};
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const url = await serve(async (request) => {
    arrive();
    request.on('error', () => {});
    await new Promise((resolve) => request.once('close', resolve));
  });
  const leave = new AbortController();
  const stream = new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('{')) });
  const init = { method: 'POST', headers, body: stream, duplex: 'half', signal: leave.signal } as RequestInit;
  const asked = fetch(url, init);
  await arrived;
  leave.abort();
  await expect(asked).rejects.toThrow();
  await expect.poll(() => records).toEqual(['client_closed']);
});
