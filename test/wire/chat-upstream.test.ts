import { createParser } from 'eventsource-parser';
import { afterAll, describe, expect, it } from 'vitest';
import type { CanonicalEvent } from '../../src/core/llm/canonical/event.ts';
import type { CanonicalResponse } from '../../src/core/llm/canonical/response.ts';
import { addressOf, openaiChat } from '../../src/core/llm/protocols/openai-chat/index.ts';
import { nothingSaid, recordedAnswer, recordedStream, type Said, str } from './chat-meaning.ts';
import { type Recording, recordings, schemaCheck, withoutNulls } from './corpus.ts';
import { type Loose, loose, saidInChat, streamText } from './meaning.ts';

/*
 * Recorded answers of every host that speaks chat completions must decode to what the recording says, however their
 * bytes are cut; recorded requests, decoded and encoded again, must be requests OpenAI publishes and mean the same.
 */

const HOSTS = [
  'alibaba',
  'azure',
  'cerebras',
  'crusoe',
  'deepseek',
  'google',
  'groq',
  'heroku',
  'huggingface',
  'mistral',
  'moonshotai',
  'ollama',
  'openai',
  'openrouter',
  'snowflake',
  'together',
  'xai',
  'zai',
];

/** Features without a form in the canonical model: several answers, tools that are not functions, spoken answers. */
const UNTRANSLATED = new Set(['custom_tools', 'n_choices']);

const all = HOSTS.flatMap((host) => [...recordings(host), ...recordings(`_response_only/${host}`)]).filter(
  ({ api, features }) => api === 'chat.completions' && !features.some((feature) => UNTRANSLATED.has(feature)),
);
const isError = ({ response }: Recording) =>
  (response.status ?? 200) >= 400 || Boolean(loose(response.body)?.['error'] ?? false);
const answers = all.filter((recording) => !recording.stream && !isError(recording));
const failures = all.filter((recording) => !recording.stream && isError(recording));
const streams = all.filter((recording) => recording.stream && !isError(recording));
const broken = streams.filter(({ features }) => features.includes('stream_error'));
const whole = streams.filter((recording) => !broken.includes(recording));
const hasForeignTools = ({ request }: Recording) =>
  [...(loose(request?.body['tools']) ?? [])].some((tool) => str(tool['type'] ?? 'function') !== 'function');
const requests = all.filter(
  (recording) => recording.request && (recording.response.status ?? 200) < 400 && !hasForeignTools(recording),
);

function usageSaid(usage: CanonicalResponse['usage']): Said['usage'] {
  if (usage === undefined) return undefined;
  const { input, output, cacheRead, reasoning } = usage;
  return { input, output, cacheRead, reasoning };
}

/** Ids the decoder had to make count as none; each must be its own. */
const made = (id: string) => (id.startsWith('call_made') ? '' : id);
const counter = () => {
  let next = 0;
  return { newId: () => `made${next++}` };
};

function decodedAnswer(response: CanonicalResponse): Said {
  const said = nothingSaid();
  Object.assign(said, { id: response.id, model: response.model, finish: response.finish });
  said.usage = usageSaid(response.usage);
  for (const part of response.parts) {
    if (part.type === 'text') said.text += part.text;
    if (part.type === 'refusal') said.refusal += part.text;
    if (part.type === 'tool_call') said.calls.push({ id: made(part.id), name: part.name, json: part.arguments });
    if (part.type !== 'reasoning') continue;
    said.reasoning += part.text;
    const proof = part.signature ?? part.redacted;
    if (proof) said.proofs.push(`${part.origin}:${proof}`);
  }
  return said;
}

function decodedStream(events: readonly CanonicalEvent[]): Said {
  const said = nothingSaid();
  for (const event of events) {
    if (event.type === 'start') Object.assign(said, { id: event.id, model: event.model });
    if (event.type === 'text') said.text += event.text;
    if (event.type === 'refusal') said.refusal += event.text;
    if (event.type === 'reasoning') said.reasoning += event.text;
    if (event.type === 'usage') said.usage = usageSaid(event.usage);
    if (event.type === 'finish') said.finish = event.reason;
    if (event.type === 'tool_call') {
      expect(event.index).toBe(said.calls.length);
      said.calls.push({ id: made(event.id), name: event.name, json: '' });
    }
    const call = event.type === 'tool_arguments' ? said.calls[event.index] : undefined;
    if (call && event.type === 'tool_arguments') call.json += event.json;
    if (event.type !== 'reasoning_end') continue;
    const proof = event.signature ?? event.redacted;
    if (proof) said.proofs.push(`${event.origin}:${proof}`);
  }
  return said;
}

