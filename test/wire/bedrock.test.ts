import { afterAll, describe, expect, it } from 'vitest';
import type { CanonicalEvent } from '../../src/core/llm/canonical/event.ts';
import type { JsonObject } from '../../src/core/llm/canonical/request.ts';
import type { CanonicalResponse } from '../../src/core/llm/canonical/response.ts';
import { bedrockConverse } from '../../src/core/llm/protocols/bedrock-converse/index.ts';
import type { GuardrailConfig } from '../../src/core/llm/protocols/bedrock-converse/wire.ts';
import type { Quirks } from '../../src/core/llm/protocols/quirks.ts';
import { type Frame, FrameReader } from '../../src/core/llm/providers/bedrock-frames.ts';
import { bedrockMessage } from '../../src/testing/bedrock-frames.ts';
import { type Answer, answerOf, canonicalOf, nothing, requestOf, streamOf } from './bedrock-meaning.ts';
import { publishedSchema, type Recording, recordings, schemaCheck } from './corpus.ts';

/*
 * Recorded Converse traffic: answers and streams must decode to what they say, requests must come out of our encoder
 * saying the same, and be requests that Amazon publishes.
 */

interface BedrockRecording extends Recording {
  readonly model: string;
  readonly response: Recording['response'] & {
    readonly headers?: Record<string, string>;
    readonly base64?: string;
    readonly frames?: readonly { type: string; payload: unknown }[];
  };
}

const all = ['bedrock', '_response_only/bedrock'].flatMap((folder) => recordings(folder)) as BedrockRecording[];
const converse = all.filter(({ api }) => api === 'converse' || api === 'converse-stream');
const succeeded = ({ response }: BedrockRecording) => (response.status ?? 200) < 400;
const answers = converse.filter((recording) => !recording.stream && succeeded(recording));
const streams = converse.filter((recording) => recording.stream);
const failures = converse.filter((recording) => !succeeded(recording));
const binary = all.filter(({ response }) => response.base64 !== undefined);
const requests = converse.filter((recording) => recording.request !== null && succeeded(recording));

/** What the canonical form has no word for: Amazon's own tools, guards around a text, documents in chunks. */
const UNSAID = /"(?:systemTool|guardContent|server_tool_use)"|"source":\{"content"/;
const sayable = requests.filter(({ request }) => !UNSAID.test(JSON.stringify(request?.body)));

const named = (found: readonly BedrockRecording[]) => found.map((recording) => [recording.id, recording] as const);
const newId = () => 'fresh';
const isRequest = schemaCheck('bedrock-request', 'ConverseRequest');
/** The guardrail of a recorded request, as a provider would have it configured. */
function guardrailOf(body: unknown): Quirks {
  const config = (body as { guardrailConfig?: GuardrailConfig }).guardrailConfig;
  if (config === undefined) return {};
  const { guardrailIdentifier: identifier, guardrailVersion: version, trace } = config;
  return { guardrail: { identifier, version, trace } };
}

function shownResponse({ parts, finish, usage }: CanonicalResponse, isClaude: boolean): Answer {
  const shown = nothing();
  for (const part of parts) {
    if (part.type === 'text') {
      shown.text += part.text;
      for (const citation of part.citations ?? []) shown.cited.push(titleOf(citation));
    }
    if (part.type === 'reasoning') {
      shown.thoughts += part.text;
      expect(part.origin).toBe(isClaude ? 'anthropic' : undefined);
      if (part.signature ?? part.redacted) shown.proofs.push(part.signature ?? part.redacted);
    }
    if (part.type === 'tool_call') {
      shown.calls.push({ id: part.id, name: part.name, input: JSON.parse(part.arguments) });
    }
  }
  return { ...shown, finish, usage: counts(usage) };
}

function counts(usage: CanonicalResponse['usage']): unknown {
  if (usage === undefined) return undefined;
  const { input, output, cacheRead, cacheWrite, reasoning } = usage;
  return { input, output, cacheRead, cacheWrite, reasoning };
}

const titleOf = (citation: JsonObject) => citation['document_title'] ?? citation['title'];

function shownEvents(events: readonly CanonicalEvent[], isClaude: boolean): Answer {
  const shown = nothing();
  const json: string[] = [];
  for (const event of events) {
    if (event.type === 'text') shown.text += event.text;
    if (event.type === 'reasoning') shown.thoughts += event.text;
    if (event.type === 'citation') shown.cited.push(titleOf(event.citation));
    if (event.type === 'reasoning_end') {
      expect(event.origin).toBe(isClaude ? 'anthropic' : undefined);
      if (event.signature ?? event.redacted) shown.proofs.push(event.signature ?? event.redacted);
    }
    if (event.type === 'tool_call') shown.calls.push({ id: event.id, name: event.name, input: undefined });
    if (event.type === 'tool_arguments') json[event.index] = (json[event.index] ?? '') + event.json;
    if (event.type === 'finish') shown.finish = event.reason;
    if (event.type === 'usage') shown.usage = counts(event.usage);
  }
  for (const [index, call] of shown.calls.entries()) call.input = JSON.parse(json[index] ?? '{}');
  return shown;
}

const isClaude = (model: string | null) => /(^|\.)anthropic\./.test(model ?? '');

/** Type and payload of every frame, or of every payload where the frames were not recorded. */
function framesOf({ response }: BedrockRecording): { type: string; payload: unknown }[] {
  if (response.frames !== undefined) return [...response.frames];
  return (response.chunks ?? []).flatMap((chunk) =>
    Object.entries(chunk as object).map(([type, payload]) => ({ type, payload })),
  );
}

function decode(recording: BedrockRecording, frames = framesOf(recording)): CanonicalEvent[] {
  const events: CanonicalEvent[] = [];
  const emit = (event: CanonicalEvent) => events.push(event);
  const decoder = bedrockConverse.createStreamDecoder({ newId, upstreamModel: recording.model ?? '' });
  for (const { type, payload } of frames) decoder.decode(JSON.stringify(payload), type, emit);
  decoder.close?.(emit);
  return events;
}

function read(bytes: Buffer, cut: (left: number) => number): Frame[] {
  const frames: Frame[] = [];
  const reader = new FrameReader((frame) => frames.push(frame));
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + cut(bytes.length - at));
    expect(reader.push(bytes.subarray(at, end))).toBe(true);
    at = end;
  }
  return frames;
}

