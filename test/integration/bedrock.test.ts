import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Anthropic from '@anthropic-ai/sdk';
import { createNexus, type Nexus, type NexusConfig, type RequestRecord } from 'nexus-ai';
import { createFakeProvider, type FakeProvider } from 'nexus-ai/testing';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

/*
 * Stock clients through Nexus to Amazon Bedrock: the real AWS SDK signs, a fake of the service answers over loopback.
 */

const CLAUDE = 'us.anthropic.claude-sonnet-4-20250514-v1:0';
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

let upstream: FakeProvider;
let nexus: Nexus;
let openai: OpenAI;
let anthropic: Anthropic;
const records: RequestRecord[] = [];

type BedrockConfig = NonNullable<NonNullable<NexusConfig['llm']>['providers']>[string];

const bedrock = (more: Partial<BedrockConfig> = {}): BedrockConfig => ({
  type: 'bedrock',
  region: 'eu-central-1',
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: SECRET,
  baseUrl: upstream.url,
  ...more,
});

function clientsOf(instance: Nexus) {
  const fetch = instance.fetch as typeof globalThis.fetch;
  return {
    openai: new OpenAI({ apiKey: 'k', baseURL: 'http://nexus/llm/v1', maxRetries: 0, fetch }),
    anthropic: new Anthropic({ apiKey: 'k', baseURL: 'http://nexus/llm', maxRetries: 0, fetch }),
  };
}

beforeAll(async () => {
  upstream = await createFakeProvider();
  nexus = createNexus(
    { llm: { retry: { attempts: 1 }, providers: { bedrock: bedrock({ models: { claude: { upstream: CLAUDE } } }) } } },
    { sinks: [(record) => void records.push(record)] },
  );
  ({ openai, anthropic } = clientsOf(nexus));
});
afterEach(() => {
  upstream.reset();
  records.length = 0;
});
afterAll(async () => {
  await nexus.close();
  await upstream.close();
});

const question = [{ role: 'user' as const, content: 'Hi' }];
const weather: OpenAI.ChatCompletionFunctionTool = {
  type: 'function',
  function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
};

// biome-ignore lint/suspicious/noExplicitAny: bodies are looked into without asking at every step what is there
const sent = (index = -1): any => upstream.requests.at(index)?.body;

describe('a plain call', () => {
  it('is signed for the configured region and answers', async () => {
    upstream.reply({ text: 'Hello!', usage: { input: 100, output: 7, cacheRead: 60, cacheWrite: 30 } });
    const answer = await openai.chat.completions.create({
      model: `bedrock/${CLAUDE}`,
      messages: [{ role: 'system', content: 'Be brief.' }, ...question],
      max_completion_tokens: 50,
    });
    expect(answer.choices[0]?.message.content).toBe('Hello!');
    expect(answer.choices[0]?.finish_reason).toBe('stop');
    expect(answer.usage).toMatchObject({ prompt_tokens: 100, completion_tokens: 7, total_tokens: 107 });
    expect(answer.usage?.prompt_tokens_details?.cached_tokens).toBe(60);

    const request = upstream.requests.at(-1);
    expect(request?.path).toBe(`/model/${encodeURIComponent(CLAUDE)}/converse`);
    expect(request?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\/\d{8}\/eu-central-1\/bedrock\/aws4_request, /,
    );
    expect(request?.headers['x-amz-date']).toMatch(/^\d{8}T\d{6}Z$/);
    expect(request?.headers['content-type']).toBe('application/json');
    expect(JSON.stringify(request?.headers)).not.toContain(SECRET);
    expect(request?.body).toEqual({
      system: [{ text: 'Be brief.' }],
      messages: [{ role: 'user', content: [{ text: 'Hi' }] }],
      inferenceConfig: { maxTokens: 50 },
    });
  });

  it('sends the token of temporary keys', async () => {
    await using instance = createNexus({ llm: { providers: { aws: bedrock({ sessionToken: 'temporary-token' }) } } });
    await clientsOf(instance).openai.chat.completions.create({ model: `aws/${CLAUDE}`, messages: question });
    expect(upstream.requests.at(-1)?.headers['x-amz-security-token']).toBe('temporary-token');
  });

  it('puts an ARN into the path as one segment, below the base URL', async () => {
    await using instance = createNexus({ llm: { providers: { aws: bedrock({ baseUrl: `${upstream.url}/vpc` }) } } });
    const arn = 'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-x';
    await clientsOf(instance)
      .openai.chat.completions.create({ model: `aws/${arn}`, messages: question })
      .catch(() => undefined);
    expect(upstream.requests.at(-1)?.path).toBe(`/vpc/model/${encodeURIComponent(arn)}/converse`);
  });

  it('goes through a fetch of the host', async () => {
    const urls: string[] = [];
    await using instance = createNexus(
      { llm: { retry: { attempts: 1 }, providers: { aws: bedrock() } } },
      {
        fetch: (url, init) => {
          urls.push(url);
          return fetch(url, init);
        },
      },
    );
    upstream.reply({ text: 'Fetched.' });
    const answer = await clientsOf(instance).openai.chat.completions.create({
      model: `aws/${CLAUDE}`,
      messages: question,
    });
    expect(answer.choices[0]?.message.content).toBe('Fetched.');
    expect(urls).toEqual([`${upstream.url}/model/${encodeURIComponent(CLAUDE)}/converse`]);
  });
});

