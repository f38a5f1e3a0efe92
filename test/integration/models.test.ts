import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { createNexus, type Logger, type Nexus, type NexusConfig, NexusError } from 'nexus-ai';
import { listen } from 'nexus-ai/node';
import { createFakeProvider, type FakeProvider } from 'nexus-ai/testing';
import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

type Llm = NonNullable<NexusConfig['llm']>;

let first: FakeProvider;
let second: FakeProvider;
let warnings: string[];
let opened: { close(): Promise<void> }[];

beforeEach(async () => {
  first = await createFakeProvider({ models: ['gpt-b', 'gpt-a', 'vendor/model'] });
  second = await createFakeProvider({ models: ['claude-b', 'gpt-a'] });
  warnings = [];
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((one) => one.close()));
  await Promise.all([first.close(), second.close()]);
});

function create(llm: Llm): Nexus {
  const silent = () => {};
  const logger: Logger = { debug: silent, info: silent, warn: (line) => warnings.push(line), error: silent };
  const nexus = createNexus({ llm }, { logger });
  opened.push(nexus);
  return nexus;
}

/** Two vendors, the second of another dialect. */
const both = (more: Llm = {}): Llm => ({
  ...more,
  providers: {
    one: { type: 'openai', apiKey: 'sk-one', baseUrl: `${first.url}/v1`, models: { mine: { rename: 'gpt-b' } } },
    two: { type: 'anthropic', apiKey: 'sk-two', baseUrl: `${second.url}/v1` },
    ...more.providers,
  },
});

async function idsOf(nexus: Nexus, path = '/llm/v1/models'): Promise<string[]> {
  const answer = await nexus.fetch(`http://nexus${path}`);
  const { data } = (await answer.json()) as { data: { id: string }[] };
  return data.map(({ id }) => id);
}

async function chat(nexus: Nexus, model: string, stream = false) {
  const answer = await nexus.fetch('http://nexus/llm/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Hi' }] }),
  });
  return { status: answer.status, text: await answer.text() };
}

const listings = (provider: FakeProvider) => provider.requests.filter(({ path }) => path.includes('/models'));