describe('recorded traffic of Bedrock', () => {
  it.each(named(answers))('answer %s', (_, { response, model }) => {
    const decoded = bedrockConverse.decodeResponse(response.body, { newId, upstreamModel: model ?? '' });
    expect(shownResponse(decoded, isClaude(model))).toEqual(answerOf(response.body));
  });

  it.each(named(streams))('stream %s', (_, recording) => {
    const events = decode(recording);
    const frames = framesOf(recording);
    expect(events.filter(({ type }) => type === 'error')).toEqual([]);
    expect(events.at(0)?.type).toBe('start');
    // Some fixtures were trimmed by their authors and never stop.
    if (frames.some(({ type }) => type === 'messageStop')) expect(events.at(-1)?.type).toBe('end');
    expect(shownEvents(events, isClaude(recording.model))).toEqual(streamOf(frames));
  });

  it.each(named(streams))('stream %s, cut before its stop, never ends well', (_, recording) => {
    const frames = framesOf(recording);
    const cut = frames.slice(
      0,
      frames.findIndex(({ type }) => type === 'messageStop'),
    );
    expect(decode(recording, cut).map(({ type }) => type)).not.toContain('end');
  });

  it.each(named(failures))('failure %s', (_, { response }) => {
    const { message } = response.body as { message: string };
    const type = response.headers?.['x-amzn-errortype'] ?? '';
    expect(bedrockConverse.decodeError({ message, __type: type })).toEqual({
      message,
      ...(type !== '' && { code: type.split(':')[0] }),
    });
  });

  it.each(named(binary))('frames of %s', (_, { response }) => {
    const bytes = Buffer.from(response.base64 ?? '', 'base64');
    const whole = read(bytes, (left) => left);
    const recorded = response.frames ?? [];
    expect(whole).toHaveLength(recorded.length);
    for (const [index, { headers, payload }] of whole.entries()) {
      expect(headers.get(':event-type')).toBe(recorded[index]?.type);
      if (!('bytes' in ((recorded[index]?.payload ?? {}) as object))) {
        expect(JSON.parse(payload.toString())).toEqual(recorded[index]?.payload);
      }
    }
    // The kit's own frames are the service's, byte for byte.
    const again = whole.map(({ headers, payload }) => bedrockMessage([...headers], payload.toString()));
    expect(Buffer.concat(again).equals(bytes)).toBe(true);
    const shown = whole.map(({ headers, payload }) => [[...headers], payload.toString()]);
    let seed = bytes.length;
    const random = () => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return 1 + (seed % 97);
    };
    for (const cut of [() => 1, () => 7, random]) {
      expect(read(bytes, cut).map(({ headers, payload }) => [[...headers], payload.toString()])).toEqual(shown);
    }
  });

  it.each(named(sayable))('request %s', (_, { model, request }) => {
    const dropped: string[] = [];
    const canonical = canonicalOf(model ?? '', request?.body);
    const written = JSON.parse(bedrockConverse.encodeRequest(canonical, dropped, guardrailOf(request?.body)));
    expect(isRequest(written)).toEqual([]);
    expect(requestOf(written)).toEqual(requestOf(request?.body));
    expect(dropped).toEqual([]);
  });

  it('is there in every kind', () => {
    for (const found of [answers, streams, failures, binary, sayable]) expect(found.length).toBeGreaterThan(0);
  });

  afterAll(() => {
    const counts = { answers: answers.length, streams: streams.length, failures: failures.length };
    console.log('recordings of Bedrock:', {
      ...counts,
      frames: binary.length,
      requests: requests.length,
      sayable: sayable.length,
    });
  });
});

/** Why a member of the published request is never written, or that it is. */
const PUBLISHED: { [member: string]: 'written' | string } = {
  messages: 'written',
  system: 'written',
  inferenceConfig: 'written',
  toolConfig: 'written',
  additionalModelRequestFields: 'written',
  additionalModelResponseFieldPaths: 'written',
  requestMetadata: 'written',
  outputConfig: 'written',
  guardrailConfig: 'written',
  promptVariables: 'belongs to stored prompts, which no other dialect has',
  performanceConfig: 'has no counterpart in the canonical request',
  serviceTier: 'written',
};

describe('the published request', () => {
  it('has a decision for every member', () => {
    const published = Object.keys(publishedSchema('bedrock-request')['$defs']['ConverseRequest'].properties);
    expect(Object.keys(PUBLISHED).toSorted()).toEqual(published.toSorted());
    for (const reason of Object.values(PUBLISHED)) expect(reason).toMatch(/^written$|\w+ \w+ \w+/);
  });
});
