import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createNexus } from '../core/index.ts';
import { createFakeProvider, type FakeProvider } from './fake-provider.ts';
import { createRecorder } from './recorder.ts';
import { openReplay } from './replay.ts';

let provider: FakeProvider;
let folder: string;
let file: string;
let serial = 0;

beforeAll(async () => {
  provider = await createFakeProvider();
  folder = await mkdtemp(join(tmpdir(), 'nexus-recordings-'));
});
beforeEach(() => {
  provider.reset();
  file = join(folder, `${++serial}`, 'exchanges.json');
});
afterAll(async () => {
  await provider.close();
  await rm(folder, { recursive: true });
});

const KEY = 'sk-very-secret-key';

function ask(fetch: (url: string, init: RequestInit) => Promise<Response>, body: object): Promise<Response> {
  return fetch(`${provider.url}/v1/chat/completions?trace=1&api-key=${KEY}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

const hello = (content: string, more: object = {}) => ({
  model: 'gpt-5',
  messages: [{ role: 'user', content }],
  ...more,
});

describe('createRecorder and openReplay', () => {
  it('give back whole answers, streams and refusals byte for byte, without an upstream', async () => {
    const recorder = createRecorder();
    provider.reply({ text: 'Größe 🌍' });
    provider.reply({ text: 'One two three four', usage: { output: 4 } });
    provider.reply({ error: { status: 429, message: 'slow down', retryAfter: 3 } });
    const bodies = [hello('a'), hello('b', { stream: true }), hello('c')];
    const first: [number, string, string | null][] = [];
    for (const body of bodies) {
      const response = await ask(recorder.fetch, body);
      first.push([response.status, await response.text(), response.headers.get('retry-after')]);
    }
    await recorder.save(file);

    const replay = await openReplay(file);
    for (const [index, body] of [...bodies.entries()].reverse()) {
      const response = await ask(replay.fetch, body);
      const again = [response.status, await response.text(), response.headers.get('retry-after')];
      expect(again).toEqual(first[index]);
    }
    replay.done();
    expect(provider.requests).toHaveLength(3);
  });

  it('keep no secret: of headers, parameters, bodies, nor where they are repeated', async () => {
    const recorder = createRecorder({ secrets: ['Ann Example'] });
    provider.reply({ error: { status: 401, message: `Incorrect key: ${KEY}` } });
    await (await ask(recorder.fetch, hello('I am Ann Example', { metadata: { client_secret: 'hush' } }))).text();
    const form = new URLSearchParams({ grant_type: 'client_credentials', client_secret: 'form-secret' });
    await (await recorder.fetch(`${provider.url}/token`, { method: 'POST', body: form })).text();
    await recorder.save(file);
    const text = await readFile(file, 'utf8');
    for (const secret of [KEY, 'Ann Example', 'hush', 'form-secret']) expect(text).not.toContain(secret);
    expect(text).toContain('client_credentials');

    const replay = await openReplay(file);
    const response = await ask(replay.fetch, hello('I am Bob', { metadata: { client_secret: 'another' } }));
    expect(replay.misses).toEqual([]);
    expect(response.status).toBe(401);
  });

  it('serve as the upstream of an instance', async () => {
    const config = {
      llm: { providers: { openai: { type: 'openai' as const, apiKey: KEY, baseUrl: `${provider.url}/v1` } } },
    };
    const run = async (fetch: (url: string, init: RequestInit) => Promise<Response>): Promise<string> => {
      await using instance = createNexus(config, { fetch });
      const response = await instance.fetch('http://nexus/llm/v1/chat/completions', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(hello('Hi', { model: 'openai/gpt-5', stream: true })),
      });
      return await response.text();
    };
    const recorder = createRecorder();
    const first = await run(recorder.fetch);
    await recorder.save(file);
    provider.reset();
    const replay = await openReplay(file);
    expect(await run(replay.fetch)).toBe(first);
    replay.done();
    expect(provider.requests).toEqual([]);
  });

  it('say what differs from the nearest exchange, once each has been used', async () => {
    const recorder = createRecorder();
    await (await ask(recorder.fetch, hello('a', { temperature: 1 }))).text();
    await recorder.save(file);
    const replay = await openReplay(file);
    const missed = await ask(replay.fetch, hello('b'));
    expect(missed.status).toBe(400);
    expect(await missed.json()).toMatchObject({
      error: {
        message: expect.stringContaining('body.messages[0].content is "b", recorded "a"; body.temperature is absent'),
      },
    });
    expect(() => replay.done()).toThrow(/the nearest differs[\s\S]*Nobody asked for POST \/v1\/chat\/completions/);
    await ask(replay.fetch, hello('a', { temperature: 1 }));
    await ask(replay.fetch, hello('a', { temperature: 1 }));
    expect(replay.misses[1]).toContain('all have been used');
  });

  it('break off where the recording broke off', async () => {
    const recorder = createRecorder();
    provider.reply({ text: 'One two three four five six seven', fault: 'reset', after: 2 });
    const read = async (response: Response): Promise<string> => {
      let text = '';
      try {
        for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
      } catch {
        return `${text}|broken`;
      }
      return text;
    };
    const first = await read(await ask(recorder.fetch, hello('a', { stream: true })));
    expect(first).toMatch(/\|broken$/);
    await recorder.save(file);
    expect(await read(await ask((await openReplay(file)).fetch, hello('a', { stream: true })))).toBe(first);
  });

  it('save nothing half', async () => {
    const recorder = createRecorder();
    const open = await ask(recorder.fetch, hello('a', { stream: true }));
    await expect(recorder.save(file)).rejects.toMatchObject({ code: 'invalid_request', message: /under way/ });
    await open.body?.cancel();
    await recorder.save(file);
    expect(recorder.exchanges).toMatchObject([{ truncated: true }]);
  });

  it('do not record what failed on its way', async () => {
    const recorder = createRecorder();
    await expect(recorder.fetch('http://127.0.0.1:1/x', {})).rejects.toThrow();
    expect(recorder.exchanges).toEqual([]);
  });

  it.each(['{}', '[{}]', '[{"request":{"path":"/"}}]'])('refuse a file that holds %s', async (text) => {
    const odd = join(folder, `odd-${++serial}.json`);
    await writeFile(odd, text);
    await expect(openReplay(odd)).rejects.toMatchObject({ code: 'invalid_request' });
  });
});
