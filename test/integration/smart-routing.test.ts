// Routes that choose: by the text, by a model that is asked, by what the caller says matters. Over sockets.
import Anthropic from '@anthropic-ai/sdk';
import { createNexus, type NexusConfig, type NexusOptions, type RequestRecord } from 'nexus-ai';
import { type ListeningServer, listen } from 'nexus-ai/node';
import { createFakeProvider, type FakeProvider } from 'nexus-ai/testing';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

type Llm = NonNullable<NexusConfig['llm']>;
type Routes = NonNullable<Llm['routes']>;

let provider: FakeProvider;
let servers: ListeningServer[] = [];
let records: RequestRecord[] = [];

beforeAll(async () => {
  provider = await createFakeProvider();
});
beforeEach(() => {
  records = [];
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close({ drain: 0 })));
  servers = [];
  provider.reset();
});
afterAll(() => provider.close());

const price = { input: 1, output: 2 };

async function open(routes: Routes, more: Partial<Llm> = {}, options: NexusOptions = {}) {
  const nexus = createNexus(
    {
      llm: {
        discovery: { enabled: false },
        retry: { attempts: 1 },
        ...more,
        providers: {
          p: {
            type: 'openai',
            apiKey: 'sk-p',
            baseUrl: `${provider.url}/v1`,
            headers: [{ rule: 'forward', pattern: '.*' }],
            models: { small: { price }, large: { price: { input: 10, output: 20 } }, judge: { price } },
          },
          claude: { type: 'anthropic', apiKey: 'sk-c', baseUrl: `${provider.url}/v1` },
        },
        routes,
      },
    },
    { sinks: [(record) => records.push(record)], ...options },
  );
  const server = await listen(nexus, { port: 0 });
  servers.push(server);
  return { url: server.url, nexus };
}

const TARGETS: NonNullable<Routes[string]['targets']> = [
  { model: 'p/small', tier: 'small' },
  { model: 'p/large', tier: 'large', tasks: ['maths', 'code'] },
];
const JSON_BODY = { 'content-type': 'application/json' };
const HARD = 'Prove that there are infinitely many primes congruent to 3 modulo 4, rigorously and with every step.';
const smart: Routes = { helper: { strategy: 'smart', default: 'p/small', targets: TARGETS } };
const asked: Routes = {
  helper: { strategy: 'smart', default: 'p/small', targets: TARGETS, classifier: 'p/judge' },
};

function ask(url: string, content: unknown, headers: Record<string, string> = {}, more: object = {}) {
  return fetch(`${url}/llm/v1/chat/completions`, {
    method: 'POST',
    headers: { ...JSON_BODY, ...headers },
    body: JSON.stringify({ model: 'helper', messages: [{ role: 'user', content }], ...more }),
  });
}

/** Models that were asked, in order. */
const models = (): unknown[] => provider.requests.map(({ body }) => member(body, 'model'));
const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
const judgeSays = (text: string) => provider.script([{ match: { model: 'judge' }, reply: { text } }]);
const lastRecord = async (): Promise<RequestRecord> => {
  for (let turn = 0; turn < 50 && records.length === 0; turn++) await new Promise((resolve) => setImmediate(resolve));
  const record = records.at(-1);
  if (record === undefined) throw new Error('no record');
  return record;
};

