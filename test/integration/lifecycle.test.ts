import { createNexus, NexusError, type RequestRecord } from 'nexus-ai';
import { listen } from 'nexus-ai/node';
import { createFakeProvider, type FakeProvider } from 'nexus-ai/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bothVendors } from '../support/doors.ts';

let provider: FakeProvider;
beforeEach(async () => {
  provider = await createFakeProvider();
});
afterEach(() => provider.close());

const ask = (model: string, more: object = {}, init: RequestInit = {}) =>
  [
    'http://nexus/llm/v1/chat/completions',
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }], ...more }),
      ...init,
    },
  ] as const;

describe('an instance', () => {
  it('is refused for a configuration with mistakes, all of them named', () => {
    const config = { llm: { providers: { a: { type: 'opnai' }, b: { type: 'openai', apiKy: 'x' } } } };
    let thrown: unknown;
    try {
      createNexus(config as never);
    } catch (error) {
      thrown = error;
    }
    if (!NexusError.is(thrown)) throw new Error('createNexus accepted it');
    expect(thrown.code).toBe('config_invalid');
    expect(thrown.message).toContain('llm.providers.a.type');
    expect(thrown.message).toContain('openai');
    expect(thrown.message).toContain('apiKey');
  });

  it('serves what a configuration names: paths, renamed models, listed models only', async () => {
    const baseUrl = `${provider.url}/v1/`;
    await using nexus = createNexus({
      server: { health: { path: '/livez' } },
      llm: {
        protocols: { openai: { path: '/v9' } },
        providers: {
          main: {
            type: 'openai',
            apiKey: 'k',
            baseUrl,
            modelsOnly: true,
            models: { quick: { upstream: 'gpt-5-mini' }, 'gpt-5': {} },
          },
          other: { type: 'anthropic', apiKey: 'k', baseUrl, models: { smart: { upstream: 'claude-x' } } },
        },
      },
    });
    const call = async (model: string, stream = false) => {
      const [, init] = ask(model, { stream });
      return nexus.fetch('http://nexus/v9/v1/chat/completions', init);
    };
    for (const [model, upstream] of [
      ['main/quick', 'gpt-5-mini'],
      ['other/smart', 'claude-x'],
    ] as const) {
      expect(await (await call(model)).json()).toMatchObject({ model });
      const text = await (await call(model, true)).text();
      const named = [...text.matchAll(/"model":"([^"]*)"/g)].map(([, name]) => name);
      expect(new Set(named)).toEqual(new Set([model]));
      expect(text).not.toContain(upstream);
      expect(provider.requests.at(-1)?.body).toMatchObject({ model: upstream });
    }
    // A prefix alone is no rename: the provider's own name stays.
    expect(await (await call('main/gpt-5')).json()).toMatchObject({ model: 'gpt-5' });
    expect((await call('main/gpt-4')).status).toBe(404);
    expect((await call('main/constructor')).status).toBe(404);
    expect((await nexus.fetch('http://nexus/livez')).status).toBe(200);
    expect((await nexus.fetch('http://nexus/llm/v1/chat/completions', ask('main/quick')[1])).status).toBe(404);
    const listed = (await (await nexus.fetch('http://nexus/v9/models')).json()) as { data: { id: string }[] };
    // What a provider offers beyond that is listed too, unless only listed models can be called.
    const offered = ['nexus-demo', 'nexus-demo-mini'];
    expect(listed.data.map(({ id }) => id)).toEqual([...offered, 'main/gpt-5', 'main/quick', 'other/smart']);
  });

  it('says that a provider has no key, without calling it', async () => {
    await using nexus = createNexus({ llm: { providers: { a: { type: 'openai', baseUrl: `${provider.url}/v1` } } } });
    const answer = await nexus.fetch(...ask('a/x'));
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ error: { type: 'authentication_error', code: 401 } });
    expect(provider.requests).toHaveLength(0);
  });

  it('names what the provider’s protocol cannot express', async () => {
    const records: RequestRecord[] = [];
    await using nexus = createNexus(bothVendors(provider.url), { sinks: [(record) => records.push(record)] });
    const answer = await nexus.fetch(...ask('anthropic/x', { seed: 7, logit_bias: { 50256: -100 }, 'bad\r\nname': 1 }));
    expect(answer.status).toBe(200);
    const dropped = answer.headers.get('x-nexus-dropped') ?? '';
    expect(dropped.split(', ')).toEqual(expect.arrayContaining(['seed', 'logit_bias', 'bad__name']));
    await new Promise((resolve) => setImmediate(resolve));
    expect(records[0]?.dropped).toContain('seed');
  });

  it('keeps our key out of everything, also when the provider quotes it', async () => {
    const key = 'sk-upstream-openai';
    const records: RequestRecord[] = [];
    await using nexus = createNexus(bothVendors(provider.url), { sinks: [(record) => records.push(record)] });
    for (const status of [400, 401, 403, 404, 429, 500, 503]) {
      provider.reply({ error: { status, message: `the key ${key} is at fault` } });
      const answer = await nexus.fetch(...ask('openai/x'));
      expect(await answer.text()).not.toContain(key);
      expect(JSON.stringify([...answer.headers])).not.toContain(key);
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(JSON.stringify(records)).not.toContain(key);
    expect(JSON.stringify(nexus)).not.toContain(key);
  });

  it('goes on when a sink fails', async () => {
    const seen: number[] = [];
    const problems: string[] = [];
    const silent = () => {};
    await using nexus = createNexus(bothVendors(provider.url), {
      sinks: [
        () => {
          throw new Error('sink');
        },
        (record) => seen.push(record.status),
      ],
      logger: { debug: silent, info: silent, warn: silent, error: (message) => problems.push(message) },
    });
    await (await nexus.fetch(...ask('openai/x'))).text();
    await (await nexus.fetch(...ask('openai/x'))).text();
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual([200, 200]);
    expect(problems).toHaveLength(1);
  });

  it('reaches its upstreams through a fetch of your own', async () => {
    const urls: string[] = [];
    const fetch = (url: string, init: RequestInit) => {
      urls.push(url);
      return globalThis.fetch(url, init);
    };
    await using nexus = createNexus(bothVendors(provider.url), { fetch });
    provider.reply({ text: 'over fetch' });
    expect(await (await nexus.fetch(...ask('openai/x'))).text()).toContain('over fetch');
    provider.reply({ text: 'and streamed', chunkSize: 20 });
    expect(await (await nexus.fetch(...ask('anthropic/x', { stream: true }))).text()).toContain('and streamed');
    provider.reply({ fault: 'reset' });
    expect((await nexus.fetch(...ask('openai/x'))).status).toBe(502);
    const abort = new AbortController();
    provider.reply({ fault: 'hang' });
    const hanging = nexus.fetch(...ask('openai/x', {}, { signal: abort.signal }));
    const outcome = expect(hanging).rejects.toMatchObject({ name: 'AbortError' });
    await provider.waitFor(({ requests }) => requests.length === 4);
    abort.abort();
    await outcome;
    await provider.waitFor(({ bill }) => bill.aborted === 1);
    expect(urls[0]).toBe(`${provider.url}/v1/chat/completions`);
  });
});