describe('discovery', () => {
  it('asks nobody before it is needed, then everybody once', async () => {
    const nexus = create(both());
    await chat(nexus, 'one/x');
    expect([listings(first).length, listings(second).length]).toEqual([0, 0]);
    const expected = ['claude-b', 'gpt-a', 'gpt-b', 'one/mine', 'one/vendor/model'];
    const lists = await Promise.all([idsOf(nexus), idsOf(nexus), idsOf(nexus, '/llm/openai/v1/models')]);
    expect(lists).toEqual([expected, expected, expected]);
    expect([listings(first).length, listings(second).length]).toEqual([1, 1]);
    const [asked] = listings(first);
    expect(asked?.headers['authorization']).toBe('Bearer sk-one');
    expect(listings(second)[0]?.headers['x-api-key']).toBe('sk-two');
  });

  it('begins when the instance gets ready, which does not wait for it', async () => {
    first.listModels({ fault: 'hang' });
    const nexus = create(both({ discovery: { timeout: '60s' } }));
    await nexus.ready();
    await Promise.all([first, second].map((one) => one.waitFor((provider) => listings(provider).length === 1)));
  });

  it('warns once of models two providers have; they are the first’s', async () => {
    const nexus = create(both());
    await idsOf(nexus);
    await idsOf(nexus);
    expect(warnings).toEqual([expect.stringContaining("Providers 'one' and 'two' both list gpt-a")]);
    await chat(nexus, 'gpt-a');
    expect(first.requests.at(-1)?.body).toMatchObject({ model: 'gpt-a' });
  });

  it('follows pages to their end', async () => {
    const many = Array.from({ length: 2345 }, (_, index) => `claude-${String(index).padStart(4, '0')}`);
    second.listModels(many);
    const nexus = create({
      providers: {
        a: { type: 'anthropic', apiKey: 'k', baseUrl: `${second.url}/v1` },
        g: { type: 'google', apiKey: 'k', baseUrl: `${second.url}/v1beta`, modelFilter: '0$' },
      },
    });
    expect(await idsOf(nexus)).toEqual(many);
    expect(
      listings(second)
        .map(({ path }) => path.replace(/=claude-\d+/, '=…'))
        .sort(),
    ).toEqual([
      '/v1/models?limit=1000',
      '/v1/models?limit=1000&after_id=…',
      '/v1/models?limit=1000&after_id=…',
      '/v1beta/models?pageSize=1000',
      '/v1beta/models?pageSize=1000&pageToken=1000',
      '/v1beta/models?pageSize=1000&pageToken=2000',
    ]);
  });

  it('leaves out who has no key, forwards the callers’ keys or not', async () => {
    const baseUrl = `${first.url}/v1`;
    const nexus = create({
      providers: {
        none: { type: 'openai', baseUrl, models: { listed: {} } },
        theirs: { type: 'openai', baseUrl, forwardToken: true },
        local: {
          type: 'ollama',
          baseUrl: `${second.url}/v1`,
          headers: [{ rule: 'insert', name: 'x-team', value: 'a' }],
        },
      },
    });
    // The local one needs no key of ours; that the fake wants one all the same is a failure like any other.
    second.listModels(['llama']);
    expect(await idsOf(nexus)).toEqual(['none/listed']);
    expect(first.requests).toHaveLength(0);
    expect(listings(second)).toHaveLength(1);
    expect(listings(second)[0]?.headers['x-team']).toBe('a');
    expect(listings(second)[0]?.headers['authorization']).toBeUndefined();
  });

  it.each([
    ['failing', { error: { status: 500, message: 'sk-two is down' } }],
    ['gone', { fault: 'reset' }],
    ['malformed', { body: '{"data":"none"}' }],
    ['not JSON', { body: 'oops' }],
    ['cut', { fault: 'stall' }],
    ['slow', { delay: 60_000 }],
  ] as const)('goes on without a provider that is %s', async (_name, reply) => {
    second.listModels(reply);
    const nexus = create(both({ discovery: { timeout: '300ms' } }));
    expect(await idsOf(nexus)).toEqual(['gpt-a', 'gpt-b', 'one/mine', 'one/vendor/model']);
    expect(warnings).toEqual([expect.stringMatching(/^Provider 'two' could not be asked for its models: /)]);
    expect(warnings[0]).not.toContain('sk-two');
    expect((await chat(nexus, 'two/claude-b')).status).toBe(200);
  });

  it('keeps a provider’s part of the list while a refresh fails, and takes what is new from the others', async () => {
    const nexus = create(both({ discovery: { interval: '20ms' } }));
    expect(await idsOf(nexus)).toContain('claude-b');
    second.listModels({ error: { status: 503, message: 'down' } });
    first.listModels(['gpt-c']);
    const [before, beforeSecond] = [listings(first).length, listings(second).length];
    // The second question after the change is asked when the first has been answered.
    await first.waitFor((provider) => listings(provider).length >= before + 2);
    await second.waitFor((provider) => listings(provider).length >= beforeSecond + 2);
    expect(await idsOf(nexus)).toEqual(['claude-b', 'gpt-a', 'gpt-c', 'one/mine']);
    expect((await chat(nexus, 'claude-b')).status).toBe(200);
    expect((await chat(nexus, 'gpt-b')).status).toBe(404);
    expect((await chat(nexus, 'gpt-c')).status).toBe(200);
    second.listModels(['claude-new']);
    const failed = listings(second).length;
    await second.waitFor((provider) => listings(provider).length >= failed + 2);
    expect(await idsOf(nexus)).toEqual(['claude-new', 'gpt-c', 'one/mine']);
    expect(warnings.filter((line) => line.includes('could not be asked'))).toHaveLength(1);
  });

  it('lets nobody wait for a provider longer than its deadline, and ends with the instance', async () => {
    second.listModels({ fault: 'hang' });
    const nexus = create(both({ discovery: { timeout: '10s' } }));
    const list = idsOf(nexus);
    await second.waitFor((provider) => listings(provider).length === 1);
    await nexus.close();
    expect(await list).toContain('one/mine');
    await second.waitFor(({ bill }) => bill.openConnections === 0 && bill.aborted === 1);
    await first.waitFor(({ bill }) => bill.openConnections === 0);
  });

  it('keeps an instance from getting ready where it is required', async () => {
    second.listModels({ error: { status: 401, message: 'no' } });
    const nexus = create(both({ discovery: { required: true, interval: '20ms' } }));
    const refused = await nexus.ready().catch((error: unknown) => error);
    if (!NexusError.is(refused)) throw new Error('it got ready');
    expect(refused.code).toBe('upstream_unavailable');
    expect(refused.message).toContain("'two': The provider answered with status 401");
    await expect(listen(nexus, { port: 0 })).rejects.toThrow('Discovery of models is required');
    const failed = listings(second).length;
    second.listModels(['claude-b']);
    await second.waitFor((provider) => listings(provider).length >= failed + 2);
    await nexus.ready();
    expect(await idsOf(nexus)).toContain('claude-b');
  });

  it('is off where only listed models can be called, and where the configuration says so', async () => {
    const provider = { type: 'openai', apiKey: 'k', baseUrl: `${first.url}/v1`, models: { m: {} } };
    for (const llm of [
      { providers: { p: { ...provider, modelsOnly: true } } },
      { path: '/llm', providers: { p: provider } },
      { discovery: { enabled: false }, providers: { p: provider } },
    ]) {
      const nexus = create(llm);
      await nexus.ready();
      expect(await idsOf(nexus)).toEqual(['p/m']);
      const answer = await chat(nexus, 'm');
      expect(answer.status).toBe(400);
      expect(answer.text).toContain("Invalid model format: expected 'provider/model', got 'm'");
    }
    expect(first.requests).toHaveLength(0);
  });
});

