import { createParser } from 'eventsource-parser';
import { afterAll, describe, expect, it } from 'vitest';
import { anthropicMessages } from '../../src/core/llm/protocols/anthropic-messages/index.ts';
import { addressOf, openaiChat } from '../../src/core/llm/protocols/openai-chat/index.ts';
import { type Recording, recordings, schemaCheck, withoutNulls } from './corpus.ts';
import {
  type Loose,
  loose,
  recordedAnswer,
  recordedStream,
  saidInChat,
  saidInMessages,
  shownAnswer,
  shownStream,
  streamText,
} from './meaning.ts';

/*
 * Recorded answers of Anthropic, translated for a client that speaks OpenAI's chat completions, must say what the
 * recording says; recorded chat requests, translated for Anthropic, must be requests that Anthropic publishes.
 */

/** Features that have no form in the other format yet. */
const UNTRANSLATED = new Set(['audio', 'custom_tools', 'mcp', 'server_tools']);
const isTranslatable = ({ features }: Recording) => !features.some((feature) => UNTRANSLATED.has(feature));
const succeeded = ({ response }: Recording) => (response.status ?? 200) < 400;

const messages = [...recordings('anthropic'), ...recordings('_response_only/anthropic')].filter(
  (recording) => recording.api === 'messages' && isTranslatable(recording),
);
const answers = messages.filter((recording) => !recording.stream && succeeded(recording));
const streams = messages.filter((recording) => recording.stream && succeeded(recording));
const failures = messages.filter((recording) => !succeeded(recording));
const chats = [
  'openai',
  'azure',
  'cerebras',
  'deepseek',
  'groq',
  'huggingface',
  'mistral',
  'openrouter',
  'together',
  'zai',
]
  .flatMap((provider) => recordings(provider))
  .filter((recording) => recording.api === 'chat.completions' && recording.request !== null && succeeded(recording));

const context = { model: 'public-name', created: 1_700_000_000, streamUsage: true, newId: () => 'fresh' };

/** Translates an event stream that arrives in pieces of `size` bytes. */
function translate(text: string, size: number): string {
  const decoder = anthropicMessages.createStreamDecoder();
  const encoder = openaiChat.createStreamEncoder(context);
  let out = '';
  const parser = createParser({
    onEvent: ({ data, event }) =>
      decoder.decode(data, event, (canonical) => {
        out += encoder.encode(canonical);
      }),
  });
  const bytes = new TextEncoder().encode(text);
  const utf8 = new TextDecoder();
  for (let start = 0; start < bytes.length; start += size) {
    parser.feed(utf8.decode(bytes.subarray(start, start + size), { stream: true }));
  }
  return out;
}

function chunksOf(text: string): Loose[] {
  const frames = text.split('\n\n').map((frame) => frame.replace(/^data: /, ''));
  expect(frames.slice(-2)).toEqual(['[DONE]', '']);
  return frames.slice(0, -2).map((frame) => JSON.parse(frame));
}

const isCompletion = schemaCheck('openai-response', 'CreateChatCompletionResponse');
const isChunk = schemaCheck('openai-response', 'CreateChatCompletionStreamResponse');
const isRequest = schemaCheck('anthropic-request', 'RMessageCreateParamsNonStreaming');
const isStreamRequest = schemaCheck('anthropic-request', 'RMessageCreateParamsStreaming');

describe('answers of Anthropic for a chat client', () => {
  it.each(answers.map((recording) => [recording.id, recording] as const))('%s', (_, recording) => {
    const answer = JSON.parse(
      openaiChat.encodeResponse(anthropicMessages.decodeResponse(recording.response.body), context),
    );
    expect(isCompletion(withoutNulls(answer))).toEqual([]);
    expect(answer.model).toBe('public-name');
    expect(answer.id).toBe(loose(recording.response.body)?.['id']);
    expect(shownAnswer(answer)).toEqual(recordedAnswer(recording));
  });

  it.each(streams.map((recording) => [recording.id, recording] as const))('%s', (_, recording) => {
    const text = streamText(recording);
    const out = translate(text, text.length * 4);
    const chunks = chunksOf(out);
    for (const chunk of chunks) expect(isChunk(withoutNulls(chunk))).toEqual([]);
    expect(new Set(chunks.map((chunk) => String(chunk['id']))).size).toBe(1);
    expect(shownStream(chunks)).toEqual(recordedStream(text));
    for (const size of [1, 7]) expect(translate(text, size)).toBe(out);
  });

  it.each(failures.map((recording) => [recording.id, recording] as const))('%s', (_, { response }) => {
    const error = anthropicMessages.decodeError(response.body);
    expect(error?.message).toBe(loose(response.body)?.['error']?.['message']);
    expect(error?.code).toBe(loose(response.body)?.['error']?.['type']);
  });

  it('never ends a stream well that was cut', () => {
    for (const recording of streams) {
      const text = streamText(recording);
      const end = text.search(/^.*message_stop/m);
      expect(translate(text.slice(0, end), 4096), recording.id).not.toContain('[DONE]');
    }
  });
});

describe('chat requests for Anthropic', () => {
  const translatable = chats.filter(
    (recording) => isTranslatable(recording) && Number(recording.request?.body['n'] ?? 1) === 1,
  );
  let withTools = 0;

  it.each(translatable.map((recording) => [recording.id, recording] as const))('%s', (_, { request }) => {
    const body = request?.body ?? {};
    const dropped: string[] = [];
    const canonical = openaiChat.decodeRequest(openaiChat.validateRequest(body), addressOf(body));
    const translated = JSON.parse(anthropicMessages.encodeRequest(canonical, dropped));
    expect((body['stream'] === true ? isStreamRequest : isRequest)(translated)).toEqual([]);
    const said = saidInChat(body);
    const instructions = said.system.join('\n\n');
    if (said.turns.length === 0) said.turns.push(instructions);
    else expect(translated.system ?? '').toBe(instructions);
    const turns: string[] = translated.messages.flatMap((message: Loose) => saidInMessages(message['content']));
    expect(turns.toSorted()).toEqual(said.turns.toSorted());
    if (translated.tools) withTools++;
  });

  it('refuses no recorded request that its provider took', () => {
    for (const { id, request } of chats) expect(() => openaiChat.validateRequest(request?.body), id).not.toThrow();
  });

  afterAll(() => {
    const counts = { answers: answers.length, streams: streams.length, failures: failures.length };
    console.log('recordings translated:', { ...counts, requests: translatable.length, requestsWithTools: withTools });
  });

  it('finds recordings to translate', () => {
    for (const found of [answers, streams, translatable]) expect(found.length).toBeGreaterThan(0);
  });
});
