import Anthropic from '@anthropic-ai/sdk';
import { createNexus, type Nexus, type NexusConfig } from 'nexus-ai';
import { type ListeningServer, listen } from 'nexus-ai/node';
import {
  createFakeProvider,
  createReplayer,
  type FakeProvider,
  type RecordedExchange,
  type Replayer,
} from 'nexus-ai/testing';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DIALECTS, type Loose } from '../support/dialects.ts';

/*
 * What must survive translation besides words: proofs of thoughts on their way through a client and back, tools of kinds
 * a vendor does not know, measures of thinking, and the names of what got lost. Stock clients over real sockets.
 */

let provider: FakeProvider;
let replayer: Replayer;
let nexus: Nexus;
let server: ListeningServer;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  provider = await createFakeProvider();
  replayer = await createReplayer();
  const key = { apiKey: 'sk-upstream' };
  const config: NexusConfig = {
    llm: {
      discovery: { enabled: false },
      retry: { attempts: 1 },
      providers: {
        claude: { type: 'anthropic', ...key, baseUrl: `${provider.url}/v1` },
        strict: { type: 'anthropic', ...key, baseUrl: `${provider.url}/v1`, strictParams: true },
        deepseek: { type: 'deepseek', ...key, baseUrl: `${provider.url}/v1` },
        groq: { type: 'groq', ...key, baseUrl: `${provider.url}/v1` },
        gemini: { type: 'google', ...key, baseUrl: `${replayer.url}/v1beta` },
        compatible: { type: 'openai', ...key, baseUrl: `${provider.url}/v1` },
      },
    },
  };
  nexus = createNexus(config);
  server = await listen(nexus, { port: 0 });
  openai = new OpenAI({ apiKey: 'caller', baseURL: `${server.url}/llm/v1`, maxRetries: 0 });
  anthropic = new Anthropic({ apiKey: 'caller', baseURL: `${server.url}/llm`, maxRetries: 0 });
});
beforeEach(() => provider.reset());
afterAll(async () => {
  await server.close({ drain: 0 });
  await Promise.all([provider.close(), replayer.close()]);
});

/** What the vendor was sent last. */
const sent = (): Loose => provider.requests.at(-1)?.body;

/** Google's answer to the next request, in the form recordings have. */
function playGoogle(parts: readonly object[], stream: boolean) {
  const body = {
    candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP', index: 0 }],
    usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 4, totalTokenCount: 7 },
    modelVersion: 'gemini-3-pro',
    responseId: 'r1',
  };
  const exchange: RecordedExchange = {
    id: 'constructed',
    source: { repo: '', commit: '', path: '', license: '' },
    conversation: '',
    index: 0,
    provider: 'google',
    api: stream ? 'streamGenerateContent' : 'generateContent',
    stream,
    model: 'gemini-3-pro',
    request: null,
    response: stream
      ? { status: 200, headers: { 'content-type': 'text/event-stream' }, text: `data: ${JSON.stringify(body)}\r\n\r\n` }
      : { status: 200, headers: { 'content-type': 'application/json' }, body },
    features: [],
  };
  return replayer.play(exchange);
}

const SIGNATURE = 'c2lnbmVkIGJ5IEdvb2dsZQ==';
const SIGNED_CALLS = [
  { functionCall: { name: 'weather', args: { city: 'Oslo' } }, thoughtSignature: SIGNATURE },
  { functionCall: { name: 'weather', args: { city: 'Rome' } } },
];

/** The parts of the model's turn as Google gets them back. */
const echoedCalls = (body: Loose) =>
  body.contents[1].parts.map((part: Loose) => [part.functionCall?.args.city, part.thoughtSignature]);
const ECHOED = [
  ['Oslo', SIGNATURE],
  ['Rome', undefined],
];