describe('the end', () => {
  it('lets what is under way finish, refuses what comes, and leaves no socket', async () => {
    const nexus = createNexus(bothVendors(provider.url));
    const server = await listen(nexus, { port: 0 });
    provider.reply({ text: 'slow and steady', chunkSize: 3, pace: 40 });
    const [, init] = ask('openai/x', { stream: true });
    const answer = await fetch(`${server.url}/llm/v1/chat/completions`, init);
    const closing = server.close({ drain: 5000 });
    expect((await nexus.fetch(...ask('openai/x'))).status).toBe(503);
    await expect(fetch(`${server.url}/health`)).rejects.toThrow();
    expect(await answer.text()).toContain('[DONE]');
    await closing;
    await provider.waitFor(({ bill }) => bill.openConnections === 0);
    await nexus.close();
  });

  it('ends with an error what does not finish in time', async () => {
    const nexus = createNexus(bothVendors(provider.url));
    const server = await listen(nexus, { port: 0 });
    provider.reply({ text: 'far too slow', chunkSize: 1, pace: 500 });
    const [, init] = ask('openai/x', { stream: true });
    const answer = await fetch(`${server.url}/llm/v1/chat/completions`, init);
    const text = answer.text();
    await server.close({ drain: 50 });
    expect(await text).toContain('shutting down');
    expect(await text).not.toContain('[DONE]');
    await provider.waitFor(({ bill }) => bill.openConnections === 0 && bill.aborted === 1);
  });
});

describe('clients that leave', () => {
  it.each(['openai/x', 'anthropic/x'])('take their upstream call with them: 200 at any moment, %s', async (model) => {
    const records: RequestRecord[] = [];
    const nexus = createNexus(bothVendors(provider.url), { sinks: [(record) => records.push(record)] });
    const server = await listen(nexus, { port: 0 });
    provider.script([{ reply: { text: 'word '.repeat(200), chunkSize: 5, pace: 2, delay: 5 } }]);
    for (let batch = 0; batch < 20; batch++) {
      const trials = Array.from({ length: 10 }, async (_, i) => {
        const [, init] = ask(model, { stream: i % 4 !== 0 }, { signal: AbortSignal.timeout(1 + batch * 8 + i) });
        await fetch(`${server.url}/llm/v1/chat/completions`, init)
          .then((answer) => answer.text())
          .catch(() => undefined);
      });
      await Promise.all(trials);
    }
    await provider.waitFor(({ bill }) => bill.openStreams === 0);
    await server.close({ drain: 2000 });
    await provider.waitFor(({ bill }) => bill.openConnections === 0);
    for (const record of records) {
      // A request that had not been read when the server began to close is refused at the door.
      if (record.error !== undefined && record.status !== 503) expect(record.error).toBe('client_closed');
    }
    // On a busy machine many have left before they are read; these have not, and their answers take longest of all.
    expect(records.filter((record) => record.error === 'client_closed').length).toBeGreaterThan(20);
  });
});
