import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { createNexus, type Nexus } from 'nexus-ai';
import { type ListeningServer, listen } from 'nexus-ai/node';
import { createReplayer, type RecordedExchange, type Replayer } from 'nexus-ai/testing';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Loose } from '../support/dialects.ts';

/*
 * What vendors say of their answers, and what they say in pieces, as stock clients of other formats see it: findings of
 * filters, log probabilities, arguments of calls. Over real sockets; the answers have the form recordings have.
 */

let replayer: Replayer;
let nexus: Nexus;
let server: ListeningServer;
let openai: OpenAI;
let anthropic: Anthropic;
let google: GoogleGenAI;

beforeAll(async () => {
  replayer = await createReplayer();
  const key = { apiKey: 'sk-upstream' };
  nexus = createNexus({
    llm: {
      discovery: { enabled: false },
      providers: {
        gemini: { type: 'google', ...key, baseUrl: `${replayer.url}/v1beta` },
        chat: { type: 'openai', ...key, baseUrl: `${replayer.url}/v1` },
        openrouter: { type: 'openrouter', ...key, baseUrl: `${replayer.url}/v1` },
      },
    },
  });
  server = await listen(nexus, { port: 0 });
  openai = new OpenAI({ apiKey: 'caller', baseURL: `${server.url}/llm/v1`, maxRetries: 0 });
  anthropic = new Anthropic({ apiKey: 'caller', baseURL: `${server.url}/llm`, maxRetries: 0 });
  google = new GoogleGenAI({ apiKey: 'caller', httpOptions: { baseUrl: `${server.url}/llm/google` } });
});
afterAll(async () => {
  await server.close({ drain: 0 });
  await replayer.close();
});

/** The vendor's answer to the next request: one body, or several as a stream. */
function play(bodies: readonly object[], stream: boolean) {
  const exchange: RecordedExchange = {
    id: 'constructed',
    source: { repo: '', commit: '', path: '', license: '' },
    conversation: '',
    index: 0,
    provider: 'google',
    api: 'constructed',
    stream,
    model: 'm',
    request: null,
    response: stream
      ? {
          status: 200,
          headers: { 'content-type': 'text/event-stream' },
          text: bodies.map((body) => `data: ${JSON.stringify(body)}\r\n\r\n`).join(''),
        }
      : { status: 200, headers: { 'content-type': 'application/json' }, body: bodies[0] },
    features: [],
  };
  return replayer.play(exchange);
}

const facts = { modelVersion: 'gemini-3-pro', responseId: 'r1', usageMetadata: { promptTokenCount: 3 } };
const candidate = (parts: readonly object[], more: object = {}) => ({
  candidates: [{ content: { role: 'model', parts }, index: 0, ...more }],
  ...facts,
});

const RATINGS = [{ category: 'HARM_CATEGORY_HARASSMENT', probability: 'LOW', blocked: true }];
const FEEDBACK = { blockReason: 'PROHIBITED_CONTENT', safetyRatings: RATINGS };
const model = 'gemini/gemini-3-pro';
const messages = [{ role: 'user' as const, content: 'Hi' }];