describe('a stream', () => {
  it('reaches an OpenAI client with usage and finish', async () => {
    upstream.reply({ text: 'Grüße aus Fränkfurt 🚀', chunkSize: 3, usage: { input: 9, output: 4 } });
    const stream = await openai.chat.completions.create({
      model: 'bedrock/claude',
      messages: question,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let finish: unknown;
    let usage: unknown;
    for await (const chunk of stream) {
      expect(chunk.model).toBe('bedrock/claude');
      text += chunk.choices[0]?.delta.content ?? '';
      finish = chunk.choices[0]?.finish_reason ?? finish;
      usage = chunk.usage ?? usage;
    }
    expect(text).toBe('Grüße aus Fränkfurt 🚀');
    expect(finish).toBe('stop');
    expect(usage).toMatchObject({ prompt_tokens: 9, completion_tokens: 4 });
    expect(upstream.requests.at(-1)?.path).toMatch(/\/converse-stream$/);
  });

  it('reaches an Anthropic client, calls included', async () => {
    const toolCalls = [{ name: 'get_weather', arguments: { city: 'Rome' } }, { name: 'now' }];
    upstream.reply({ text: 'Let me look.', toolCalls });
    const message = await anthropic.messages
      .stream({ model: 'bedrock/claude', max_tokens: 100, messages: question })
      .finalMessage();
    expect(message.content.map(({ type }) => type)).toEqual(['text', 'tool_use', 'tool_use']);
    expect(message.content[1]).toMatchObject({ name: 'get_weather', input: { city: 'Rome' } });
    expect(message.content[2]).toMatchObject({ name: 'now', input: {} });
    expect(message.stop_reason).toBe('tool_use');
  });

  it.each(['split-events', 'slow-drip', 'one-packet'] as const)('survives %s', async (fault) => {
    upstream.reply({ text: 'A few words.', fault });
    const text = openai.chat.completions.stream({ model: 'bedrock/claude', messages: question });
    expect(await text.finalContent()).toBe('A few words.');
  });
});

describe('tools', () => {
  it('go to and fro', async () => {
    upstream.reply({ toolCalls: [{ id: 'tooluse_1', name: 'get_weather', arguments: { city: 'Rome' } }] });
    const first = await openai.chat.completions.create({
      model: 'bedrock/claude',
      messages: question,
      tools: [weather],
      tool_choice: 'required',
    });
    expect(sent().toolConfig.toolChoice).toEqual({ any: {} });
    const call = first.choices[0]?.message.tool_calls?.[0];
    expect(call).toMatchObject({ id: 'tooluse_1', function: { name: 'get_weather', arguments: '{"city":"Rome"}' } });
    expect(first.choices[0]?.finish_reason).toBe('tool_calls');

    upstream.reply({ text: 'Sunny.' });
    await openai.chat.completions.create({
      model: 'bedrock/claude',
      messages: [
        ...question,
        { role: 'assistant', content: null, tool_calls: first.choices[0]?.message.tool_calls ?? [] },
        { role: 'tool', tool_call_id: 'tooluse_1', content: 'sun' },
        { role: 'user', content: 'And?' },
      ],
      tools: [weather],
      tool_choice: 'none',
    });
    expect(sent().messages.slice(1)).toEqual([
      {
        role: 'assistant',
        content: [{ toolUse: { toolUseId: 'tooluse_1', name: 'get_weather', input: { city: 'Rome' } } }],
      },
      {
        role: 'user',
        content: [{ toolResult: { toolUseId: 'tooluse_1', content: [{ text: 'sun' }] } }, { text: 'And?' }],
      },
    ]);
    expect(sent().toolConfig.tools).toHaveLength(1);
    expect(sent().toolConfig.toolChoice).toBeUndefined();
  });
});

describe('reasoning', () => {
  const thought = { text: 'Think hard.', signature: 'c2lnbmF0dXJl+/==' };
  const redacted = Buffer.from('RXRrRUNr').toString('base64');
  const body = JSON.stringify({
    output: {
      message: {
        role: 'assistant',
        content: [
          { reasoningContent: { reasoningText: thought } },
          { reasoningContent: { redactedContent: redacted } },
          { toolUse: { toolUseId: 'tooluse_2', name: 'get_weather', input: {} } },
        ],
      },
    },
    stopReason: 'tool_use',
    usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
  });

  it('of Claude comes back to it byte for byte', async () => {
    upstream.reply({ body });
    const options = {
      model: 'bedrock/claude',
      max_tokens: 4000,
      thinking: { type: 'enabled' as const, budget_tokens: 1024 },
      tools: [{ name: 'get_weather', input_schema: { type: 'object' as const } }],
    };
    const first = await anthropic.messages.create({ ...options, messages: question });
    expect(first.content.slice(0, 2)).toEqual([
      { type: 'thinking', thinking: thought.text, signature: thought.signature },
      { type: 'redacted_thinking', data: 'RXRrRUNr' },
    ]);
    await anthropic.messages.create({
      ...options,
      messages: [
        ...question,
        { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'tooluse_2', content: 'sun' }] },
      ],
    });
    expect(sent().messages[1].content.slice(0, 2)).toEqual([
      { reasoningContent: { reasoningText: thought } },
      { reasoningContent: { redactedContent: redacted } },
    ]);
    expect(sent().additionalModelRequestFields).toEqual({ thinking: { type: 'enabled', budget_tokens: 1024 } });
  });

  it('of Claude does not go to another model', async () => {
    upstream.reply({ body });
    const first = await anthropic.messages.create({ model: 'bedrock/claude', max_tokens: 10, messages: question });
    await anthropic.messages.create({
      model: 'bedrock/amazon.nova-pro-v1:0',
      max_tokens: 10,
      messages: [
        ...question,
        { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'tooluse_2', content: 'sun' }] },
      ],
    });
    expect(JSON.stringify(sent())).not.toContain('reasoningContent');
  });
});