describe.each([false, true])("Google's proof of a call, streamed: %s", (stream) => {
  it('comes back through the official Anthropic client', async () => {
    const ask = { model: 'gemini/gemini-3-pro', max_tokens: 100 };
    const tools = [{ name: 'weather', input_schema: { type: 'object' as const } }];
    const question = { role: 'user' as const, content: 'Weather?' };
    playGoogle(SIGNED_CALLS, stream);
    const made = stream
      ? await anthropic.messages.stream({ ...ask, tools, messages: [question] }).finalMessage()
      : await anthropic.messages.create({ ...ask, tools, messages: [question] });
    const uses = made.content.filter((block) => block.type === 'tool_use');
    expect(uses.map(({ input }) => input)).toEqual([{ city: 'Oslo' }, { city: 'Rome' }]);
    const results = uses.map(({ id }) => ({ type: 'tool_result' as const, tool_use_id: id, content: 'cold' }));
    const { request } = playGoogle([{ text: 'Cold.' }], false);
    await anthropic.messages.create({
      ...ask,
      tools,
      messages: [question, { role: 'assistant', content: made.content }, { role: 'user', content: results }],
    });
    expect(echoedCalls((await request).body)).toEqual(ECHOED);
  });

  it('comes back through the official client of responses', async () => {
    const model = 'gemini/gemini-3-pro';
    const tools = [{ type: 'function' as const, name: 'weather', parameters: { type: 'object' }, strict: false }];
    const question = { role: 'user' as const, content: 'Weather?' };
    playGoogle(SIGNED_CALLS, stream);
    const made = stream
      ? await openai.responses.stream({ model, tools, input: [question], store: false }).finalResponse()
      : await openai.responses.create({ model, tools, input: [question], store: false });
    const items = made.output as OpenAI.Responses.ResponseInputItem[];
    const results = items.flatMap((item) =>
      item.type === 'function_call'
        ? [{ type: 'function_call_output' as const, call_id: item.call_id, output: 'cold' }]
        : [],
    );
    const { request } = playGoogle([{ text: 'Cold.' }], false);
    const input = [question, ...items, ...results];
    await openai.responses.create({ model, tools, store: false, input });
    expect(echoedCalls((await request).body)).toEqual(ECHOED);
  });

  it('never reaches Anthropic, when the conversation moves there', async () => {
    playGoogle(SIGNED_CALLS, stream);
    const question = { role: 'user' as const, content: 'Weather?' };
    const ask = { max_tokens: 100, tools: [{ name: 'weather', input_schema: { type: 'object' as const } }] };
    const first = { ...ask, model: 'gemini/gemini-3-pro', messages: [question] };
    const made = stream
      ? await anthropic.messages.stream(first).finalMessage()
      : await anthropic.messages.create(first);
    const results = made.content.flatMap((block) =>
      block.type === 'tool_use' ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: 'cold' }] : [],
    );
    await anthropic.messages.create({
      ...ask,
      model: 'claude/claude-x',
      messages: [question, { role: 'assistant', content: made.content }, { role: 'user', content: results }],
    });
    expect(sent().messages[1].content.map(({ type }: Loose) => type)).toEqual(['tool_use', 'tool_use']);
    expect(JSON.stringify(sent())).not.toContain(SIGNATURE);
  });
});

