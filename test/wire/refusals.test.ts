import { describe, expect, it } from 'vitest';
import type { CanonicalEvent } from '../../src/core/llm/canonical/event.ts';
import { anthropicMessages } from '../../src/core/llm/protocols/anthropic-messages/index.ts';
import { googleGenerate } from '../../src/core/llm/protocols/google-generate/index.ts';
import { PROTOCOLS } from '../../src/core/llm/protocols/index.ts';
import { openaiChat } from '../../src/core/llm/protocols/openai-chat/index.ts';
import { openaiResponses } from '../../src/core/llm/protocols/openai-responses/index.ts';
import type { ClientProtocol, ClientProtocolId, ProtocolId } from '../../src/core/llm/protocols/protocol.ts';

/*
 * A model that says no, from every vendor's format to every client's, whole and streamed. Two formats tell a refusal
 * from other words (OpenAI's); in the others it is text that a filter, or the model, ended. Constructed after the
 * published schemas: there are few recordings of it.
 */

interface Refusal {
  readonly whole: object;
  /** Name of the frame, where the format has names, and what is in it. */
  readonly stream: readonly (readonly [string | undefined, object])[];
  /** The format says that these words are a refusal. */
  readonly isTold: boolean;
}

const WORDS = 'I cannot help with that.';
const message = { type: 'message', id: 'msg_1', role: 'assistant', status: 'completed' };
const part = { type: 'refusal', refusal: WORDS };
const response = { id: 'resp_1', object: 'response', model: 'm', status: 'completed' };
const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
const usage = { input_tokens: 1, output_tokens: 1 };

const REFUSALS: Readonly<Record<ProtocolId, Refusal>> = {
  'openai-chat': {
    isTold: true,
    whole: {
      id: 'c',
      model: 'm',
      choices: [{ index: 0, message: { role: 'assistant', content: null, refusal: WORDS }, finish_reason: 'stop' }],
    },
    stream: [
      [undefined, { id: 'c', model: 'm', choices: [{ index: 0, delta: { role: 'assistant', refusal: WORDS } }] }],
      [undefined, { id: 'c', model: 'm', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }],
    ],
  },
  'openai-responses': {
    isTold: true,
    whole: { ...response, output: [{ ...message, content: [part] }] },
    stream: [
      { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
      { type: 'response.output_item.added', output_index: 0, item: { ...message, content: [] } },
      { type: 'response.content_part.added', ...place, part: { type: 'refusal', refusal: '' } },
      { type: 'response.refusal.delta', ...place, delta: WORDS },
      { type: 'response.refusal.done', ...place, refusal: WORDS },
      { type: 'response.content_part.done', ...place, part },
      { type: 'response.output_item.done', output_index: 0, item: { ...message, content: [part] } },
      { type: 'response.completed', response: { ...response, output: [{ ...message, content: [part] }] } },
    ].map((event) => [event.type, event]),
  },
  'anthropic-messages': {
    isTold: false,
    whole: {
      type: 'message',
      id: 'msg_1',
      model: 'm',
      content: [{ type: 'text', text: WORDS }],
      stop_reason: 'refusal',
      usage,
    },
    stream: [
      { type: 'message_start', message: { id: 'msg_1', model: 'm', content: [], usage } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: WORDS } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'refusal' }, usage },
      { type: 'message_stop' },
    ].map((event) => [event.type, event]),
  },
  'google-generate': {
    isTold: false,
    whole: { candidates: [{ content: { parts: [{ text: WORDS }] }, finishReason: 'SAFETY' }] },
    stream: [
      [undefined, { candidates: [{ content: { parts: [{ text: WORDS }] } }] }],
      [undefined, { candidates: [{ content: {}, finishReason: 'SAFETY' }] }],
    ],
  },
  'bedrock-converse': {
    isTold: false,
    whole: { output: { message: { role: 'assistant', content: [{ text: WORDS }] } }, stopReason: 'content_filtered' },
    stream: [
      ['messageStart', { role: 'assistant' }],
      ['contentBlockDelta', { contentBlockIndex: 0, delta: { text: WORDS } }],
      ['contentBlockStop', { contentBlockIndex: 0 }],
      ['messageStop', { stopReason: 'content_filtered' }],
    ],
  },
};