/** Decodes an event stream that arrives in pieces of `size` bytes and then closes. */
function decode(text: string, size: number): CanonicalEvent[] {
  const events: CanonicalEvent[] = [];
  const emit = (event: CanonicalEvent) => events.push(event);
  const decoder = openaiChat.createStreamDecoder(counter());
  const parser = createParser({ onEvent: ({ data, event }) => decoder.decode(data, event, emit) });
  const bytes = new TextEncoder().encode(text);
  const utf8 = new TextDecoder();
  for (let start = 0; start < bytes.length; start += size) {
    parser.feed(utf8.decode(bytes.subarray(start, start + size), { stream: true }));
  }
  decoder.close?.(emit);
  return events;
}

const each = (found: readonly Recording[]) => found.map((recording) => [recording.id, recording] as const);

describe('answers of chat hosts', () => {
  it.each(each(answers))('%s', (_, { response }) => {
    const decoded = openaiChat.decodeResponse(response.body, counter());
    expect(decodedAnswer(decoded)).toEqual(recordedAnswer(response.body as Loose));
    const ids = decoded.parts.flatMap((part) => (part.type === 'tool_call' ? [part.id] : []));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => id !== '')).toBe(true);
  });

  it.each(each(whole))('%s', (_, recording) => {
    const text = streamText(recording);
    const events = decode(text, text.length * 4);
    expect(decodedStream(events)).toEqual(recordedStream(text));
    expect(events[0]?.type).toBe('start');
    expect(events.filter(({ type }) => type === 'start' || type === 'finish' || type === 'error')).toHaveLength(2);
    expect(events.at(-1)).toEqual({ type: 'end' });
    for (const size of [1, 7]) expect(decode(text, size)).toEqual(events);
  });

  it.each(each(broken))('%s', (_, recording) => {
    const text = streamText(recording);
    const events = decode(text, 5);
    expect(events.filter(({ type }) => type === 'error' || type === 'end')).toHaveLength(1);
    const last = events.at(-1);
    const told: Loose = JSON.parse(/^data: (\{"error".*)$/m.exec(text)?.[1] ?? '{}');
    expect(last?.type === 'error' && last.error.message).toContain(str(told['error']?.['message']));
  });

  it.each(each(failures))('%s', (_, { response }) => {
    const told = loose(response.body)?.['error'];
    const error = openaiChat.decodeError(response.body);
    expect(error?.message).toBe(str(told?.['message']));
    expect(error?.code).toBe(String(told?.['code'] ?? told?.['type']));
    expect(() => openaiChat.decodeResponse(response.body, counter())).toThrow(/\w/);
  });

  it('never takes a stream for whole that was cut before it said why it stopped', () => {
    for (const recording of whole) {
      const text = streamText(recording);
      const stop = text.search(/^data:.*"finish_reason": ?"|^data: ?\[DONE\]/m);
      const types = decode(text.slice(0, stop), 4096).map(({ type }) => type);
      expect(types, recording.id).not.toContain('end');
    }
  });
});

const isRequest = schemaCheck('openai-request', 'CreateChatCompletionRequest');

/** Calls and results of a chat request, in order. */
function toolsIn(body: Record<string, unknown>): { calls: string[]; results: string[] } {
  const told = { calls: [] as string[], results: [] as string[] };
  for (const message of loose(body['messages']) ?? []) {
    for (const call of message['tool_calls'] ?? []) {
      told.calls.push(`${str(call['id'])} ${str(call['function']?.['name'])} ${str(call['function']?.['arguments'])}`);
    }
    if (str(message['role']) === 'tool') told.results.push(str(message['tool_call_id']));
  }
  return told;
}

/** Everything of a kind in the user's messages, in order. */
function mediaIn(body: Record<string, unknown>): unknown[] {
  const media: unknown[] = [];
  for (const message of loose(body['messages']) ?? []) {
    if (str(message['role']) !== 'user' || typeof message['content'] === 'string') continue;
    for (const part of message['content'] ?? []) if (str(part['type']) !== 'text') media.push(part);
  }
  return media;
}