describe.each([false, true])("Google's findings, streamed: %s", (stream) => {
  const rated = candidate([{ text: 'No' }], { finishReason: 'SAFETY', safetyRatings: RATINGS });
  const blocked = { promptFeedback: FEEDBACK, ...facts };

  async function chat(): Promise<Loose[]> {
    if (!stream) return [await openai.chat.completions.create({ model, messages })];
    const chunks: Loose[] = [];
    for await (const chunk of await openai.chat.completions.create({ model, messages, stream })) chunks.push(chunk);
    return chunks;
  }

  it('reach the official client of chat completions', async () => {
    play([rated], stream);
    const last = (await chat()).at(-1);
    expect(last.choices[0]).toMatchObject({ finish_reason: 'content_filter', safety_ratings: RATINGS });
    play([blocked], stream);
    const end = (await chat()).at(-1);
    expect(end).toMatchObject({ prompt_feedback: FEEDBACK, choices: [{ finish_reason: 'content_filter' }] });
  });

  it('reach the official client of responses', async () => {
    const ask = async (): Promise<Loose> =>
      stream
        ? await openai.responses.stream({ model, input: 'Hi' }).finalResponse()
        : await openai.responses.create({ model, input: 'Hi' });
    play([rated], stream);
    expect(await ask()).toMatchObject({ status: 'incomplete', safety_ratings: RATINGS });
    play([blocked], stream);
    expect(await ask()).toMatchObject({ incomplete_details: { reason: 'content_filter' }, prompt_feedback: FEEDBACK });
  });

  it('reach the official client of Anthropic', async () => {
    const ask = async (): Promise<Loose> => {
      const body = { model, max_tokens: 9, messages };
      if (!stream) return await anthropic.messages.create(body);
      for await (const event of await anthropic.messages.create({ ...body, stream })) {
        if (event.type === 'message_delta') return { ...event, ...event.delta };
      }
      return undefined;
    };
    play([rated], stream);
    expect(await ask()).toMatchObject({ stop_reason: 'refusal', safety_ratings: RATINGS });
    play([blocked], stream);
    expect(await ask()).toMatchObject({ stop_reason: 'refusal', prompt_feedback: FEEDBACK });
  });
});

it('names what an answer held that the client cannot be shown', async () => {
  play([candidate([{ text: 'Look' }, { inlineData: { mimeType: 'image/png', data: 'QUJD' } }])], false);
  const { data, response } = await anthropic.messages.create({ model, max_tokens: 9, messages }).withResponse();
  expect(data.content).toEqual([expect.objectContaining({ type: 'text', text: 'Look' })]);
  expect(response.headers.get('x-nexus-dropped')).toBe('answer.image');
});

describe.each([false, true])('log probabilities, streamed: %s', (stream) => {
  it("of Google's are asked for and shown by the official client of chat completions", async () => {
    const chosen = { token: 'Hi', logProbability: -0.25 };
    const result = { chosenCandidates: [chosen], topCandidates: [{ candidates: [chosen] }] };
    const { request } = play([candidate([{ text: 'Hi' }], { finishReason: 'STOP', logprobsResult: result })], stream);
    const ask = { model, messages, logprobs: true, top_logprobs: 1 };
    const { choices } = stream
      ? await openai.chat.completions.stream(ask).finalChatCompletion()
      : await openai.chat.completions.create(ask);
    const shown = { token: 'Hi', logprob: -0.25, bytes: null };
    expect(choices[0]?.message.content).toBe('Hi');
    expect(choices[0]?.logprobs?.content).toEqual([{ ...shown, top_logprobs: [shown] }]);
    const sent: Loose = (await request).body;
    expect(sent.generationConfig).toEqual({ responseLogprobs: true, logprobs: 1 });
  });

  it("of Google's are asked for and shown by the official client of responses", async () => {
    const chosen = { token: 'Hi', logProbability: -0.25 };
    const result = { chosenCandidates: [chosen], topCandidates: [{ candidates: [chosen] }] };
    const { request } = play([candidate([{ text: 'Hi' }], { finishReason: 'STOP', logprobsResult: result })], stream);
    const ask = { model, input: 'Hi', include: ['message.output_text.logprobs' as const], top_logprobs: 1 };
    const { output } = stream ? await openai.responses.stream(ask).finalResponse() : await openai.responses.create(ask);
    const shown = { token: 'Hi', logprob: -0.25, bytes: [72, 105] };
    expect(output).toEqual([
      expect.objectContaining({
        content: [expect.objectContaining({ text: 'Hi', logprobs: [{ ...shown, top_logprobs: [shown] }] })],
      }),
    ]);
    const sent: Loose = (await request).body;
    expect(sent.generationConfig).toEqual({ responseLogprobs: true, logprobs: 1 });
  });

  it("of chat hosts are asked for and shown by Google's official client", async () => {
    const shown = { token: 'Hi', logprob: -0.25, bytes: [72, 105] };
    const logprobs = { content: [{ ...shown, top_logprobs: [shown] }], refusal: null };
    const said = stream ? { delta: { content: 'Hi' } } : { message: { role: 'assistant', content: 'Hi' } };
    const answer = { id: 'c', model: 'm', choices: [{ index: 0, ...said, logprobs, finish_reason: 'stop' }] };
    const { request } = play([answer], stream);
    const ask = { model: 'chat/m', contents: 'Hi', config: { responseLogprobs: true, logprobs: 1 } };
    const results: Loose[] = [];
    if (stream) {
      for await (const chunk of await google.models.generateContentStream(ask)) results.push(chunk);
    } else results.push(await google.models.generateContent(ask));
    const [first] = results.map(({ candidates }) => candidates[0].logprobsResult).filter(Boolean);
    expect(first.chosenCandidates).toEqual([{ token: 'Hi', logProbability: -0.25 }]);
    expect(first.topCandidates).toEqual([{ candidates: [{ token: 'Hi', logProbability: -0.25 }] }]);
    expect((await request).body).toMatchObject({ logprobs: true, top_logprobs: 1 });
  });
});