// biome-ignore lint/suspicious/noExplicitAny: answers of four dialects have no common type
type Loose = any;

const framesOf = (text: string): Loose[] =>
  [...text.matchAll(/^data: ?(\{.*)$/gm)].map(([, data = '']) => JSON.parse(data));

/** What a client is shown: the words, the words that it is told are a refusal, and how the answer ended. */
const SHOWN: Readonly<
  Record<ClientProtocolId, { whole(answer: Loose): unknown; stream(frames: readonly Loose[]): unknown }>
> = {
  'openai-chat': {
    whole: ({ choices: [{ message: said, finish_reason }] }) => [said.content, said.refusal, finish_reason],
    stream: (frames) => {
      const of = (name: string) => frames.map(({ choices }) => choices[0]?.delta[name] ?? '').join('') || null;
      return [of('content'), of('refusal'), frames.findLast(({ choices }) => choices[0])?.choices[0].finish_reason];
    },
  },
  'openai-responses': {
    whole: ({ output, status, incomplete_details }) => [
      output[0].content[0].text ?? null,
      output[0].content[0].refusal ?? null,
      incomplete_details?.reason ?? status,
    ],
    stream: (frames) => SHOWN['openai-responses'].whole(frames.at(-1).response),
  },
  'anthropic-messages': {
    whole: ({ content, stop_reason }) => [content[0].text, content.length, stop_reason],
    stream: (frames) => [
      frames.map(({ delta }) => delta?.text ?? '').join(''),
      frames.filter(({ type }) => type === 'content_block_start').length,
      frames.find(({ type }) => type === 'message_delta').delta.stop_reason,
    ],
  },
  'google-generate': {
    whole: ({ candidates: [{ content, finishReason }] }) => [content.parts[0].text, finishReason],
    stream: (frames) => [
      frames.map(({ candidates }) => candidates[0].content.parts[0].text).join(''),
      frames.at(-1).candidates[0].finishReason,
    ],
  },
};

function expected(client: ClientProtocolId, isTold: boolean): unknown {
  switch (client) {
    case 'openai-chat':
      return isTold ? [null, WORDS, 'stop'] : [WORDS, null, 'content_filter'];
    case 'openai-responses':
      return isTold ? [null, WORDS, 'completed'] : [WORDS, null, 'content_filter'];
    case 'anthropic-messages':
      return [WORDS, 1, 'refusal'];
    case 'google-generate':
      return [WORDS, 'SAFETY'];
  }
}

const CLIENT_PROTOCOLS: Readonly<Record<ClientProtocolId, ClientProtocol>> = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  'anthropic-messages': anthropicMessages,
  'google-generate': googleGenerate,
};
const context = { model: 'public', created: 1, streamUsage: false, newId: () => 'id', upstreamModel: 'm' };
const pairs = (Object.keys(PROTOCOLS) as ProtocolId[]).flatMap((upstream) =>
  Object.values(CLIENT_PROTOCOLS).map((client) => [upstream, client.id] as const),
);

describe('a refusal', () => {
  it.each(pairs)('of %s is one for clients of %s', async (from, to) => {
    const { upstream } = await PROTOCOLS[from].get();
    const refusal = REFUSALS[from];
    const answer = upstream.decodeResponse(refusal.whole, context);
    const written = JSON.parse(CLIENT_PROTOCOLS[to].encodeResponse(answer, context));
    expect(SHOWN[to].whole(written)).toEqual(expected(to, refusal.isTold));
  });

  it.each(pairs)('streamed by %s is one for clients of %s', async (from, to) => {
    const { upstream } = await PROTOCOLS[from].get();
    const refusal = REFUSALS[from];
    const decoder = upstream.createStreamDecoder(context);
    const encoder = CLIENT_PROTOCOLS[to].createStreamEncoder(context);
    let text = '';
    const emit = (event: CanonicalEvent) => {
      text += encoder.encode(event);
    };
    for (const [name, frame] of refusal.stream) decoder.decode(JSON.stringify(frame), name, emit);
    decoder.close?.(emit);
    expect(SHOWN[to].stream(framesOf(text))).toEqual(expected(to, refusal.isTold));
  });
});
