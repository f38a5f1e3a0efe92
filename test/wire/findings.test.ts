import { describe, expect, it } from 'vitest';
import type { CanonicalEvent } from '../../src/core/llm/canonical/event.ts';
import { anthropicMessages } from '../../src/core/llm/protocols/anthropic-messages/index.ts';
import { googleGenerate } from '../../src/core/llm/protocols/google-generate/index.ts';
import { openaiChat } from '../../src/core/llm/protocols/openai-chat/index.ts';
import { openaiResponses } from '../../src/core/llm/protocols/openai-responses/index.ts';
import type { ClientProtocol, UpstreamProtocol } from '../../src/core/llm/protocols/protocol.ts';
import { type Recording, recordings } from './corpus.ts';

/*
 * What safety filters found, from recorded answers of the vendors that say it to every client's format: unchanged, in
 * the members the documentation names.
 */

// biome-ignore lint/suspicious/noExplicitAny: answers of four dialects have no common type
type Loose = any;

const context = { model: 'public', created: 1, streamUsage: true, newId: () => 'id' };

function recorded(folder: string, id: string): Recording {
  const found = recordings(folder).find((recording) => recording.id.includes(id));
  if (found === undefined) throw new Error(`no recording ${id}`);
  return found;
}

const RATED = recorded('google', 'google-model-safety-settings-0');
const RATINGS = (RATED.response.body as Loose).candidates[0].safetyRatings;
const FILTERED = recorded('azure', 'prompt-content-filtering-1');
const FILTERED_STREAM = recorded('azure', 'chat-streaming-1');
const FILTERED_RESPONSE = recorded('azure', 'responses-reasoning-context-default').response.body as Loose;
const BLOCKED = {
  promptFeedback: { blockReason: 'PROHIBITED_CONTENT', safetyRatings: RATINGS },
  modelVersion: 'm',
  usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 },
};