describe('smart, by the text', () => {
  it('chooses for the clients of every dialect, streams too', async () => {
    const { url } = await open(smart);
    const openai = new OpenAI({ apiKey: 'k', baseURL: `${url}/llm/v1`, maxRetries: 0 });
    const anthropic = new Anthropic({ apiKey: 'k', baseURL: `${url}/llm/anthropic`, maxRetries: 0 });
    const messages = [{ role: 'user' as const, content: HARD }];
    await openai.chat.completions.create({ model: 'helper', messages });
    await openai.chat.completions.create({ model: 'helper', messages: [{ role: 'user', content: 'hi' }] });
    await openai.responses.create({ model: 'helper', input: HARD });
    await anthropic.messages.create({ model: 'helper', max_tokens: 50, messages });
    await anthropic.messages.stream({ model: 'helper', max_tokens: 50, messages }).finalText();
    const google = await fetch(`${url}/llm/google/v1beta/models/helper:generateContent`, {
      method: 'POST',
      headers: JSON_BODY,
      body: JSON.stringify({ contents: [{ parts: [{ text: HARD }] }] }),
    });
    expect(google.status).toBe(200);
    expect(models()).toEqual(['large', 'small', 'large', 'large', 'large', 'large']);
  });

  it('goes on with the default when what it chose fails', async () => {
    const { url } = await open(smart);
    provider.script([{ match: { model: 'large' }, reply: { error: { status: 503, message: 'no' } } }]);
    const answer = await ask(url, HARD);
    expect(answer.headers.get('x-nexus-routed-model')).toBe('small');
    expect(models()).toEqual(['large', 'small']);
  });

  it('explains itself without calling anybody', async () => {
    const { nexus } = await open(smart);
    const body = JSON.stringify({ model: 'helper', messages: [{ role: 'user', content: HARD }] });
    const explained = await nexus.explain('http://n/llm/v1/chat/completions', {
      method: 'POST',
      body,
      headers: JSON_BODY,
    });
    expect(explained.smart).toEqual({
      route: 'helper',
      classifier: 'heuristic',
      task: 'maths',
      difficulty: 'high',
      why: 'by its words, maths of high difficulty',
    });
    expect(explained.targets[0]?.target).toBe('p/large');
    expect(provider.requests).toEqual([]);
  });
});