const squeezed = (texts: readonly string[]) => texts.join('').replace(/\s+/g, '');
const SAMPLING = ['temperature', 'top_p', 'frequency_penalty', 'presence_penalty', 'seed', 'user', 'reasoning_effort'];

describe('requests for chat hosts', () => {
  let withTools = 0;
  let withMedia = 0;

  it.each(each(requests))('%s', (_, { request }) => {
    const body = request?.body ?? {};
    const validated = openaiChat.validateRequest(body);
    const canonical = openaiChat.decodeRequest(validated, addressOf(validated));
    const dropped: string[] = [];
    const encoded = JSON.parse(openaiChat.encodeRequest(canonical, dropped));
    expect(isRequest(encoded)).toEqual([]);
    expect(dropped).toEqual([]);
    expect(encoded.model).toBe(body['model']);
    const said = saidInChat(body);
    const shown = saidInChat(encoded);
    expect(squeezed(shown.system)).toBe(squeezed(said.system));
    expect(squeezed(shown.turns)).toBe(squeezed(said.turns));
    const isModern = (message: Loose) => str(message['role']) !== 'function' && !message['function_call'];
    if ([...(loose(body['messages']) ?? [])].every(isModern)) expect(toolsIn(encoded)).toEqual(toolsIn(body));
    const media = mediaIn(body);
    expect(mediaIn(encoded).length).toBe(media.length);
    for (const [index, part] of mediaIn(encoded).entries()) expect(part).toMatchObject(plainMedia(media[index]));
    for (const name of SAMPLING) {
      const isNamed = canonical.unsupported.includes(name);
      expect(encoded[name], name).toEqual(isNamed ? undefined : (body[name] ?? undefined));
    }
    // Groq's own word for what happens anyway.
    expect(canonical.unsupported.includes('reasoning_effort')).toBe(body['reasoning_effort'] === 'default');
    expect(encoded.max_completion_tokens).toBe(body['max_completion_tokens'] ?? body['max_tokens'] ?? undefined);
    expect([encoded.stop ?? []].flat()).toEqual([body['stop'] ?? []].flat());
    expect(encoded.stream === true).toBe(body['stream'] === true);
    const names = [...(loose(body['tools']) ?? [])].map((tool) => describedTool(tool['function']));
    const legacy = [...(loose(body['functions']) ?? [])];
    expect((encoded.tools ?? []).map((tool: Loose) => tool['function'])).toEqual([...names, ...legacy]);
    if (encoded.tools) withTools++;
    if (media.length > 0) withMedia++;
    const compatible = JSON.parse(openaiChat.encodeRequest(canonical, [], { maxTokensField: 'max_tokens' }));
    expect(compatible.max_tokens).toBe(encoded.max_completion_tokens);
    expect(compatible.messages).toHaveLength(encoded.messages.length);
  });

  afterAll(() => {
    console.log('chat recordings:', {
      answers: answers.length,
      streams: whole.length,
      failures: failures.length + broken.length,
      requests: requests.length,
      requestsWithTools: withTools,
      requestsWithMedia: withMedia,
    });
  });

  it('finds recordings', () => {
    for (const found of [answers, whole, broken, failures, requests]) expect(found.length).toBeGreaterThan(0);
  });
});

/** A description that says nothing is none. */
function describedTool(tool: unknown): unknown {
  const read = loose(withoutNulls(tool));
  if (!read || read['description'] === undefined || str(read['description']) !== '') return read;
  const { description: _, ...rest } = read;
  return rest;
}

/** A recorded part as it may come back: an address that stood bare is wrapped, nulls are gone. */
function plainMedia(part: unknown): object {
  const read = loose(part);
  const url: unknown = read?.['image_url'];
  if (typeof url === 'string') return { type: 'image_url', image_url: { url } };
  if (str(read?.['type']) === 'file') {
    const { file_data: data, file_id: id } = loose(read?.['file'] ?? {}) as Loose;
    return { type: 'file', file: data ? { file_data: data } : { file_id: id } };
  }
  return { type: str(read?.['type']) };
}