it("Google's arguments in pieces arrive whole at the official clients", async () => {
  const piece = (functionCall: object) => candidate([{ functionCall }]);
  const text = (stringValue: string, willContinue: boolean) => [{ jsonPath: '$.cities[0]', stringValue, willContinue }];
  const bodies = [
    piece({ name: 'weather', willContinue: true }),
    piece({ partialArgs: text('Os', true), willContinue: true }),
    piece({ partialArgs: text('lo', false), willContinue: true }),
    piece({ partialArgs: [{ jsonPath: '$.days', numberValue: 2 }], willContinue: true }),
    piece({}),
    candidate([{ text: '' }], { finishReason: 'STOP' }),
  ];
  const args = { cities: ['Oslo'], days: 2 };
  play(bodies, true);
  const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: { type: 'object' } } }];
  const { choices } = await openai.chat.completions.stream({ model, messages, tools }).finalChatCompletion();
  const [call] = choices[0]?.message.tool_calls ?? [];
  expect(choices[0]?.finish_reason).toBe('tool_calls');
  expect(JSON.parse(call?.type === 'function' ? call.function.arguments : '')).toEqual(args);
  play(bodies, true);
  const { content } = await anthropic.messages
    .stream({ model, max_tokens: 9, messages, tools: [{ name: 'weather', input_schema: { type: 'object' } }] })
    .finalMessage();
  expect(content).toMatchObject([{ type: 'tool_use', name: 'weather', input: args }]);
});

it("Claude's proof comes back to OpenRouter through the official Anthropic client", async () => {
  const detail = { type: 'reasoning.text', text: 'hm', signature: 'c2ln', format: 'anthropic-claude-v1', index: 0 };
  const message = { role: 'assistant', content: 'Hi', reasoning: 'hm', reasoning_details: [detail] };
  play([{ id: 'c', model: 'm', choices: [{ index: 0, message, finish_reason: 'stop' }] }], false);
  const ask = { model: 'openrouter/anthropic/claude-sonnet-4.5', max_tokens: 9 };
  const { content } = await anthropic.messages.create({ ...ask, messages });
  const plain = { role: 'assistant', content: 'Bye' };
  const { request } = play(
    [{ id: 'c', model: 'm', choices: [{ index: 0, message: plain, finish_reason: 'stop' }] }],
    false,
  );
  await anthropic.messages.create({
    ...ask,
    messages: [...messages, { role: 'assistant', content }, { role: 'user', content: 'Bye' }],
  });
  const sent: Loose = (await request).body;
  const { index: _, ...expected } = detail;
  expect(sent.messages[1].reasoning_details).toEqual([expected]);
});
