import { createNexus, type Nexus, type NexusConfig, type RequestRecord } from 'nexus-ai';
import { createReplayer, type RecordedExchange, type Replayer } from 'nexus-ai/testing';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bedrockMessage } from '../../src/testing/bedrock-frames.ts';

/*
 * What Converse offers beside the conversation: a guardrail of the account, which the configuration names, and classes of
 * service, which callers ask for in the words of their own dialect. Answers come in Amazon's binary frames.
 */

const MODEL = 'amazon.nova-pro-v1:0';
const GUARDRAIL = {
  identifier: 'v9kpg6yrwhs2',
  version: '7',
  trace: 'enabled',
  streamProcessingMode: 'async',
} as const;
/** What a guardrail says of why it stepped in: it quotes the caller, and what the model said before. */
const TRACE = { guardrail: { modelOutput: ['Tokyo 1234561666'], inputAssessment: { v9kpg6yrwhs2: {} } } };

type Provider = NonNullable<NonNullable<NexusConfig['llm']>['providers']>[string];

let replayer: Replayer;
let nexus: Nexus;
let openai: OpenAI;
const records: RequestRecord[] = [];

const bedrock = (more: Partial<Provider> = {}): Provider => ({
  type: 'bedrock',
  region: 'eu-central-1',
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'secret',
  baseUrl: replayer.url,
  ...more,
});

beforeAll(async () => {
  replayer = await createReplayer();
  const providers = { guarded: bedrock({ guardrail: GUARDRAIL }), open: bedrock() };
  nexus = createNexus(
    { llm: { discovery: { enabled: false }, retry: { attempts: 1 }, providers } },
    { sinks: [(record) => void records.push(record)] },
  );
  const fetch = nexus.fetch as typeof globalThis.fetch;
  openai = new OpenAI({ apiKey: 'k', baseURL: 'http://nexus/llm/v1', maxRetries: 0, fetch });
});
beforeEach(() => {
  records.length = 0;
});
afterAll(async () => {
  await nexus.close();
  await replayer.close();
});

function exchange(stream: boolean, answer: { body: object } | { base64: string }): RecordedExchange {
  const type = stream ? 'application/vnd.amazon.eventstream' : 'application/json';
  return {
    id: 'constructed',
    source: { repo: '', commit: '', path: '', license: '' },
    conversation: '',
    index: 0,
    provider: 'bedrock',
    api: stream ? 'converse-stream' : 'converse',
    stream,
    model: MODEL,
    request: null,
    response: { status: 200, headers: { 'content-type': type }, ...answer },
    features: [],
  };
}

function frames(...events: (readonly [type: string, payload: object])[]): { base64: string } {
  const messages = events.map(([type, payload]) =>
    bedrockMessage(
      [
        [':event-type', type],
        [':content-type', 'application/json'],
        [':message-type', 'event'],
      ],
      JSON.stringify(payload),
    ),
  );
  return { base64: Buffer.concat(messages).toString('base64') };
}

const usage = { inputTokens: 54, outputTokens: 18, totalTokens: 72 };
const text = (words: string) =>
  ['contentBlockDelta', { contentBlockIndex: 0, delta: { text: words }, p: 'ab' }] as const;
const plain = (words: string, more: object = {}) => ({
  body: {
    output: { message: { role: 'assistant', content: [{ text: words }] } },
    stopReason: 'end_turn',
    usage,
    ...more,
  },
});
const messages = [{ role: 'user' as const, content: 'What is the capital of Japan?' }];