describe('tools of kinds the vendor does not know', () => {
  const PATCH = '*** Begin "Patch"\n+ é 😀 \\ \t\n*** End';
  const call = { toolCalls: [{ name: 'apply_patch', arguments: { input: PATCH } }] };

  it.each([false, true])('a custom tool of responses, there and back; streamed: %s', async (stream) => {
    const model = 'claude/claude-x';
    const format = { type: 'grammar' as const, syntax: 'lark' as const, definition: 'start: /.+/' };
    const tools = [{ type: 'custom' as const, name: 'apply_patch', description: 'Edits files', format }];
    const ask = {
      model,
      tools,
      input: 'Edit.',
      store: false,
      tool_choice: { type: 'custom' as const, name: 'apply_patch' },
    };
    provider.reply(call);
    const made = stream ? await openai.responses.stream(ask).finalResponse() : await openai.responses.create(ask);
    expect(sent().tools[0]).toMatchObject({ name: 'apply_patch', description: 'Edits files' });
    expect(JSON.stringify(sent().tools[0].input_schema)).toContain('start: /.+/');
    expect(sent().tool_choice).toEqual({ type: 'tool', name: 'apply_patch' });
    const [item] = made.output;
    if (item?.type !== 'custom_tool_call') throw new Error('no call of a custom tool');
    expect(item).toMatchObject({ name: 'apply_patch', input: PATCH });
    const input = [
      { role: 'user' as const, content: 'Edit.' },
      item,
      { type: 'custom_tool_call_output' as const, call_id: item.call_id, output: 'done' },
    ];
    await openai.responses.create({ model, tools, store: false, input });
    expect(sent().messages[1].content).toMatchObject([
      { type: 'tool_use', name: 'apply_patch', input: { input: PATCH } },
    ]);
    expect(sent().messages[2].content).toMatchObject([{ type: 'tool_result', content: 'done' }]);
  });

  it.each([false, true])('a custom tool of chat completions, there and back; streamed: %s', async (stream) => {
    const model = 'claude/claude-x';
    const tools = [{ type: 'custom' as const, custom: { name: 'apply_patch' } }];
    const question = { role: 'user' as const, content: 'Edit.' };
    const ask = { model, tools, messages: [question] };
    provider.reply(call);
    let made: Loose;
    if (stream) {
      made = { id: '', input: '' };
      for await (const chunk of await openai.chat.completions.create({ ...ask, stream: true })) {
        const piece: Loose = chunk.choices[0]?.delta.tool_calls?.[0];
        made.id += piece?.id ?? '';
        made.input += piece?.custom?.input ?? '';
      }
    } else {
      const { choices } = await openai.chat.completions.create(ask);
      const [first]: Loose[] = choices[0]?.message.tool_calls ?? [];
      expect(first).toMatchObject({ type: 'custom', custom: { name: 'apply_patch' } });
      made = { id: first.id, input: first.custom.input };
    }
    expect(made.input).toBe(PATCH);
    const turn = { id: made.id, type: 'custom' as const, custom: { name: 'apply_patch', input: made.input } };
    const messages = [
      question,
      { role: 'assistant' as const, tool_calls: [turn] },
      { role: 'tool' as const, tool_call_id: made.id, content: 'done' },
    ];
    await openai.chat.completions.create({ model, tools, messages });
    expect(sent().messages[1].content).toMatchObject([
      { type: 'tool_use', name: 'apply_patch', input: { input: PATCH } },
    ]);
  });

  it.each([false, true])('the tools of a namespace, there and back; streamed: %s', async (stream) => {
    const inner = { type: 'function' as const, name: 'find', parameters: { type: 'object' }, strict: false };
    const tools = [{ type: 'namespace' as const, name: 'crm', description: 'Customers', tools: [inner] }];
    const ask = { model: 'claude/claude-x', tools, input: 'Find.', store: false };
    provider.reply({ toolCalls: [{ name: 'crm__find', arguments: { id: 7 } }] });
    const made = stream ? await openai.responses.stream(ask).finalResponse() : await openai.responses.create(ask);
    expect(sent().tools.map(({ name }: Loose) => name)).toEqual(['crm__find']);
    const [item] = made.output;
    if (item?.type !== 'function_call') throw new Error('no call');
    expect(item).toMatchObject({ name: 'find', namespace: 'crm', arguments: '{"id":7}' });
    const output = { type: 'function_call_output' as const, call_id: item.call_id, output: 'Ada' };
    await openai.responses.create({ ...ask, input: [{ role: 'user', content: 'Find.' }, item, output] });
    expect(sent().messages[1].content).toMatchObject([{ type: 'tool_use', name: 'crm__find', input: { id: 7 } }]);
  });

  it.each([
    [{ type: 'custom' }, 'tools[0].custom'],
    [{ type: 'custom', custom: { name: '' } }, 'tools[0].custom.name'],
    [{ type: 'custom', custom: { name: 'x', format: { type: 'grammar' } } }, 'tools[0].custom.format.grammar'],
  ])('refuses a custom tool that cannot be read: %j', async (tool, param) => {
    const asked = openai.chat.completions.create({
      model: 'claude/claude-x',
      messages: [{ role: 'user', content: 'x' }],
      tools: [tool as OpenAI.Chat.ChatCompletionTool],
    });
    await expect(asked).rejects.toMatchObject({ status: 400, param });
  });
});

describe('thinking', () => {
  const think = (model: string, effort: 'low' | 'high', more: object = {}) =>
    openai.chat.completions.create({
      model,
      reasoning_effort: effort,
      messages: [{ role: 'user', content: 'x' }],
      ...more,
    });

  it.each([
    'claude-opus-4-6',
    'claude-sonnet-4.6',
    'claude-opus-4-7-20260401',
    'claude-sonnet-5',
    'claude-opus-5-5',
    'claude-opus-4-10',
  ])('of %s is measured by effort', async (model) => {
    await think(`claude/${model}`, 'low');
    expect(sent()).toMatchObject({ thinking: { type: 'adaptive' }, output_config: { effort: 'low' } });
    expect(sent().thinking.budget_tokens).toBeUndefined();
  });

  it.each(['claude-opus-4-5', 'claude-sonnet-4-20250514', 'claude-haiku-4-5-20251001', 'claude-3-7-sonnet-20250219'])(
    'of %s is measured by a budget',
    async (model) => {
      await think(`claude/${model}`, 'high');
      expect(sent().thinking).toEqual({ type: 'enabled', budget_tokens: 8192 });
      expect(sent().output_config).toBeUndefined();
    },
  );

  it('that the caller limits keeps to the limit', async () => {
    await think('claude/claude-sonnet-5', 'high', { max_completion_tokens: 50 });
    expect(sent().max_tokens).toBe(50);
  });

  const toolTurn = (thinking: string): Anthropic.MessageParam[] => [
    { role: 'user', content: 'Weather?' },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking, signature: '' },
        { type: 'tool_use', id: 'call_1', name: 'weather', input: {} },
      ],
    },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', content: 'cold' }] },
  ];

  it('before a call goes back where the vendor wants it, and nowhere else', async () => {
    const messages = toolTurn('Look outside.');
    await anthropic.messages.create({ model: 'deepseek/deepseek-reasoner', max_tokens: 50, messages });
    expect(sent().messages[1]).toMatchObject({ reasoning_content: 'Look outside.', tool_calls: [{ id: 'call_1' }] });
    await anthropic.messages.create({ model: 'groq/llama', max_tokens: 50, messages });
    expect(sent().messages[1].reasoning_content).toBeUndefined();
  });

  it.each([
    ['compatible/gemini-3-pro', { google: { thought_signature: SIGNATURE } }],
    ['compatible/llama', undefined],
    ['groq/llama', undefined],
  ])('proofs of calls go to %s only if it knows them', async (model, expected) => {
    playGoogle(SIGNED_CALLS, false);
    const question = { role: 'user' as const, content: 'Weather?' };
    const made = await anthropic.messages.create({
      model: 'gemini/gemini-3-pro',
      max_tokens: 50,
      messages: [question],
    });
    const results = made.content.flatMap((block) =>
      block.type === 'tool_use' ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: 'cold' }] : [],
    );
    await anthropic.messages.create({
      model,
      max_tokens: 50,
      messages: [question, { role: 'assistant', content: made.content }, { role: 'user', content: results }],
    });
    expect(sent().messages[1].tool_calls[0].extra_content).toEqual(expected);
  });
});

