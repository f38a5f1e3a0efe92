import { createParser } from 'eventsource-parser';
import { afterAll, describe, expect, it } from 'vitest';
import type { CanonicalEvent } from '../../src/core/llm/canonical/event.ts';
import type { CanonicalResponse } from '../../src/core/llm/canonical/response.ts';
import { GENERATION_FIELDS, REQUEST_FIELDS } from '../../src/core/llm/protocols/google-generate/fields.ts';
import { googleGenerate, googlePassthrough } from '../../src/core/llm/protocols/google-generate/index.ts';
import { publishedSchema, type Recording, recordings, schemaCheck } from './corpus.ts';
import { type Answer, answerOf, requestOf } from './google-meaning.ts';

/*
 * Recorded generateContent traffic of Gemini and Vertex: answers must decode to what they say and come out of our own
 * face to clients saying the same; requests must survive decoding and encoding as requests that Google publishes.
 */

const all = ['google', 'vertex', '_response_only/google', '_response_only/vertex']
  .flatMap((folder) => recordings(folder))
  .filter(({ api }) => /^(stream)?[gG]enerateContent$/.test(api));
const succeeded = ({ response }: Recording) => (response.status ?? 200) < 400;
const answers = all.filter((recording) => !recording.stream && succeeded(recording));
const streams = all.filter((recording) => recording.stream && succeeded(recording));
const failures = all.filter((recording) => !succeeded(recording));
const requests = all.filter((recording) => recording.request !== null && succeeded(recording));
/** Tools that Google runs itself have no form elsewhere: requests for them are refused. */
const translatable = requests.filter(({ request }) =>
  [request?.body['tools'] ?? []].flat().every((tool) => /^function_?[dD]eclarations$/.test(Object.keys(tool).join())),
);

const named = (found: readonly Recording[]) => found.map((recording) => [recording.id, recording] as const);
let ids = 0;
const newId = () => String(++ids);
const context = { model: 'public-name', created: 1_700_000_000, streamUsage: true, newId };
const isRequest = schemaCheck('gemini-request', 'GenerateContentRequest');
const isAnswer = schemaCheck('gemini-response', 'GenerateContentResponse');

function usageOf(usage: CanonicalResponse['usage']): unknown {
  if (usage === undefined) return undefined;
  const { cacheWrite, ...shown } = usage;
  expect(cacheWrite).toBe(0);
  return shown;
}

/** Kinds of tokens and the class of service are for the bill: they are not told to clients. */
function writtenUsage(usage: unknown): unknown {
  if (usage === undefined) return undefined;
  return { ...(usage as object), audioInput: undefined, audioOutput: undefined, serviceTier: undefined };
}

function shownResponse(response: CanonicalResponse): Answer {
  const shown: Answer = {
    text: '',
    thoughts: '',
    calls: [],
    signatures: [],
    finish: response.finish,
    usage: undefined,
  };
  for (const part of response.parts) {
    if (part.type === 'text') shown.text += part.text;
    if (part.type === 'reasoning') {
      shown.thoughts += part.text;
      expect(part.origin).toBe('google');
      if (part.signature) shown.signatures.push(part.signature);
    }
    if (part.type === 'tool_call') {
      expect(part.id).not.toBe('');
      shown.calls.push({ name: part.name, input: JSON.parse(part.arguments), signature: part.signature });
      if (part.signature) shown.signatures.push(part.signature);
    }
  }
  shown.usage = usageOf(response.usage);
  return shown;
}

function shownEvents(events: readonly CanonicalEvent[]): Answer {
  const shown: Answer = { text: '', thoughts: '', calls: [], signatures: [], finish: '', usage: undefined };
  const json: string[] = [];
  for (const event of events) {
    if (event.type === 'text') shown.text += event.text;
    if (event.type === 'reasoning') shown.thoughts += event.text;
    if (event.type === 'reasoning_end' && event.signature) shown.signatures.push(event.signature);
    if (event.type === 'tool_call') {
      shown.calls.push({ name: event.name, input: undefined, signature: event.signature });
      if (event.signature) shown.signatures.push(event.signature);
    }
    if (event.type === 'tool_arguments') json[event.index] = (json[event.index] ?? '') + event.json;
    if (event.type === 'finish') shown.finish = event.reason;
    if (event.type === 'usage') shown.usage = usageOf(event.usage);
  }
  for (const [index, call] of shown.calls.entries()) call.input = JSON.parse(json[index] ?? '');
  return shown;
}

function eventsOfStream({ response }: Recording): string {
  if (response.text !== undefined) return response.text;
  // Recorded without `alt=sse`, as one list; or as payloads only.
  const bodies = (response.chunks ?? response.body) as unknown[];
  return bodies.map((body) => `data: ${JSON.stringify(body)}\r\n\r\n`).join('');
}

/** Decodes a stream that arrives in pieces of `size` bytes. */
function decode(text: string, size: number, end = true): CanonicalEvent[] {
  ids = 0;
  const events: CanonicalEvent[] = [];
  const decoder = googleGenerate.createStreamDecoder({ newId });
  const emit = (event: CanonicalEvent) => events.push(event);
  const parser = createParser({ onEvent: ({ data, event }) => decoder.decode(data, event, emit) });
  const bytes = new TextEncoder().encode(text);
  const utf8 = new TextDecoder();
  for (let start = 0; start < bytes.length; start += size) {
    parser.feed(utf8.decode(bytes.subarray(start, start + size), { stream: true }));
  }
  if (end) decoder.close?.(emit);
  return events;
}