const framesOf = (text: string): Loose[] =>
  [...text.matchAll(/^data: ?(\{.*)$/gm)].map(([, data = '']) => JSON.parse(data));

function whole(upstream: UpstreamProtocol, client: ClientProtocol, body: unknown): Loose {
  return JSON.parse(client.encodeResponse(upstream.decodeResponse(body, context), context));
}

function streamed(upstream: UpstreamProtocol, client: ClientProtocol, frames: readonly unknown[]): Loose[] {
  const decoder = upstream.createStreamDecoder(context);
  const encoder = client.createStreamEncoder(context);
  let text = '';
  const emit = (event: CanonicalEvent) => {
    text += encoder.encode(event);
  };
  for (const frame of frames) decoder.decode(JSON.stringify(frame), undefined, emit);
  decoder.decode('[DONE]', undefined, emit);
  decoder.close?.(emit);
  return framesOf(text);
}

/** Where each format shows findings: of the answer, and of the prompt. */
const PLACES: readonly (readonly [
  ClientProtocol,
  (body: Loose) => Loose,
  (body: Loose) => Loose,
  (all: Loose[]) => Loose,
])[] = [
  [
    openaiChat,
    (body) => body.choices[0],
    (body) => body,
    (frames) => frames.find(({ choices }) => choices[0]?.finish_reason),
  ],
  [openaiResponses, (body) => body, (body) => body, (frames) => frames.at(-1).response],
  [anthropicMessages, (body) => body, (body) => body, (frames) => frames.find(({ type }) => type === 'message_delta')],
];

describe.each(PLACES.map((place) => [place[0].id, place] as const))('findings for clients of %s', (_, place) => {
  const [client, answerOf, promptOf, lastOf] = place;

  it("show Google's ratings of an answer", () => {
    const { body } = RATED.response;
    expect(answerOf(whole(googleGenerate, client, body)).safety_ratings).toEqual(RATINGS);
    expect(answerOf(lastOf(streamed(googleGenerate, client, [body]))).safety_ratings).toEqual(RATINGS);
  });

  it('show why Google blocked a prompt', () => {
    const feedback = BLOCKED.promptFeedback;
    expect(promptOf(whole(googleGenerate, client, BLOCKED)).prompt_feedback).toEqual(feedback);
    expect(promptOf(lastOf(streamed(googleGenerate, client, [BLOCKED]))).prompt_feedback).toEqual(feedback);
  });

  it("show Azure's filters", () => {
    const body = FILTERED.response.body as Loose;
    const written = whole(openaiChat, client, body);
    expect(answerOf(written).content_filter_results).toEqual(body.choices[0].content_filter_results);
    expect(promptOf(written).prompt_filter_results).toEqual(body.prompt_filter_results);
    const frames = framesOf(FILTERED_STREAM.response.text ?? '');
    const last = lastOf(streamed(openaiChat, client, frames));
    expect(promptOf(last).prompt_filter_results).toEqual(frames[0].prompt_filter_results);
    expect(answerOf(last).content_filter_results.hate).toEqual({ filtered: false, severity: 'safe' });
  });

  it("show Azure's filters of responses", () => {
    const [prompt, completion] = FILTERED_RESPONSE.content_filters;
    const events = [
      { type: 'response.created', response: { id: 'r', model: 'm' } },
      { type: 'response.completed', response: FILTERED_RESPONSE },
    ];
    const written = whole(openaiResponses, client, FILTERED_RESPONSE);
    const last = lastOf(streamed(openaiResponses, client, events));
    for (const answer of [written, last]) {
      expect(answerOf(answer).content_filter_results).toEqual(completion.content_filter_results);
      expect(promptOf(answer).prompt_filter_results).toEqual([
        { prompt_index: 0, content_filter_results: prompt.content_filter_results },
      ]);
    }
  });

  it("show Google's words on why an answer was cut, and not those on one that was not", () => {
    const said = (finishReason: string) => ({
      candidates: [{ content: { parts: [{ text: 'A' }] }, finishReason, finishMessage: 'Because.' }],
    });
    for (const [reason, message] of [
      ['SAFETY', 'Because.'],
      ['STOP', undefined],
    ] as const) {
      const body = said(reason);
      expect(answerOf(whole(googleGenerate, client, body)).finish_message).toBe(message);
      expect(answerOf(lastOf(streamed(googleGenerate, client, [body]))).finish_message).toBe(message);
    }
  });

  it('are not there where nobody found anything', () => {
    const body = { candidates: [{ content: { parts: [{ text: 'A' }] }, finishReason: 'STOP', safetyRatings: [] }] };
    for (const answer of [whole(googleGenerate, client, body), lastOf(streamed(googleGenerate, client, [body]))]) {
      expect(JSON.stringify(answer)).not.toMatch(/safety|filter|feedback/);
    }
  });

  it.each([
    [{ safetyRatings: 'x' }, { promptFeedback: 'x' }],
    [{ safetyRatings: [1, null] }, { promptFeedback: {} }],
    [{ safetyRatings: { a: 1 } }, { promptFeedback: null }],
  ])('are not made up of nonsense: %j, %j', (candidate, rest) => {
    const body = { candidates: [{ content: { parts: [{ text: 'A' }] }, finishReason: 'STOP', ...candidate }], ...rest };
    expect(JSON.stringify(whole(googleGenerate, client, body))).not.toMatch(/safety|feedback/);
    expect(JSON.stringify(streamed(googleGenerate, client, [body]))).not.toMatch(/safety|feedback/);
  });
});

describe('findings for Google clients', () => {
  it('have their own members, and what Azure found keeps its names', () => {
    const rated = whole(googleGenerate, googleGenerate, RATED.response.body);
    expect(rated.candidates[0].safetyRatings).toEqual(RATINGS);
    expect(whole(googleGenerate, googleGenerate, BLOCKED).promptFeedback).toEqual(BLOCKED.promptFeedback);
    const frames = streamed(googleGenerate, googleGenerate, [BLOCKED]);
    expect(frames.at(-1).promptFeedback).toEqual(BLOCKED.promptFeedback);
    const body = FILTERED.response.body as Loose;
    const written = whole(openaiChat, googleGenerate, body);
    expect(written.candidates[0].content_filter_results).toEqual(body.choices[0].content_filter_results);
    expect(written.prompt_filter_results).toEqual(body.prompt_filter_results);
  });
});

describe('log probabilities', () => {
  const sampled = recorded('vertex', 'google-vertex-logprobs-structure-0').response.body as Loose;
  const result = sampled.candidates[0].logprobsResult;
  const [{ token, logProbability }] = result.chosenCandidates;

  it.each(['whole', 'streamed'])("of Google's reach chat clients, %s", (way) => {
    const answer = way === 'whole' ? whole(googleGenerate, openaiChat, sampled) : undefined;
    const frames = answer === undefined ? streamed(googleGenerate, openaiChat, [sampled]) : [answer];
    const found = frames.flatMap(({ choices }) => choices[0]?.logprobs?.content ?? []);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ token, logprob: logProbability, bytes: null });
    expect(found[0].top_logprobs.map((top: Loose) => top.token)).toEqual(['Hello', '"']);
  });

  it.each(['whole', 'streamed'])('of chat hosts reach Google clients, %s', (way) => {
    const top = [{ token: 'Hi', logprob: -0.1, bytes: [72, 105] }];
    const logprobs = { content: [{ ...top[0], top_logprobs: top }], refusal: null };
    const said = way === 'whole' ? { message: { content: 'Hi' } } : { delta: { content: 'Hi' } };
    const body = { id: 'c', model: 'm', choices: [{ index: 0, ...said, logprobs, finish_reason: 'stop' }] };
    const [first] =
      way === 'whole' ? [whole(openaiChat, googleGenerate, body)] : streamed(openaiChat, googleGenerate, [body]);
    expect(first.candidates[0].content.parts).toEqual([{ text: 'Hi' }]);
    expect(first.candidates[0].logprobsResult).toEqual({
      chosenCandidates: [{ token: 'Hi', logProbability: -0.1 }],
      topCandidates: [{ candidates: [{ token: 'Hi', logProbability: -0.1 }] }],
    });
  });

  it.each([
    [googleGenerate, { generationConfig: { responseLogprobs: true, logprobs: 2 } }],
    [googleGenerate, { generation_config: { response_logprobs: true, logprobs: 2 } }],
    [openaiChat, { logprobs: true, top_logprobs: 2 }],
    [openaiResponses, { include: ['message.output_text.logprobs'], top_logprobs: 2 }],
  ] as const)('are asked for in each format: %j', (client, asked) => {
    const said = new Map<unknown, object>([
      [googleGenerate, { contents: [{ parts: [{ text: 'Hi' }] }] }],
      [openaiChat, { model: 'm', messages: [{ role: 'user', content: 'Hi' }] }],
      [openaiResponses, { model: 'm', input: 'Hi' }],
    ]);
    const body = client.validateRequest({ ...said.get(client), ...asked });
    const request = client.decodeRequest(body, { model: 'm', stream: false, streamUsage: false });
    expect(request.unsupported).toEqual([]);
    const dropped: string[] = [];
    expect(JSON.parse(openaiChat.encodeRequest(request, dropped))).toMatchObject({ logprobs: true, top_logprobs: 2 });
    const { generationConfig } = JSON.parse(googleGenerate.encodeRequest(request, dropped));
    expect(generationConfig).toEqual({ responseLogprobs: true, logprobs: 2 });
    expect(JSON.parse(openaiResponses.encodeRequest(request, dropped))).toMatchObject({
      include: ['message.output_text.logprobs'],
      top_logprobs: 2,
    });
    expect(dropped).toEqual([]);
    anthropicMessages.encodeRequest(request, dropped);
    expect(dropped).toEqual(['logprobs', 'topLogprobs']);
  });

  it.each(['whole', 'streamed'])("of Google's reach responses clients, %s", (way) => {
    const frames =
      way === 'whole'
        ? [{ type: 'response.completed', response: whole(googleGenerate, openaiResponses, sampled) }]
        : streamed(googleGenerate, openaiResponses, [sampled]);
    const [part] = frames.at(-1).response.output[0].content;
    expect(part.logprobs).toEqual([expect.objectContaining({ token, logprob: logProbability })]);
    expect(part.logprobs[0].bytes).toEqual([...Buffer.from(token)]);
    expect(part.logprobs[0].top_logprobs.map((top: Loose) => top.token)).toEqual(['Hello', '"']);
    for (const event of frames.filter(({ type }) => /output_text\.(delta|done)$/.test(type))) {
      expect(event.logprobs.map((entry: Loose) => entry.token)).toEqual([token]);
    }
  });

  it.each(['whole', 'streamed'])('of responses hosts reach chat clients, %s', (way) => {
    const entry = { token: 'Hi', logprob: -0.1, bytes: [72, 105] };
    const logprobs = [{ ...entry, top_logprobs: [entry] }];
    const content = [{ type: 'output_text', text: 'Hi', annotations: [], logprobs }];
    const response = { id: 'r', model: 'm', status: 'completed', output: [{ type: 'message', content }] };
    const events = [
      { type: 'response.created', response: { id: 'r', model: 'm' } },
      { type: 'response.output_text.delta', delta: 'Hi', logprobs },
      { type: 'response.completed', response },
    ];
    const frames =
      way === 'whole' ? [whole(openaiResponses, openaiChat, response)] : streamed(openaiResponses, openaiChat, events);
    const found = frames.flatMap(({ choices }) => choices[0]?.logprobs?.content ?? []);
    expect(found).toEqual(logprobs);
  });

  it('are not asked for by saying only how many to show', () => {
    const body = openaiResponses.validateRequest({ model: 'm', input: 'Hi', top_logprobs: 2 });
    const request = openaiResponses.decodeRequest(body, { model: 'm', stream: false, streamUsage: false });
    expect(request.unsupported).toEqual(['top_logprobs']);
    expect(request.logprobs).toBeUndefined();
  });
});

describe('media that a format cannot show', () => {
  const picture = { type: 'media', kind: 'image', mediaType: 'image/png', data: 'QQ==' } as const;
  const sound = { type: 'media', kind: 'audio', mediaType: 'audio/wav', data: 'QQ==' } as const;
  const file = { type: 'media', kind: 'image', fileId: 'file_1' } as const;

  it.each([
    [openaiChat, ['answer.audio', 'answer.image']],
    [openaiResponses, ['answer.audio', 'answer.image']],
    [anthropicMessages, ['answer.image', 'answer.audio', 'answer.image']],
    [googleGenerate, ['answer.image']],
  ] as const)('is named: $id', (client, names) => {
    const dropped: string[] = [];
    const answer = { id: 'i', model: 'm', parts: [picture, sound, file], finish: 'stop', usage: undefined } as const;
    client.encodeResponse(answer, { ...context, dropped });
    expect(dropped).toEqual(names);
    client.encodeResponse({ ...answer, parts: [{ type: 'text', text: 'A' }] }, { ...context, dropped });
    expect(dropped).toEqual(names);
  });
});
