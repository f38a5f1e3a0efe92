// What every host must hold, whichever way Nexus is mounted: one list of cases, over real sockets.
import { createFakeProvider, type FakeProvider } from 'nexus-ai/testing';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openSession, postModern } from '../support/mcp-post.ts';
import { ERROR_PAGE, GUIDE, type Host, type Mount, NOT_FOUND_PAGE, type OpenHost } from './host.ts';

interface Stage {
  readonly app: OpenHost;
  readonly provider: FakeProvider;
  readonly host: Pick<Host, 'compresses' | 'name'>;
  readonly mount: Mount;
}

type Case = (stage: Stage) => Promise<void>;

const CHAT = '/llm/v1/chat/completions';

function chat(more: object = {}, model: unknown = 'openai/x'): RequestInit {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'häi' }], ...more });
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body };
}

/** Reads a stream until it has brought some text. */
async function readUntil(response: Response, text: string): Promise<void> {
  const reader = response.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const decoder = new TextDecoder();
  let seen = '';
  while (!seen.includes(text)) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`ended before ${text}: ${seen}`);
    seen += decoder.decode(value, { stream: true });
  }
}

const CASES: Record<string, Case> = {
  async 'answers whole'({ app, provider, host, mount }) {
    const response = await fetch(app.base + CHAT, chat());
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(response.headers.get('x-nexus-request-id')).toBeTruthy();
    expect(await response.json()).toMatchObject({ object: 'chat.completion' });
    expect(provider.requests[0]?.body).toEqual({ model: 'x', messages: [{ role: 'user', content: 'häi' }] });
    if (mount === 'dressed') {
      expect(response.headers.get('content-encoding') !== null).toBe(host.compresses);
      await vi.waitFor(() => expect(app.log.join('\n')).toMatch(/^POST \/llm\/v1\/chat\/completions \S*200/m));
    }
  },

  async 'serves the vendor’s own client'({ app, provider }) {
    provider.reply({ text: 'Hello there, world', chunkSize: 3 });
    const client = new OpenAI({ apiKey: 'any', baseURL: `${app.base}/llm/v1`, maxRetries: 0 });
    let text = '';
    const messages = [{ role: 'user' as const, content: 'hi' }];
    for await (const chunk of await client.chat.completions.create({ model: 'openai/x', messages, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? '';
    }
    expect(text).toBe('Hello there, world');
  },

  async 'streams each chunk as it comes'({ app, provider }) {
    // The second chunk is never produced: what is read has not waited for it.
    provider.reply({ text: 'first|second', chunkSize: 6, fault: 'stall', after: 1 });
    const client = new AbortController();
    const response = await fetch(app.base + CHAT, { ...chat({ stream: true }), signal: client.signal });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    await readUntil(response, 'first|');
    expect(provider.bill.openStreams).toBe(1);
    client.abort();
    await provider.waitFor(({ bill }) => bill.openStreams === 0, 5000);
  },

  async 'ends a call nobody waits for'({ app, provider }) {
    provider.reply({ fault: 'hang' });
    const client = new AbortController();
    const asked = fetch(app.base + CHAT, { ...chat(), signal: client.signal });
    await provider.waitFor(({ bill }) => bill.requests === 1, 5000);
    client.abort();
    await expect(asked).rejects.toThrow();
    await provider.waitFor(({ bill }) => bill.aborted === 1, 5000);
  },

  async 'sends a long answer whole to a slow reader'({ app, provider }) {
    provider.reply({ text: 'x'.repeat(3_000_000), chunkSize: 60_000 });
    const response = await fetch(app.base + CHAT, chat({ stream: true }));
    let size = 0;
    let last = '';
    for await (const chunk of response.body ?? []) {
      size += (chunk as Uint8Array).byteLength;
      last = `${last}${Buffer.from(chunk as Uint8Array).toString()}`.slice(-40);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(size).toBeGreaterThan(3_000_000);
    expect(last).toContain('[DONE]');
  },

  async 'keeps odd paths'({ app, provider }) {
    const path = '/llm/google/v1beta/models/google/gemini-x:generateContent?alt=json';
    const body = JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'hi' }] }] });
    const response = await fetch(app.base + path, { ...chat(), body });
    expect(await response.json()).toMatchObject({ candidates: [{ content: { role: 'model' } }] });
    expect(provider.requests[0]?.path).toContain('/models/gemini-x:generateContent');
  },

  async 'leaves foreign paths to the host'({ app }) {
    const echoed = await fetch(`${app.url}/echo`, { ...chat(), body: '{"a":1}' });
    expect(await echoed.json()).toEqual({ got: { a: 1 } });
    expect(await (await fetch(`${app.url}/llm-guide`)).text()).toBe(GUIDE);
    const nowhere = await fetch(`${app.url}/nowhere`);
    expect(nowhere.status).toBe(404);
    expect(await nowhere.text()).toContain(NOT_FOUND_PAGE);
    expect(nowhere.headers.get('x-nexus-request-id')).toBeNull();
    if (app.base !== app.url) {
      const outside = await fetch(app.url + CHAT, chat());
      expect(outside.status).toBe(404);
      expect(await outside.text()).toContain(NOT_FOUND_PAGE);
    }
  },

  async 'keeps both sides’ error pages'({ app, provider, host }) {
    const boom = await fetch(`${app.url}/boom`);
    expect(boom.status).toBe(500);
    if (!host.name.startsWith('Next')) expect(await boom.text()).toBe(ERROR_PAGE);

    const refused = await fetch(app.base + CHAT, chat({}, 5));
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: { type: 'invalid_request_error', param: 'model' } });

    const unknown = await fetch(`${app.base}/llm/v1/nothing`);
    expect(unknown.status).toBe(404);
    expect(unknown.headers.get('x-nexus-error')).toBe('no_route');
    expect(await unknown.json()).toMatchObject({ error: { code: 404 } });

    provider.reply({ error: { status: 422, message: 'the vendor’s own words' } });
    const failed = await fetch(app.base + CHAT, chat());
    expect(failed.status).toBe(422);
    expect(await failed.text()).toContain('the vendor’s own words');
  },

  async 'answers each method'({ app }) {
    const options = await fetch(app.base + CHAT, { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')]).toEqual([200, 'POST, OPTIONS']);
    expect(await options.text()).toBe('');
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const wrong = await fetch(app.base + CHAT, { method });
      expect([method, wrong.status, wrong.headers.get('allow')]).toEqual([method, 405, 'POST, OPTIONS']);
    }
    const head = await fetch(`${app.base}/llm/v1/models`, { method: 'HEAD' });
    expect(head.status).toBeLessThan(406);
    expect(await head.text()).toBe('');
    expect(await (await fetch(`${app.base}/health`)).json()).toMatchObject({ status: 'healthy' });
  },

  async 'shows identify the host’s user'({ app }) {
    const ask = (headers: Record<string, string>) =>
      postModern(
        `${app.base}/mcp`,
        'tools/call',
        { name: 'execute', arguments: { name: 'local__whoami', arguments: {} } },
        { headers },
      );
    expect((await ask({ 'x-host-user': 'mary' })).text).toContain('mary');
    expect((await ask({})).text).toContain('nobody');
  },

  async 'sends the head of a silent stream at once'({ app }) {
    const session = await openSession(`${app.base}/mcp`);
    const headers = { ...session, accept: 'text/event-stream' };
    const listening = new AbortController();
    const response = await fetch(`${app.base}/mcp`, { headers, signal: listening.signal });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    listening.abort();
    const ended = await fetch(`${app.base}/mcp`, { method: 'DELETE', headers: session });
    expect(ended.status).toBeLessThan(300);
  },
};