describe('fields the vendor cannot be told', () => {
  const ask = (model: string, more: object) =>
    openai.chat.completions.create({ model, messages: [{ role: 'user', content: 'x' }], ...more }).withResponse();

  it('are named in the words of the caller', async () => {
    const { response } = await ask('claude/x', { seed: 1, frequency_penalty: 1, logit_bias: { 5: 1 } });
    expect(response.headers.get('x-nexus-dropped')?.split(', ').sort()).toEqual([
      'frequency_penalty',
      'logit_bias',
      'seed',
    ]);
  });

  it('are refused where that is asked for, before anybody is called', async () => {
    const refused = ask('strict/x', { frequency_penalty: 1, seed: 1 });
    await expect(refused).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    await expect(refused).rejects.toThrow(/frequency_penalty, seed/);
    expect(provider.requests).toHaveLength(0);
    const { data } = await ask('strict/x', { temperature: 0.5 });
    expect(data.choices).toHaveLength(1);
  });

  it('are refused everywhere with the setting for all, unless a provider says otherwise', async () => {
    const vendor = { type: 'anthropic' as const, apiKey: 'k', baseUrl: `${provider.url}/v1` };
    await using own = createNexus({
      llm: {
        strictParams: true,
        discovery: { enabled: false },
        providers: { strict: vendor, lenient: { ...vendor, strictParams: false } },
      },
    });
    const status = async (name: string) => {
      const { path, body } = DIALECTS.generate.ask(`${name}/x`, false);
      const answer = await own.fetch(`http://nexus${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...body, generationConfig: { seed: 1 } }),
      });
      return [answer.status, (await answer.text()).includes('generationConfig.seed')];
    };
    expect(await status('strict')).toEqual([400, true]);
    expect(await status('lenient')).toEqual([200, false]);
  });
});

describe('a stream that fails', () => {
  it.each(['claude/x', 'compatible/x'])('raises in the official client of responses: %s', async (model) => {
    provider.reply({ text: 'one two three four five', fault: 'close', after: 2 });
    const asked = openai.responses.stream({ model, input: 'x' }).finalResponse();
    await expect(asked).rejects.toBeInstanceOf(OpenAI.APIError);
  });

  it('has the request id in it for clients of Anthropic', async () => {
    provider.reply({ text: 'one two three four five', fault: 'close', after: 2 });
    const { path, body } = DIALECTS.messages.ask('groq/x', true);
    const answer = await fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(await answer.text()).toContain(`"request_id":"${answer.headers.get('x-nexus-request-id')}"`);
  });
});

describe('pictures', () => {
  it('of a stream reach the clients that have a place for them', async () => {
    const picture = { inlineData: { mimeType: 'image/png', data: 'A'.repeat(3 * 1024 * 1024) } };
    playGoogle([{ text: 'Here: ' }, picture], true);
    let images = 0;
    const model = 'gemini/gemini-3-pro';
    const messages = [{ role: 'user' as const, content: 'Draw.' }];
    for await (const chunk of await openai.chat.completions.create({ model, messages, stream: true })) {
      const [image]: Loose[] = (chunk.choices[0]?.delta as Loose)?.images ?? [];
      if (image?.image_url.url === `data:image/png;base64,${picture.inlineData.data}`) images += 1;
    }
    expect(images).toBe(1);
    playGoogle([{ text: 'Here: ' }, picture], true);
    const { output } = await openai.responses.stream({ model, input: 'Draw.' }).finalResponse();
    expect(output).toMatchObject([
      { type: 'message' },
      { type: 'image_generation_call', status: 'completed', result: picture.inlineData.data },
    ]);
  });
});
