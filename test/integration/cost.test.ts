import { createNexus, type Nexus, type NexusConfig, type RequestRecord } from 'nexus-ai';
import { createReplayer, type RecordedExchange, type Replayer } from 'nexus-ai/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordings } from '../wire/corpus.ts';

/*
 * Every recorded answer with counts, through Nexus over sockets, relayed and translated: its record must have what the
 * recording says, the model that answered too, and cost what that comes to, to the nano-dollar. The bill is worked out here, from the raw counts and
 * decimal texts with big integers.
 */

/** US dollars per million tokens, odd on purpose. */
const PRICE = {
  input: 1.234567,
  output: 9.87654321,
  cacheRead: 0.1230001,
  cacheWrite: 1.5432,
  cacheWrite1h: 2.4681012,
  reasoning: 11.13,
};

type Counts = Record<keyof typeof PRICE, number>;
type Raw = Record<string, unknown>;

/** A decimal per million times a count, in 10^-20 dollars. */
function amount(perMillion: number, count: number): bigint {
  const [whole = '', fraction = ''] = String(perMillion).split('.');
  return BigInt(whole + fraction.padEnd(14, '0')) * BigInt(count);
}

function bill(counts: Counts): number {
  let total = 0n;
  for (const kind of Object.keys(PRICE) as (keyof typeof PRICE)[]) total += amount(PRICE[kind], counts[kind]);
  return Number((total + 10n ** 11n - 1n) / 10n ** 11n);
}

const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
const inside = (value: unknown, member: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, member) : undefined;

/** How each dialect counts: what its totals hold, by the vendors' documentation. */
const COUNTS: Record<string, (usage: Raw) => Counts> = {
  'chat.completions': (usage) => {
    const read = usage['prompt_tokens_details'];
    const cacheRead = number(inside(read, 'cached_tokens'));
    const cacheWrite = number(inside(read, 'cache_write_tokens'));
    const reasoning = number(inside(usage['completion_tokens_details'], 'reasoning_tokens'));
    const input = number(usage['prompt_tokens']) - cacheRead - cacheWrite;
    return {
      input,
      cacheRead,
      cacheWrite,
      cacheWrite1h: 0,
      reasoning,
      output: number(usage['completion_tokens']) - reasoning,
    };
  },
  responses: (usage) => {
    const cacheRead = number(inside(usage['input_tokens_details'], 'cached_tokens'));
    const reasoning = number(inside(usage['output_tokens_details'], 'reasoning_tokens'));
    const input = number(usage['input_tokens']) - cacheRead;
    return {
      input,
      cacheRead,
      cacheWrite: 0,
      cacheWrite1h: 0,
      reasoning,
      output: number(usage['output_tokens']) - reasoning,
    };
  },
  messages: (usage) => {
    const cacheWrite1h = number(inside(usage['cache_creation'], 'ephemeral_1h_input_tokens'));
    const reasoning = number(inside(usage['output_tokens_details'], 'thinking_tokens'));
    return {
      input: number(usage['input_tokens']),
      cacheRead: number(usage['cache_read_input_tokens']),
      cacheWrite: number(usage['cache_creation_input_tokens']) - cacheWrite1h,
      cacheWrite1h,
      reasoning,
      output: number(usage['output_tokens']) - reasoning,
    };
  },
  generateContent: (usage) => {
    const cacheRead = number(usage['cachedContentTokenCount']);
    return {
      input: number(usage['promptTokenCount']) + number(usage['toolUsePromptTokenCount']) - cacheRead,
      cacheRead,
      cacheWrite: 0,
      cacheWrite1h: 0,
      reasoning: number(usage['thoughtsTokenCount']),
      output: number(usage['candidatesTokenCount']),
    };
  },
};

