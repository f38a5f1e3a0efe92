import Anthropic from '@anthropic-ai/sdk';
import { createNexus, type Nexus } from 'nexus-ai';
import { createReplayer, type RecordedExchange, type Replayer } from 'nexus-ai/testing';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerOf, type Said, saidByChat, saidByGoogle, saidByMessages, saidByResponses } from '../support/said.ts';
import { recordings } from '../wire/corpus.ts';

/*
 * Every recorded answer of every vendor, read through every protocol a client may speak, with the official SDKs where
 * there is one: text, tool calls, finish and usage must be what the recording says, whoever asks.
 */

const VENDORS = [
  { provider: 'openai', folder: 'openai', apis: ['chat.completions'] },
  { provider: 'anthropic', folder: 'anthropic', apis: ['messages'] },
  { provider: 'google', folder: 'google', apis: ['generateContent', 'streamGenerateContent'] },
  { provider: 'bedrock', folder: 'bedrock', apis: ['converse', 'converse-stream'] },
] as const;

/** What has no form in the other dialects: several answers in one, sound, calls of tools that are not functions. */
const UNTRANSLATED = ['n_choices', 'audio_out'];
const callsCustomTool = ({ response }: RecordedExchange) => JSON.stringify(response.body ?? '').includes('"custom":{');

/** Google streams a JSON array unless asked for events; we always ask, so those recordings answer another question. */
const isAsked = ({ api, request }: RecordedExchange) =>
  api !== 'streamGenerateContent' || request?.path.includes('alt=sse') === true;

const successes = (folder: string, apis: readonly string[]) =>
  (recordings(folder) as RecordedExchange[]).filter(
    (exchange) =>
      apis.includes(exchange.api) &&
      exchange.response.status === 200 &&
      isAsked(exchange) &&
      !callsCustomTool(exchange) &&
      !UNTRANSLATED.some((feature) => exchange.features.includes(feature)),
  );

let replayer: Replayer;
let nexus: Nexus;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  replayer = await createReplayer();
  const provider = (type: 'groq' | 'anthropic' | 'google', path: string) => ({
    type,
    apiKey: 'sk-upstream',
    baseUrl: `${replayer.url}${path}`,
  });
  nexus = createNexus({
    llm: {
      providers: {
        // A vendor that speaks chat completions only: OpenAI's own would be asked for responses by a client of those.
        openai: provider('groq', '/v1'),
        anthropic: provider('anthropic', '/v1'),
        google: provider('google', '/v1beta'),
        bedrock: { type: 'bedrock', accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret', baseUrl: replayer.url },
      },
    },
  });
  const fetch = nexus.fetch as typeof globalThis.fetch;
  openai = new OpenAI({ apiKey: 'caller', baseURL: 'http://nexus/llm/v1', fetch, maxRetries: 0 });
  anthropic = new Anthropic({ apiKey: 'caller', baseURL: 'http://nexus/llm', fetch, maxRetries: 0 });
});
afterAll(async () => {
  await nexus.close();
  await replayer.close();
});

/** How each client asks a question and what it makes of the answer. */
const CLIENTS: Record<string, (model: string, stream: boolean) => Promise<Said>> = {
  'openai chat': async (model, stream) => {
    const body = { model, messages: [{ role: 'user' as const, content: 'As recorded.' }] };
    if (!stream) return saidByChat([await openai.chat.completions.create(body)]);
    const chunks: object[] = [];
    const answer = await openai.chat.completions.create({ ...body, stream, stream_options: { include_usage: true } });
    for await (const chunk of answer) chunks.push(chunk);
    return saidByChat(chunks);
  },
  'openai responses': async (model, stream) => {
    const body = { model, input: 'As recorded.', store: false };
    if (!stream) return saidByResponses(await openai.responses.create(body));
    return saidByResponses(await openai.responses.stream(body).finalResponse());
  },
  anthropic: async (model, stream) => {
    const body = { model, max_tokens: 1000, messages: [{ role: 'user' as const, content: 'As recorded.' }] };
    if (!stream) return saidByMessages(await anthropic.messages.create(body));
    return saidByMessages(await anthropic.messages.stream(body).finalMessage());
  },
  google: async (model, stream) => {
    const verb = stream ? 'streamGenerateContent?alt=sse' : 'generateContent';
    const response = await nexus.fetch(`http://nexus/llm/google/v1beta/models/${model}:${verb}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'As recorded.' }] }] }),
    });
    const text = await response.text();
    if (!stream) return saidByGoogle([JSON.parse(text)]);
    return saidByGoogle([...text.matchAll(/^data: ?(.*)$/gm)].map(([, data = '']) => JSON.parse(data)));
  },
};

describe.each(VENDORS)('$provider behind', ({ provider, folder, apis }) => {
  const exchanges = successes(folder, apis).map((exchange) => [exchange.id, exchange] as const);

  describe.each(Object.keys(CLIENTS))('%s', (client) => {
    it('has recordings to read', () => expect(exchanges.length).toBeGreaterThan(0));

    it.each(exchanges)('%s', async (_, exchange) => {
      replayer.play(exchange, { cut: exchange.stream ? { seed: 11 } : 'whole' });
      const said = await CLIENTS[client]?.(`${provider}/${exchange.model}`, exchange.stream);
      const answer = answerOf(exchange);
      expect(said).toEqual(answer);
    });
  });
});