const framesOf = (text: string): unknown[] =>
  [...text.matchAll(/^data: ?(.*?)\r?$/gm)].map(([, data = '']) => JSON.parse(data));

describe('recorded answers', () => {
  it.each(named(answers))('%s', (_, { response }) => {
    const recorded = answerOf([response.body]);
    const decoded = googleGenerate.decodeResponse(response.body, { newId });
    expect(shownResponse(decoded)).toEqual(recorded);
    const written = JSON.parse(googleGenerate.encodeResponse(decoded, context));
    expect(isAnswer(written)).toEqual([]);
    expect(written.modelVersion).toBe('public-name');
    expect(answerOf([written])).toEqual({ ...recorded, usage: writtenUsage(recorded.usage) });
    expect(googlePassthrough.readResponse(response.body).usage).toEqual(decoded.usage);
  });

  it.each(named(failures))('%s', (_, { response }) => {
    const { error } = response.body as { error: { message: string; status: string } };
    expect(googleGenerate.decodeError(response.body)).toEqual({ message: error.message, code: error.status });
    expect(() => googlePassthrough.readResponse(response.body)).toThrow(/^(?!.*readable).+/);
  });
});

describe('recorded streams', () => {
  it.each(named(streams))('%s', (_, recording) => {
    const text = eventsOfStream(recording);
    const recorded = answerOf(framesOf(text));
    const events = decode(text, text.length * 4);
    expect(events.at(0)?.type).toBe('start');
    expect(events.at(-1)?.type).toBe('end');
    expect(shownEvents(events)).toEqual(recorded);
    for (const size of [1, 7]) expect(decode(text, size)).toEqual(events);
    const encoder = googleGenerate.createStreamEncoder(context);
    const written = events.map((event) => encoder.encode(event)).join('');
    const frames = framesOf(written);
    for (const frame of frames) expect(isAnswer(frame)).toEqual([]);
    expect(answerOf(frames)).toEqual({ ...recorded, usage: writtenUsage(recorded.usage) });
    const facts = framesOf(text).map((frame) => googlePassthrough.readEvent(JSON.stringify(frame)));
    expect(facts.map(({ failure }) => failure).filter(Boolean)).toEqual([]);
    expect(facts.some(({ content }) => content)).toBe(true);
    expect(facts.map(({ finished }) => finished).indexOf(true)).toBeGreaterThanOrEqual(0);
  });

  it('never ends a stream well that was cut before its finish', () => {
    for (const recording of streams) {
      const text = eventsOfStream(recording);
      const cut = text.slice(0, text.search(/"finishReason"/));
      expect(
        decode(cut, 4096).map(({ type }) => type),
        recording.id,
      ).not.toContain('end');
    }
  });
});

describe('recorded requests', () => {
  it.each(named(translatable))('%s', (_, { request, stream }) => {
    const body = googleGenerate.validateRequest(request?.body);
    // An older model, so that the calls of other vendors' models need no signature of ours.
    const canonical = googleGenerate.decodeRequest(body, { model: 'gemini-2.5-flash', stream, streamUsage: true });
    const dropped: string[] = [];
    const written = JSON.parse(googleGenerate.encodeRequest(canonical, dropped));
    expect(isRequest(written)).toEqual([]);
    const said = requestOf(body);
    // Who gives instructions only is taken to have said them: contents must not be empty.
    if (said.said.length === 0) {
      said.said = said.system.map((text) => ({ role: 'user', text, thought: false, signature: undefined }));
      said.system = [];
    }
    expect(requestOf(written)).toEqual(said);
    expect(dropped).toEqual([]);
  });

  it('refuses no recorded request that its provider took', () => {
    for (const { id, request } of requests)
      expect(() => googleGenerate.validateRequest(request?.body), id).not.toThrow();
  });

  it('refuses what Google refused for its shape', () => {
    const invalid = failures.find(({ id }) => id.includes('invalid-role'));
    expect(() => googleGenerate.validateRequest(invalid?.request?.body)).toThrow('contents[0].role');
  });

  afterAll(() => {
    const counts = { answers: answers.length, streams: streams.length, failures: failures.length };
    console.log('recordings of Google:', { ...counts, requests: requests.length, translated: translatable.length });
  });

  it('has a decision for every published field, and a reason where it stays silent', () => {
    const definitions = publishedSchema('gemini-request')['$defs'];
    for (const [definition, fields, newer] of [
      // Google's client library sends it already.
      ['GenerateContentRequest', REQUEST_FIELDS, ['serviceTier']],
      ['GenerationConfig', GENERATION_FIELDS, []],
    ] as const) {
      const published = Object.keys(definitions[definition].properties).toSorted();
      expect(published.length).toBeGreaterThan(8);
      expect([...fields.keys()].toSorted()).toEqual([...published, ...newer].toSorted());
      for (const [name, { fate }] of fields) {
        if (fate.kind === 'harmless') expect(fate.because, name).toMatch(/\w+ \w+ \w+/);
      }
    }
  });

  it('finds recordings', () => {
    for (const found of [answers, streams, failures, translatable]) expect(found.length).toBeGreaterThan(0);
  });
});