async function refusal(call: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  const error = await call.then(
    () => undefined,
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(OpenAI.APIError);
  return error;
}

const ask = () => openai.chat.completions.create({ model: 'bedrock/claude', messages: question });

describe('a refusal', () => {
  it.each([
    [400, undefined, 400, 'upstream_rejected', 'Invalid request: no'],
    [403, 'AccessDeniedException', 502, 'upstream_auth', "The provider refused this gateway's API key"],
    [403, 'ExpiredTokenException', 502, 'upstream_auth', "The provider refused this gateway's API key"],
    [404, undefined, 404, 'upstream_rejected', 'no'],
    [408, undefined, 504, 'upstream_timeout', 'Provider API error (408): no'],
    [424, undefined, 502, 'upstream_unavailable', 'Provider API error (424): no'],
    [429, undefined, 429, 'upstream_rate_limited', 'Rate limit exceeded: no'],
    [429, 'ModelNotReadyException', 429, 'upstream_rate_limited', 'Rate limit exceeded: no'],
    [500, undefined, 500, 'upstream_failed', 'no'],
    [503, undefined, 502, 'upstream_unavailable', 'Provider API error (503): no'],
  ])('%i %s becomes %i', async (status, type, expected, code, message) => {
    upstream.reply({ error: { status, message: 'no', ...(type === undefined ? {} : { type }) } });
    const error = await refusal(ask());
    expect(error.status).toBe(expected);
    expect(error.headers?.get('x-nexus-error')).toBe(code);
    expect(error.message).toContain(message);
  });

  it('keeps account numbers and key ids to itself', async () => {
    const arn = 'arn:aws:bedrock:us-east-1:123456789012:inference-profile/x';
    upstream.reply({ error: { status: 400, message: `${arn} is not for AKIAIOSFODNN7EXAMPLE` } });
    const { message } = await refusal(ask());
    expect(message).toContain('arn:aws:bedrock:us-east-1:[account]:inference-profile/x is not for [key]');
  });

  it.each([
    ['throttlingException', 429, 429],
    ['validationException', 400, 400],
    ['modelStreamErrorException', 424, 502],
    ['serviceUnavailableException', 503, 502],
    ['internalServerException', 500, 500],
    ['modelTimeoutException', 408, 504],
  ])('as first frame of a stream, %s, is a status', async (type, status, expected) => {
    upstream.reply({ fault: 'error-first-event', error: { status, type, message: 'not now' } });
    const error = await refusal(
      openai.chat.completions.create({ model: 'bedrock/claude', messages: question, stream: true }),
    );
    expect(error.status).toBe(expected);
    expect(error.message).toContain('not now');
  });

  it('in mid-stream is an error event, then the end', async () => {
    const error = { status: 424, type: 'ModelStreamErrorException', message: 'the model broke' };
    upstream.reply({ text: 'Some words.', fault: 'error-in-stream', after: 2, chunkSize: 2, error });
    const stream = await openai.chat.completions.create({ model: 'bedrock/claude', messages: question, stream: true });
    let text = '';
    const reading = (async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    })();
    await expect(reading).rejects.toThrow('the model broke');
    expect(text).toBe('Some');
  });

  it('of a stream cut inside a frame is told', async () => {
    upstream.reply({ text: 'Some words.', fault: 'close', after: 2, chunkSize: 2 });
    const stream = anthropic.messages.stream({ model: 'bedrock/claude', max_tokens: 10, messages: question });
    await expect(stream.finalMessage()).rejects.toThrow();
    expect(records[0]?.error).toMatch(/^(stream_truncated|upstream_unavailable)$/);
  });

  it('of frames is no answer lost: one that came whole is streamed', async () => {
    upstream.reply({ text: 'All at once.', fault: 'json-for-sse' });
    const text = openai.chat.completions.stream({ model: 'bedrock/claude', messages: question });
    expect(await text.finalContent()).toBe('All at once.');
  });

  it.each(['html', 'empty'] as const)('of %s instead of frames is an upstream failure', async (fault) => {
    upstream.reply({ text: 'x', fault });
    const error = await refusal(
      openai.chat.completions.create({ model: 'bedrock/claude', messages: question, stream: true }),
    );
    expect(error.status).toBe(502);
  });
});