/** What a recorded answer says: of a stream, each of its events. */
function framesOf({ response }: RecordedExchange): unknown[] {
  if (response.text === undefined) return [response.body];
  return [...response.text.matchAll(/^data: ?(\{.*)$/gm)].map(([, data = '']) => JSON.parse(data));
}

/** The model a recorded answer names first. */
function namedModel(exchange: RecordedExchange): unknown {
  return framesOf(exchange)
    .flatMap((frame) => [frame, inside(frame, 'message'), inside(frame, 'response')])
    .flatMap((holder) => [inside(holder, 'model'), inside(holder, 'modelVersion')])
    .find((name) => typeof name === 'string' && name !== '');
}

/** The raw counts of a recorded answer; of a stream, the last of each count that its events give. */
function rawUsage(exchange: RecordedExchange): Raw | undefined {
  let found: Raw | undefined;
  for (const frame of framesOf(exchange)) {
    const holders = [frame, inside(frame, 'message'), inside(frame, 'response'), inside(frame, 'x_groq')];
    for (const usage of holders.flatMap((holder) => [inside(holder, 'usage'), inside(holder, 'usageMetadata')])) {
      // Google's last word is whole: what it leaves out is nothing.
      if (typeof usage === 'object' && usage !== null) {
        found = { ...('promptTokenCount' in usage ? {} : found), ...usage };
      }
    }
  }
  return found;
}

const VENDORS = [
  { folder: 'openai', provider: 'chat', apis: ['chat.completions'], client: 'chat' },
  { folder: 'deepseek', provider: 'chat', apis: ['chat.completions'], client: 'chat' },
  { folder: 'groq', provider: 'chat', apis: ['chat.completions'], client: 'chat' },
  { folder: 'openai', provider: 'chat', apis: ['chat.completions'], client: 'messages' },
  { folder: 'openai', provider: 'responses', apis: ['responses'], client: 'responses' },
  { folder: 'anthropic', provider: 'anthropic', apis: ['messages'], client: 'messages' },
  { folder: 'anthropic', provider: 'anthropic', apis: ['messages'], client: 'chat' },
  { folder: 'google', provider: 'google', apis: ['generateContent', 'streamGenerateContent'], client: 'google' },
  { folder: 'google', provider: 'google', apis: ['generateContent', 'streamGenerateContent'], client: 'chat' },
] as const;

const ASK: Record<string, (model: string, stream: boolean) => [string, object]> = {
  chat: (model, stream) => ['/llm/v1/chat/completions', { model, stream, messages: [{ role: 'user', content: 'x' }] }],
  responses: (model, stream) => ['/llm/v1/responses', { model, stream, input: 'x', store: false }],
  messages: (model, stream) => [
    '/llm/v1/messages',
    { model, stream, max_tokens: 9, messages: [{ role: 'user', content: 'x' }] },
  ],
  google: (model, stream) => [
    `/llm/google/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    { contents: [{ role: 'user', parts: [{ text: 'x' }] }] },
  ],
};

/** Shapes one of the other dialects has no form for, and streams that are one JSON array: they are other tests' matter. */
const isReadable = ({ request, features, response, api, stream }: RecordedExchange): boolean =>
  response.status === 200 &&
  (api !== 'streamGenerateContent' || request?.path.includes('alt=sse') === true) &&
  (!stream || response.text !== undefined) &&
  !['n_choices', 'audio_out', 'truncated_stream', 'stream_error'].some((feature) => features.includes(feature)) &&
  !JSON.stringify(response.body ?? '').includes('"custom":{');

const records: RequestRecord[] = [];
let replayer: Replayer;
let nexus: Nexus;

beforeAll(async () => {
  replayer = await createReplayer();
  const models = new Map<string, Record<string, { price: Record<string, number> }>>();
  for (const { folder, provider } of VENDORS) {
    const named = models.get(provider) ?? {};
    for (const { model } of recordings(folder) as unknown as RecordedExchange[]) {
      const { cacheWrite1h: cacheWriteHour, ...others } = PRICE;
      if (model !== null) named[model] = { price: { ...others, cacheWriteHour } };
    }
    models.set(provider, named);
  }
  const provider = (name: string, type: 'groq' | 'openai' | 'anthropic' | 'google') => ({
    type,
    apiKey: 'sk-upstream',
    baseUrl: `${replayer.url}/${type === 'google' ? 'v1beta' : 'v1'}`,
    models: models.get(name) ?? {},
  });
  const config: NexusConfig = {
    llm: {
      discovery: { enabled: false },
      retry: { attempts: 1 },
      providers: {
        chat: provider('chat', 'groq'),
        responses: provider('responses', 'openai'),
        anthropic: provider('anthropic', 'anthropic'),
        google: provider('google', 'google'),
      },
    },
  };
  nexus = createNexus(config, { sinks: [(record) => records.push(record)] });
});
afterAll(async () => {
  await nexus.close();
  await replayer.close();
});

describe.each(VENDORS)('$folder $apis behind $client', ({ folder, provider, apis, client }) => {
  const exchanges = (recordings(folder) as unknown as RecordedExchange[])
    .filter((exchange) => (apis as readonly string[]).includes(exchange.api) && isReadable(exchange))
    .map((exchange) => [exchange.id, exchange, rawUsage(exchange)] as const);

  it('has recordings to read', () => expect(exchanges.length).toBeGreaterThan(0));

  it.each(exchanges)('%s', async (_, exchange, raw) => {
    replayer.play(exchange, { cut: exchange.stream ? { seed: 5 } : 'whole' });
    const [path, body] = ASK[client]?.(`${provider}/${exchange.model}`, exchange.stream) ?? ['', {}];
    const headers = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' };
    const answer = await nexus.fetch(`http://nexus${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    await answer.text();
    await new Promise((resolve) => setImmediate(resolve));
    const record = records.at(-1);
    expect(record?.responseModel).toBe(namedModel(exchange));
    if (raw === undefined) {
      expect(record?.usageSource).toBe('estimated');
      return;
    }
    const counts = COUNTS[apis[0]]?.(raw);
    if (counts === undefined) throw new Error('no way to count');
    expect(record).toMatchObject({ status: 200, usageSource: 'reported' });
    expect(record?.cost).toMatchObject({ source: 'config', nanoUsd: bill(counts) });
    // Searches have a price of their own, which this configuration does not give.
    expect(['', 'search']).toContain(record?.cost?.unpriced.join());
    expect(JSON.parse(JSON.stringify(record?.cost))).toEqual(record?.cost);
  });
});