describe('smart, by a model that is asked', () => {
  it('shows it the names on offer and the last text alone, and does as it says', async () => {
    const { url } = await open(asked);
    judgeSays('p/large');
    const messages = [
      { role: 'system', content: 'the system text' },
      { role: 'user', content: 'an earlier text' },
      { role: 'assistant', content: 'an answer' },
      {
        role: 'user',
        content: [
          { type: 'text', text: `a question ${'x'.repeat(3000)} its end` },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,aGVsbG8=' } },
        ],
      },
    ];
    const tools = [{ type: 'function', function: { name: 'a_tool', parameters: {} } }];
    const answer = await ask(url, '', { authorization: 'Bearer mine' }, { messages, tools, temperature: 0.9 });
    expect(answer.status).toBe(200);
    expect(models()).toEqual(['judge', 'large']);
    const question = provider.requests[0]?.body;
    expect(question).toMatchObject({ model: 'judge', temperature: 0, max_tokens: 64 });
    expect(Object.keys(question ?? {}).sort()).toEqual(['max_tokens', 'messages', 'model', 'temperature']);
    const text = JSON.stringify(question);
    for (const hidden of ['the system text', 'an earlier text', 'an answer', 'a_tool', 'aGVsbG8=']) {
      expect(text).not.toContain(hidden);
    }
    const [system, user] = member(question, 'messages') as { content: string }[];
    expect(system?.content).toContain('- p/small ($1 in, $2 out per million tokens; small model)');
    expect(system?.content).toContain(
      '- p/large ($10 in, $20 out per million tokens; large model; good at maths, code)',
    );
    expect(user?.content.length).toBeLessThan(2050);
    expect(user?.content).toMatch(/^<request>\na question x.* its end\n<\/request>$/s);
  });

  it('asks once for the same text, and again for another', async () => {
    const { url } = await open(asked);
    provider.script([{ match: { model: 'judge' }, times: 9, reply: { text: 'p/large' } }]);
    for (const text of ['one', 'one', 'two', 'one']) await ask(url, text);
    expect(models()).toEqual(['judge', 'large', 'large', 'judge', 'large', 'large']);
  });

  it('writes down what asking has cost, beside the cost of the answer', async () => {
    const { url } = await open(asked);
    provider.script([
      { match: { model: 'judge' }, reply: { text: 'p/large', usage: { input: 100, output: 5 } } },
      { match: { model: 'large' }, reply: { text: 'yes', usage: { input: 10, output: 3 } } },
    ]);
    await ask(url, 'one');
    const record = await lastRecord();
    expect(record).toMatchObject({
      provider: 'p',
      model: 'large',
      usage: { input: 10, output: 3 },
      cost: { nanoUsd: 160_000 },
      totalNanoUsd: 270_000,
    });
    expect(record.attempts.length).toBe(1);
    expect(record.charges).toMatchObject([
      {
        purpose: 'router',
        provider: 'p',
        model: 'judge',
        usage: { input: 100, output: 5 },
        usageSource: 'reported',
        cost: { nanoUsd: 110_000 },
      },
    ]);
  });

  it('counts what asking took for the token limits of the caller', async () => {
    const { url } = await open(asked, { tokenLimits: { all: { limit: 150, interval: '1h', by: 'everyone' } } });
    provider.script([
      { match: { model: 'judge' }, reply: { text: 'p/small', usage: { input: 100, output: 5 } } },
      { match: { model: 'small' }, reply: { text: 'yes', usage: { input: 10, output: 3 } } },
    ]);
    expect((await ask(url, 'one')).status).toBe(200);
    await lastRecord();
    // 118 of 150 are gone; without those of the classifier, it would be 13.
    expect((await ask(url, 'one', {}, { max_tokens: 60 })).status).toBe(429);
  });

  it.each([
    ['a name that is not on offer', { text: 'gpt-9' }],
    ['an explanation', { text: 'I would take p/large, because it is hard.' }],
    ['nothing', { text: '' }],
    ['a tool call', { toolCalls: [{ name: 'p/large' }] }],
    ['an error', { error: { status: 500, message: 'no' } }],
    ['a refusal of our key', { error: { status: 401, message: 'no' } }],
    ['what is no answer', { fault: 'wrong-shape' as const }],
    ['what is no JSON', { fault: 'html' as const }],
    ['a reset', { fault: 'reset' as const }],
  ])('takes the default when it says %s, and does not remember that', async (_, reply) => {
    const { url } = await open(asked);
    provider.script([{ match: { model: 'judge' }, times: 1, reply }]);
    const answer = await ask(url, HARD);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-nexus-routed-model')).toBe('small');
    expect(answer.headers.get('x-nexus-attempts')).toBe('1');
    judgeSays('p/large');
    expect((await ask(url, HARD)).headers.get('x-nexus-routed-model')).toBe('large');
  });

  it('waits three seconds for it, and writes down what that may have cost', async () => {
    // A clock on which three seconds pass in a tenth of one.
    const { url } = await open(asked, {}, { runtime: { elapsed: () => performance.now() * 30 } });
    provider.script([{ match: { model: 'judge' }, reply: { fault: 'hang' } }]);
    const answer = await ask(url, HARD);
    expect(answer.headers.get('x-nexus-routed-model')).toBe('small');
    const { charges } = await lastRecord();
    expect(charges).toMatchObject([{ purpose: 'router', model: 'judge', usageSource: 'estimated' }]);
    expect(charges[0]?.usage.input).toBeGreaterThan(50);
  });

  it('does not ask one that has just failed again and again', async () => {
    const routes: Routes = { helper: { ...asked['helper'], breaker: { failures: 1 } } };
    const { url } = await open(routes);
    provider.script([{ match: { model: 'judge' }, reply: { error: { status: 500, message: 'no' } } }]);
    for (const text of ['one', 'two', 'three']) await ask(url, text);
    expect(models()).toEqual(['judge', 'small', 'small', 'small']);
  });

  it('may be a route, and a model of another dialect', async () => {
    const routes: Routes = {
      helper: { ...asked['helper'], classifier: 'route:judges' },
      judges: { targets: ['p/judge', 'claude/haiku'] },
    };
    const { url } = await open(routes);
    provider.script([
      { match: { model: 'judge' }, reply: { error: { status: 503, message: 'no' } } },
      { match: { model: 'haiku' }, reply: { text: 'p/large' } },
    ]);
    expect((await ask(url, 'one')).headers.get('x-nexus-routed-model')).toBe('large');
    expect(models()).toEqual(['judge', 'haiku', 'large']);
    expect(provider.requests[1]?.body).toMatchObject({ max_tokens: 64, temperature: 0 });
  });

  it('is asked where branches lead to it, and for nobody else: not by explain, nor where one target is left', async () => {
    const routes: Routes = {
      ...asked,
      gate: {
        strategy: 'conditional',
        default: 'p/small',
        branches: [{ when: { 'request.priority': 'quality' }, use: 'route:helper' }],
      },
    };
    const { url, nexus } = await open(routes);
    judgeSays('p/large');
    await ask(url, 'one', {}, { model: 'gate' });
    const quality = { 'x-nexus-priority': 'quality' };
    const body = JSON.stringify({ model: 'gate', messages: [{ role: 'user', content: 'one' }] });
    const explaining = () =>
      nexus.explain('http://n/llm/v1/chat/completions', {
        method: 'POST',
        body,
        headers: { ...JSON_BODY, ...quality },
      });
    expect((await explaining()).smart).toMatchObject({ route: 'helper', classifier: 'p/judge' });
    expect(models()).toEqual(['small']);
    await ask(url, 'one', quality, { model: 'gate' });
    expect(models()).toEqual(['small', 'judge', 'large']);
    expect((await explaining()).smart?.why).toContain('within ten minutes');
    expect((await explaining()).targets[0]?.target).toBe('p/large');
  });

  it('does not keep a client that has left waiting for anything', async () => {
    const { url } = await open(asked);
    provider.script([{ match: { model: 'judge' }, reply: { fault: 'hang' } }]);
    const gone = new AbortController();
    const answer = fetch(`${url}/llm/v1/chat/completions`, {
      method: 'POST',
      headers: JSON_BODY,
      body: JSON.stringify({ model: 'helper', messages: [{ role: 'user', content: 'one' }] }),
      signal: gone.signal,
    }).catch(() => undefined);
    await provider.waitFor(({ requests }) => requests.length === 1);
    gone.abort();
    await answer;
    await provider.waitFor(({ requests }) => requests[0]?.ended === 'aborted');
    const { error, usage, charges } = await lastRecord();
    expect([error, usage]).toEqual(['client_closed', undefined]);
    expect(charges).toMatchObject([{ purpose: 'router', usageSource: 'estimated_partial' }]);
    expect(models()).toEqual(['judge']);
  });
});