describe('the client leaving', () => {
  it('ends the call upstream', async () => {
    upstream.reply({ text: 'word '.repeat(400), chunkSize: 5, pace: 20 });
    const leaving = new AbortController();
    const stream = await openai.chat.completions.create(
      { model: 'bedrock/claude', messages: question, stream: true },
      { signal: leaving.signal },
    );
    for await (const _ of stream) break;
    leaving.abort();
    await upstream.waitFor(({ bill }) => bill.aborted === 1);
    expect(upstream.bill.openStreams).toBe(0);
  });
});

describe('credentials', () => {
  it('that cannot be found are our failure, told without a word about where they were looked for', async () => {
    const instance = createNexus({
      llm: { providers: { aws: { type: 'bedrock', baseUrl: upstream.url, profile: 'no-such-profile-anywhere' } } },
    });
    const error = await refusal(
      clientsOf(instance).openai.chat.completions.create({ model: `aws/${CLAUDE}`, messages: question }),
    );
    expect(error.status).toBe(502);
    expect(error.message).toContain("No usable AWS credentials for provider 'aws'");
    expect(error.message).not.toContain('no-such-profile');
    expect(upstream.requests).toHaveLength(0);
    await instance.close();
  });

  it.each([
    [{ secretAccessKey: undefined }, 'secretAccessKey'],
    [{ accessKeyId: undefined }, 'accessKeyId'],
    [{ accessKeyId: undefined, secretAccessKey: undefined, sessionToken: 't' }, 'sessionToken'],
    [{ profile: 'p' }, 'profile'],
    [{ apiKey: 'k' }, 'apiKey'],
    [{ forwardToken: true }, 'forwardToken'],
    [{ headers: [{ rule: 'insert', name: 'x-a', value: 'b' }] }, 'headers'],
    [{ models: { m: { headers: [{ rule: 'insert', name: 'x-a', value: 'b' }] } } }, 'models.m.headers'],
    [{ apiVersion: '2024' }, 'apiVersion'],
    [{ region: 'us east' }, 'region'],
  ])('configured as %j are refused', (more, key) => {
    const given = Object.fromEntries(
      Object.entries({ ...bedrock(), ...more }).filter(([, value]) => value !== undefined),
    );
    expect(() => createNexus({ llm: { providers: { aws: given as BedrockConfig } } })).toThrow(
      new RegExp(`llm\\.providers\\.aws\\.${key.replaceAll('.', '\\.')}: `),
    );
  });

  it.each(['region', 'accessKeyId', 'profile'])('%s means nothing to other vendors', (key) => {
    const providers = { openai: { type: 'openai' as const, apiKey: 'k', [key]: 'value' } };
    expect(() => createNexus({ llm: { providers } })).toThrow(`llm.providers.openai.${key}: has no meaning`);
  });
});