describe('names of models', () => {
  it('1: a renamed model is renamed on the way out and back, also in streams, and the vendor’s name is not listed with the provider', async () => {
    const nexus = create(both());
    for (const stream of [false, true]) {
      const { text } = await chat(nexus, 'one/mine', stream);
      expect(first.requests.at(-1)?.body).toMatchObject({ model: 'gpt-b' });
      const named = [...text.matchAll(/"model":"([^"]*)"/g)].map(([, name]) => name);
      expect(new Set(named)).toEqual(new Set(['one/mine']));
    }
    expect(await idsOf(nexus)).not.toContain('one/gpt-b');
  });

  it.each([
    ['one/org/name:tag', 200, 'org/name:tag'],
    ['one/', 400, 'Invalid model format'],
    ['/', 400, 'Invalid model format'],
    ['/m', 404, "Provider '' not found"],
    ['three/m', 404, "Provider 'three' not found"],
    ['unknown', 404, "Model 'unknown' not found"],
    ['mine', 404, "Model 'mine' not found"],
    ['constructor', 404, "Model 'constructor' not found"],
    ['GPT-A', 404, "Model 'GPT-A' not found"],
  ])('2, 3: %s is answered with %i', async (model, status, words) => {
    const nexus = create(both());
    const answer = await chat(nexus, model);
    expect(answer.status).toBe(status);
    if (status === 200) expect(first.requests.at(-1)?.body).toMatchObject({ model: words });
    else {
      const { error } = JSON.parse(answer.text) as { error: { message: string; type: string; code: number } };
      expect(error.message).toContain(words);
      expect(error).toMatchObject({ type: status === 400 ? 'invalid_request_error' : 'not_found_error', code: status });
    }
  });

  it('3: with and without its provider a model is the same, in every dialect', async () => {
    const nexus = create(both());
    const post = (path: string, body: object) =>
      nexus.fetch(`http://nexus${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const messages = [{ role: 'user', content: 'Hi' }];
    for (const prefix of ['', 'two/']) {
      const model = `${prefix}claude-b`;
      const answers = [
        await post('/llm/v1/chat/completions', { model, messages }),
        await post('/llm/v1/responses', { model, input: 'Hi' }),
        await post('/llm/v1/messages', { model, max_tokens: 9, messages }),
        await post(`/llm/google/v1beta/models/${model}:generateContent`, { contents: [{ parts: [{ text: 'Hi' }] }] }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      for (const { body } of second.requests.slice(-4)) expect(body).toMatchObject({ model: 'claude-b' });
    }
    const count = await post('/llm/v1/messages/count_tokens', { model: 'gpt-a', messages });
    expect(count.headers.get('x-nexus-estimated')).toBe('true');
  });

  it('4: a name the filter admits goes upstream as it is, though it is configured with another; it is still listed', async () => {
    const nexus = create({
      providers: {
        p: {
          type: 'openai',
          apiKey: 'k',
          baseUrl: `${first.url}/v1`,
          modelFilter: '^gpt',
          models: { 'gpt-a': { rename: 'gpt-b' }, other: { rename: 'gpt-c' } },
        },
      },
    });
    const upstream = async (model: string) => {
      const { status } = await chat(nexus, model);
      return status === 200 ? first.requests.at(-1)?.body : status;
    };
    expect(await upstream('p/gpt-a')).toMatchObject({ model: 'gpt-a' });
    expect(await upstream('gpt-a')).toMatchObject({ model: 'gpt-a' });
    expect(await upstream('p/other')).toMatchObject({ model: 'gpt-c' });
    expect(await upstream('p/vendor/model')).toBe(404);
    expect(await idsOf(nexus)).toEqual(['gpt-a', 'gpt-b', 'p/gpt-a', 'p/other']);
  });

  it('a discovered model that is configured under the same name has that name’s meaning', async () => {
    const nexus = create(
      both({
        providers: {
          one: { ...both().providers?.['one'], type: 'openai', models: { 'gpt-a': { upstream: 'gpt-a-2025' } } },
        },
      }),
    );
    const { text } = await chat(nexus, 'gpt-a');
    expect(first.requests.at(-1)?.body).toMatchObject({ model: 'gpt-a-2025' });
    expect(JSON.parse(text)).toMatchObject({ model: 'gpt-a' });
  });
});

describe('the list of models', () => {
  let url: string;
  let openai: OpenAI;
  let anthropic: Anthropic;
  let google: GoogleGenAI;

  beforeEach(async () => {
    const server = await listen(create(both()), { port: 0 });
    opened.push(server);
    url = server.url;
    openai = new OpenAI({ apiKey: 'k', baseURL: `${url}/llm/v1`, maxRetries: 0 });
    anthropic = new Anthropic({ apiKey: 'k', baseURL: `${url}/llm`, maxRetries: 0 });
    google = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: `${url}/llm/google` } });
  });

  const all = ['claude-b', 'gpt-a', 'gpt-b', 'one/mine', 'one/vendor/model'];

  it('is whole for the stock OpenAI client', async () => {
    const models: OpenAI.Model[] = [];
    for await (const model of openai.models.list()) models.push(model);
    expect(models.map(({ id }) => id)).toEqual(all);
    expect(models[0]).toEqual({ id: 'claude-b', object: 'model', created: 0, owned_by: 'anthropic' });
    expect(models[1]).toMatchObject({ owned_by: 'nexus-demo', created: expect.closeTo(Date.now() / 1000, -2) });
    expect(models[3]).toEqual({ id: 'one/mine', object: 'model', created: 1719475200, owned_by: 'openai' });
  });

  it('shows the stock OpenAI client one model, with slashes or without', async () => {
    for (const id of [...all, 'one/gpt-a', 'two/gpt-a']) expect((await openai.models.retrieve(id)).id).toBe(id);
    await expect(openai.models.retrieve('two/gpt-b')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    const plain = await fetch(`${url}/llm/openai/v1/models/one/vendor/model`);
    expect(await plain.json()).toMatchObject({ id: 'one/vendor/model', object: 'model' });
    expect((await fetch(`${url}/llm/models/one/mine`)).status).toBe(200);
    expect((await fetch(`${url}/llm/v1/models/%ff`)).status).toBe(400);
    expect((await fetch(`${url}/llm/v1/models/`)).status).toBe(404);
  });

  it('is paged for the stock Anthropic client, forwards and backwards', async () => {
    for (const limit of [1, 2, 3, 5, 1000]) {
      const models: Anthropic.ModelInfo[] = [];
      for await (const model of anthropic.models.list({ limit })) models.push(model);
      expect(models.map(({ id }) => id)).toEqual(all);
      for (const { created_at } of models) expect(new Date(created_at).toISOString()).toBe(created_at);
    }
    const page = await anthropic.models.list({ limit: 2, before_id: 'one/mine' });
    expect(page.data.map(({ id }) => id)).toEqual(['gpt-a', 'gpt-b']);
    expect(page).toMatchObject({ has_more: true, first_id: 'gpt-a', last_id: 'gpt-b' });
    const backwards: string[] = [];
    for await (const { id } of anthropic.models.list({ limit: 2, before_id: 'zzz/zzz' })) backwards.push(id);
    expect(backwards.sort()).toEqual([...all].sort());
    // A model that has gone since leaves its place.
    const after = await anthropic.models.list({ after_id: 'gpt-az' });
    expect(after.data.map(({ id }) => id)).toEqual(['gpt-b', 'one/mine', 'one/vendor/model']);
  });

  it('is whole for the stock Anthropic client that asks for no page, and shows one model', async () => {
    const page = await anthropic.models.list();
    expect(page.data.map(({ id }) => id)).toEqual(all);
    expect(page).toMatchObject({ has_more: false, first_id: 'claude-b', last_id: 'one/vendor/model' });
    expect(await anthropic.models.retrieve('one/mine')).toMatchObject({ id: 'one/mine', type: 'model' });
    await expect(anthropic.models.retrieve('nobody')).rejects.toMatchObject({
      status: 404,
      error: { type: 'error', error: { type: 'not_found_error', message: "Model 'nobody' not found" } },
    });
  });

  it('is paged for the stock Google client, and shows one model', async () => {
    for (const pageSize of [1, 2, 1000]) {
      const names: string[] = [];
      for await (const { name } of await google.models.list({ config: { pageSize } })) names.push(name ?? '');
      expect(names).toEqual(all.map((id) => `models/${id}`));
    }
    expect((await google.models.get({ model: 'models/one/vendor/model' })).name).toBe('models/one/vendor/model');
    expect((await google.models.get({ model: 'gpt-a' })).name).toBe('models/gpt-a');
    await expect(google.models.get({ model: 'nobody' })).rejects.toMatchObject({ status: 404 });
  });

  it.each([
    ['/llm/anthropic/v1/models?limit=0', 'limit'],
    ['/llm/anthropic/v1/models?limit=-1', 'limit'],
    ['/llm/anthropic/v1/models?limit=ten', 'limit'],
    ['/llm/anthropic/v1/models?limit=1e3', 'limit'],
    ['/llm/anthropic/v1/models?limit=', 'limit'],
    ['/llm/anthropic/v1/models?after_id=a&before_id=b', 'before_id'],
    ['/llm/google/v1beta/models?pageSize=-5', 'pageSize'],
    ['/llm/google/v1beta/models?pageToken=%00!', 'pageToken'],
    ['/llm/google/v1beta/models/%E0%A4%A', 'percent-encoding'],
  ])('refuses %s', async (path, word) => {
    const answer = await fetch(url + path);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('x-nexus-error')).toBe('invalid_request');
    expect(await answer.text()).toContain(word);
  });

  it('takes no offence at an empty page token and a page of no size', async () => {
    const answer = await fetch(`${url}/llm/google/v1beta/models?pageSize=0&pageToken=`);
    expect(((await answer.json()) as { models: unknown[] }).models).toHaveLength(5);
  });

  it('answers HEAD as GET without the body', async () => {
    for (const path of ['/llm/v1/models', '/llm/anthropic/v1/models/one/mine', '/llm/google/v1beta/models']) {
      const [get, head] = [await fetch(url + path), await fetch(url + path, { method: 'HEAD' })];
      expect(head.status).toBe(200);
      expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'));
      expect(await head.text()).toBe('');
    }
    expect((await fetch(`${url}/llm/v1/models`, { method: 'POST' })).headers.get('allow')).toBe('GET, HEAD, OPTIONS');
  });
});