describe('X-Nexus-Priority', () => {
  const routes: Routes = { helper: { targets: TARGETS, callerPriority: true } };

  it('orders the targets, and is not handed on', async () => {
    const { url } = await open(routes);
    await ask(url, 'hi', { 'x-nexus-priority': 'quality', 'x-other': 'yes' });
    await ask(url, 'hi', { 'x-nexus-priority': 'cost' });
    await ask(url, 'hi');
    expect(models()).toEqual(['large', 'small', 'small']);
    expect(provider.requests[0]?.headers).toMatchObject({ 'x-other': 'yes' });
    expect(provider.requests[0]?.headers).not.toHaveProperty('x-nexus-priority');
  });

  it('goes before what smart would choose, and spares its classifier', async () => {
    const { url } = await open({ helper: { ...asked['helper'], callerPriority: true } });
    await ask(url, HARD, { 'x-nexus-priority': 'cost' });
    expect(models()).toEqual(['small']);
  });

  it('is a 400 in the dialect when nobody knows it, whether or not the route heeds it', async () => {
    const { url } = await open({ ...routes, deaf: { targets: ['p/small'] } });
    for (const model of ['helper', 'deaf']) {
      const answer = await ask(url, 'hi', { 'x-nexus-priority': 'fastest' }, { model });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({
        error: {
          message: 'The header X-Nexus-Priority must be latency, cost or quality',
          type: 'invalid_request_error',
          param: 'X-Nexus-Priority',
        },
      });
    }
    expect(provider.requests).toEqual([]);
  });
});

describe('attempts that were billed', () => {
  it('stand in the record of the request that was answered by another target', async () => {
    const { url } = await open(
      { helper: { targets: ['p/small', 'p/large'], firstByteTimeout: '20s' } },
      {},
      { runtime: { elapsed: () => performance.now() * 20 } },
    );
    provider.script([
      { match: { model: 'small' }, reply: { fault: 'hang' } },
      { match: { model: 'large' }, reply: { text: 'yes', usage: { input: 10, output: 3 } } },
    ]);
    expect((await ask(url, 'a question that is read and never answered')).status).toBe(200);
    const { charges, cost, totalNanoUsd } = await lastRecord();
    expect(cost?.nanoUsd).toBe(160_000);
    expect(charges).toMatchObject([{ purpose: 'attempt', provider: 'p', model: 'small', usageSource: 'estimated' }]);
    const [charge] = charges;
    expect(charge?.usage.input).toBeGreaterThan(5);
    expect(charge?.usage.output).toBe(0);
    expect(totalNanoUsd).toBe(160_000 + (charge?.usage.input ?? 0) * 1000);
  });

  it('are not made up of refusals', async () => {
    const { url } = await open({ helper: { targets: ['p/small', 'p/large'] } });
    provider.script([{ match: { model: 'small' }, reply: { error: { status: 503, message: 'no' } } }]);
    await ask(url, 'hi');
    const { charges, cost, totalNanoUsd } = await lastRecord();
    expect(charges).toEqual([]);
    expect(totalNanoUsd).toBe(cost?.nanoUsd);
  });
});