describe('its models', () => {
  it('are those it lists, by their ids and by profiles, asked for with a signature', async () => {
    const asked: { url: string | undefined; signed: boolean }[] = [];
    const profile = 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0';
    const lists = new Map<string, object>([
      ['/foundation-models', { modelSummaries: [{ modelId: 'amazon.nova-pro-v1:0', outputModalities: ['TEXT'] }] }],
      ['/inference-profiles', { inferenceProfileSummaries: [{ inferenceProfileId: profile, status: 'ACTIVE' }] }],
    ]);
    const service = createServer((request, response) => {
      const { authorization = '' } = request.headers;
      asked.push({ url: request.url, signed: authorization.startsWith('AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7') });
      response.end(JSON.stringify(lists.get(request.url?.split('?')[0] ?? '')));
    });
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
    await using instance = createNexus({ llm: { providers: { bedrock: bedrock({ baseUrl }) } } });
    const { data } = await clientsOf(instance).openai.models.list();
    service.close();
    expect(data.map(({ id, owned_by }) => [id, owned_by])).toEqual([
      ['amazon.nova-pro-v1:0', 'amazon'],
      [profile, 'bedrock'],
    ]);
    expect(asked).toEqual([
      { url: '/foundation-models?byInferenceType=ON_DEMAND', signed: true },
      { url: '/inference-profiles?maxResults=1000', signed: true },
    ]);
  });
});