/** Rows of `host, mount`, columns of cases. */
const results = new Map<string, Map<string, boolean>>();

/** Runs all cases on a host, in all its mounts. */
export function describeHost(host: Host): void {
  describe.each(host.mounts)(`${host.name}, %s`, (mount) => {
    let provider: FakeProvider;
    let app: OpenHost;
    beforeAll(async () => {
      provider = await createFakeProvider();
      app = await host.open(mount, provider.url);
    });
    afterEach(() => provider.reset());
    afterAll(async () => {
      await app?.close();
      await provider?.close();
    });
    const row = new Map<string, boolean>();
    results.set(`${host.name}, ${mount}`, row);
    it.each(Object.entries(CASES))('%s', async (name, run) => {
      row.set(name, false);
      await run({ app, provider, host, mount });
      row.set(name, true);
    });
  });
}

/** Prints what held where, once all is done. */
export function printTable(): void {
  afterAll(() => {
    const names = Object.keys(CASES);
    const legend = names.map((name, index) => `  ${String(index + 1).padStart(2)} ${name}`);
    const head = `${''.padEnd(22)}${names.map((_, index) => String(index + 1).padStart(4)).join('')}`;
    const rows = [...results].map(([title, row]) => {
      const cells = names.map((name) => (row.get(name) === true ? 'ok' : row.has(name) ? 'FAIL' : '-').padStart(4));
      return `${title.padEnd(22)}${cells.join('')}`;
    });
    process.stdout.write(`\n${[...legend, '', head, ...rows].join('\n')}\n\n`);
  });
}