describe('a guardrail', () => {
  it('goes with every call of the provider, and filters an answer', async () => {
    const blocked = plain('{ADDRESS} is the capital of Japan.', { stopReason: 'guardrail_intervened', trace: TRACE });
    const playback = replayer.play(exchange(false, blocked));
    const answer = await openai.chat.completions.create({ model: `guarded/${MODEL}`, messages });
    expect((await playback.request).body).toMatchObject({
      guardrailConfig: { guardrailIdentifier: 'v9kpg6yrwhs2', guardrailVersion: '7', trace: 'enabled' },
    });
    expect((await playback.request).body).not.toHaveProperty('guardrailConfig.streamProcessingMode');
    expect(answer.choices[0]).toMatchObject({
      message: { content: '{ADDRESS} is the capital of Japan.' },
      finish_reason: 'content_filter',
    });
    expect(JSON.stringify(answer)).not.toContain('1234561666');
  });

  it('ends a stream that has begun', async () => {
    const blocked = frames(
      ['messageStart', { role: 'assistant' }],
      text('Tok'),
      text('{BLOCKED}'),
      ['contentBlockStop', { contentBlockIndex: 0 }],
      ['messageStop', { stopReason: 'guardrail_intervened' }],
      ['metadata', { usage, metrics: { latencyMs: 5 }, trace: TRACE }],
    );
    const playback = replayer.play(exchange(true, blocked), { cut: { seed: 7 } });
    const options = { stream: true as const, stream_options: { include_usage: true } };
    const stream = await openai.chat.completions.create({ model: `guarded/${MODEL}`, messages, ...options });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect((await playback.request).path).toMatch(/\/converse-stream$/);
    expect((await playback.request).body).toMatchObject({ guardrailConfig: { streamProcessingMode: 'async' } });
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('Tok{BLOCKED}');
    expect(chunks.flatMap(({ choices }) => choices[0]?.finish_reason ?? [])).toEqual(['content_filter']);
    expect(chunks.at(-1)?.usage).toMatchObject({ prompt_tokens: 54, completion_tokens: 18 });
    expect(JSON.stringify(chunks)).not.toContain('1234561666');
    await expect
      .poll(() => records.some((record) => record.stream && record.finishReason === 'content_filter'))
      .toBe(true);
  });

  it('is not asked for where none is configured, whatever a client says', async () => {
    const playback = replayer.play(exchange(false, plain('Tokyo.')));
    const guardrailConfig = { guardrailIdentifier: 'x', guardrailVersion: '1' };
    const { response } = await openai.chat.completions
      .create({ model: `open/${MODEL}`, messages, guardrailConfig } as OpenAI.ChatCompletionCreateParamsNonStreaming)
      .withResponse();
    expect((await playback.request).body).not.toHaveProperty('guardrailConfig');
    expect(response.headers.get('x-nexus-dropped')).toBe('guardrailConfig');
  });

  it.each([
    [{ version: '1' }, 'guardrail.identifier'],
    [{ identifier: 'abc' }, 'guardrail.version'],
    [{ identifier: 'not an id', version: '1' }, 'guardrail.identifier'],
    [{ identifier: 'abc', version: 'newest' }, 'guardrail.version'],
    [{ identifier: 'abc', version: '1', trace: 'yes' }, 'guardrail.trace'],
    [{ identifier: 'abc', version: '1', streamProcessingMode: 'later' }, 'guardrail.streamProcessingMode'],
    [{ identifier: 'abc', version: '1', mode: 'x' }, 'guardrail.mode'],
  ])('configured as %j is refused', (guardrail, key) => {
    const aws = bedrock({ guardrail: guardrail as NonNullable<Provider['guardrail']> });
    expect(() => createNexus({ llm: { providers: { aws } } })).toThrow(`llm.providers.aws.${key}`);
  });

  it('may be an ARN, and means nothing to other vendors', () => {
    const identifier = 'arn:aws:bedrock:eu-central-1:123456789012:guardrail/v9kpg6yrwhs2';
    const guardrail = { identifier, version: 'DRAFT' };
    expect(() => createNexus({ llm: { providers: { aws: bedrock({ guardrail }) } } })).not.toThrow();
    const other: Provider = { type: 'openai', apiKey: 'k', guardrail };
    expect(() => createNexus({ llm: { providers: { other } } })).toThrow(
      'llm.providers.other.guardrail: has no meaning',
    );
  });
});

describe('a class of service', () => {
  it('is asked for in the words of chat completions, and told in the answer and its record', async () => {
    const playback = replayer.play(exchange(false, plain('Tokyo.', { serviceTier: { type: 'flex' } })));
    const { data, response } = await openai.chat.completions
      .create({ model: `open/${MODEL}`, messages, service_tier: 'flex' })
      .withResponse();
    expect((await playback.request).body).toMatchObject({ serviceTier: { type: 'flex' } });
    expect(data.service_tier).toBe('flex');
    expect(response.headers.get('x-nexus-dropped')).toBeNull();
    await expect.poll(() => records.some(({ usage: used }) => used?.serviceTier === 'flex')).toBe(true);
  });

  it('is told at the end of a stream', async () => {
    const answer = frames(
      ['messageStart', { role: 'assistant' }],
      text('Tokyo.'),
      ['messageStop', { stopReason: 'end_turn' }],
      ['metadata', { usage, metrics: { latencyMs: 5 }, serviceTier: { type: 'priority' } }],
    );
    const playback = replayer.play(exchange(true, answer), { cut: { seed: 3 } });
    const stream = openai.responses.stream({
      model: `open/${MODEL}`,
      input: 'Hi',
      store: false,
      service_tier: 'priority',
    });
    expect((await stream.finalResponse()).service_tier).toBe('priority');
    expect((await playback.request).body).toMatchObject({ serviceTier: { type: 'priority' } });
  });

  it('is asked for in the words of generateContent', async () => {
    const playback = replayer.play(exchange(false, plain('Tokyo.')));
    const reply = await nexus.fetch(
      new Request(`http://nexus/llm/google/v1beta/models/open/${MODEL}:generateContent`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ contents: [{ parts: [{ text: 'Hi' }] }], serviceTier: 'priority' }),
      }),
    );
    expect(reply.status).toBe(200);
    expect((await playback.request).body).toMatchObject({ serviceTier: { type: 'priority' } });
  });

  it.each([
    ['auto', null],
    ['default', null],
    ['scale', 'service_tier'],
  ] as const)('%s is no other than the standard one', async (word, dropped) => {
    const playback = replayer.play(exchange(false, plain('Tokyo.', { serviceTier: { type: 'default' } })));
    const { data, response } = await openai.chat.completions
      .create({ model: `open/${MODEL}`, messages, service_tier: word })
      .withResponse();
    expect((await playback.request).body).not.toHaveProperty('serviceTier');
    expect(data).not.toHaveProperty('service_tier');
    expect(response.headers.get('x-nexus-dropped')).toBe(dropped);
  });
});
