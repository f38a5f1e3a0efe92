import { createParser } from 'eventsource-parser';
import { afterAll, describe, expect, it } from 'vitest';
import { NexusError } from '../../src/core/errors/nexus-error.ts';
import { MESSAGES_FIELDS } from '../../src/core/llm/protocols/anthropic-messages/fields.ts';
import {
  addressOf,
  anthropicMessages,
  anthropicPassthrough,
  decodeCountTokens,
  encodeCountTokens,
  validateCountTokens,
} from '../../src/core/llm/protocols/anthropic-messages/index.ts';
import { publishedSchema, type Recording, recordings, schemaCheck, withoutNulls } from './corpus.ts';
import { streamText } from './meaning.ts';

/*
 * Anthropic's Messages through the canonical form and back must say what the recording says. What is written differently
 * and means the same: a lone text is a string; blank texts are gone; neighbours of one side are one message, its tool
 * results first, and without references to tools; system messages stand behind the system prompt; texts that follow each other in a stream are one.
 */

type Json = Record<string, unknown>;
const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

const exchanges = recordings('anthropic');
const fixtures = recordings('_response_only/anthropic');
const succeeded = ({ response }: Recording) => (response.status ?? 200) < 400;
const messages = [...exchanges, ...fixtures].filter(({ api }) => api === 'messages').filter(succeeded);
const requests = messages.filter(({ request }) => request !== null);
const answers = messages.filter(({ stream }) => !stream);
const streams = messages.filter(({ stream }) => stream);

const context = { model: 'public-name', created: 1_700_000_000, streamUsage: true, newId: () => 'fresh' };

/** Tools that Anthropic defines, and blocks that they and its beta features leave behind. */
const VENDOR_KINDS = /_20\d{6}$|^(server_tool_use|\w+_tool_result|mcp_\w+|container_upload|compaction|tool_addition)$/;

function readBlock(block: Json): unknown[] {
  const { type, text, cache_control, citations, caller, content, source, ...rest } = block;
  const cache = cache_control ?? undefined;
  switch (type) {
    case 'text':
      return String(text).trim() === '' ? [] : [{ text, cache, citations: withoutNulls(citations ?? undefined) }];
    case 'tool_result':
      return [
        { type, id: rest['tool_use_id'], isError: rest['is_error'] === true, cache, content: readContent(content) },
      ];
    case 'tool_use':
      return [{ type, id: rest['id'], name: rest['name'], input: rest['input'], cache }];
    case 'thinking':
      return [{ type, thinking: rest['thinking'], signature: rest['signature'] }];
    case 'redacted_thinking':
      return [{ type, data: rest['data'] }];
    case 'tool_reference':
      return [];
    default:
      return [{ type, source, title: rest['title'] ?? undefined, cache }];
  }
}

function readContent(content: unknown): unknown[] {
  if (typeof content === 'string') return readBlock({ type: 'text', text: content });
  return Array.isArray(content) ? content.filter(isJson).flatMap(readBlock) : [];
}

const isResult = (item: unknown) => isJson(item) && item['type'] === 'tool_result';

interface Prompt {
  system: unknown[];
  turns: { role: unknown; items: unknown[] }[];
  tools: unknown[];
}

function readPrompt(body: Json): Prompt {
  const prompt: Prompt = { system: readContent(body['system']), turns: [], tools: [] };
  for (const message of Array.isArray(body['messages']) ? body['messages'].filter(isJson) : []) {
    const items = readContent(message['content']);
    const last = prompt.turns.at(-1);
    if (message['role'] === 'system') prompt.system.push(...items);
    else if (last?.role === message['role']) last?.items.push(...items);
    else if (items.length > 0) prompt.turns.push({ role: message['role'], items });
  }
  for (const turn of prompt.turns) {
    turn.items = [...turn.items.filter(isResult), ...turn.items.filter((item) => !isResult(item))];
  }
  const { system } = prompt;
  if (system.every((item) => isJson(item) && item['cache'] === undefined)) {
    prompt.system = system.length === 0 ? [] : [system.map((item) => isJson(item) && item['text']).join('\n\n')];
  }
  prompt.tools = (Array.isArray(body['tools']) ? body['tools'] : []).filter(isJson).map((tool) => {
    const { name, description, input_schema, strict, cache_control } = tool;
    return { name, description: description || undefined, input_schema, strict: strict ?? undefined, cache_control };
  });
  return prompt;
}

const isRequest = schemaCheck('anthropic-request', 'RMessageCreateParamsNonStreaming');
const isStreamRequest = schemaCheck('anthropic-request', 'RMessageCreateParamsStreaming');
const isCountRequest = schemaCheck('anthropic-request', 'RMessageCountTokensParams');
const isMessage = schemaCheck('anthropic-response', 'RMessage');
const isStreamEvent = schemaCheck('anthropic-response', 'RRawMessageStreamEvent');

const named = (list: readonly Recording[]) => list.map((recording) => [recording.id, recording] as const);

let translated = 0;
let signed = 0;
let refused = 0;

describe('requests', () => {
  it.each(named(requests))('%s', (_, { request }) => {
    const body = request?.body ?? {};
    expect(anthropicMessages.validateRequest(body)).toBe(body);
    let canonical: ReturnType<typeof anthropicMessages.decodeRequest>;
    try {
      canonical = anthropicMessages.decodeRequest(body, addressOf(body));
    } catch (thrown) {
      if (!NexusError.is(thrown)) throw thrown;
      expect([thrown.code, thrown.param]).toEqual(['invalid_request', expect.stringMatching(/\.type$/)]);
      const path = thrown.param?.match(/\w+/g) ?? [];
      let value: unknown = body;
      for (const step of path) value = (value as Json)[step];
      expect(value).toMatch(VENDOR_KINDS);
      refused++;
      return;
    }
    const dropped: string[] = [];
    const again: Json = JSON.parse(anthropicMessages.encodeRequest(canonical, dropped));
    expect((body['stream'] === true ? isStreamRequest : isRequest)(again)).toEqual([]);
    expect(readPrompt(again)).toEqual(readPrompt(body));
    for (const name of ['model', 'top_p', 'top_k', 'temperature', 'stop_sequences', 'metadata']) {
      expect(again[name], name).toEqual(body[name] ?? undefined);
    }
    const thinking = isJson(body['thinking']) ? body['thinking'] : { type: 'disabled' };
    if (thinking['type'] !== 'disabled') {
      const { type, budget_tokens } = thinking;
      expect(again['thinking']).toEqual({ type, budget_tokens, display: 'summarized' });
      expect(again['max_tokens']).toBe(body['max_tokens']);
    }
    const format = isJson(body['output_config']) ? body['output_config']['format'] : undefined;
    if (format) expect(again['output_config']).toMatchObject({ format });
    expect(dropped.filter((name) => name !== 'toolChoice')).toEqual([]);
    translated++;
    if (JSON.stringify(body).includes('"signature"')) signed++;
  });

  it('counts', () => {
    for (const { id, request, response } of exchanges.filter(({ api }) => api === 'count_tokens')) {
      const body = validateCountTokens(request?.body);
      if (response.status === 200) {
        const count = isJson(response.body) ? response.body['input_tokens'] : undefined;
        expect(decodeCountTokens(response.body), id).toBe(count);
      } else {
        expect(anthropicMessages.decodeError(response.body), id).toBeDefined();
      }
      if ((body.tools ?? []).some((tool) => tool.type)) continue;
      const canonical = anthropicMessages.decodeRequest(body, addressOf(body));
      expect(isCountRequest(JSON.parse(encodeCountTokens(canonical))), id).toEqual([]);
    }
  });
});

const TRANSLATED = new Set(['text', 'thinking', 'redacted_thinking', 'tool_use']);

/** Blocks that have a canonical form, without what the vendor adds about itself. */
function shownBlocks(blocks: readonly Json[]): Json[] {
  return blocks
    .filter(({ type, text }) => TRANSLATED.has(String(type)) && !(type === 'text' && text === ''))
    .map(({ caller, citations, ...block }) =>
      Array.isArray(citations) && citations.length > 0 ? { ...block, citations } : block,
    );
}

const COUNTS = ['input_tokens', 'output_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'];
const counts = (usage: unknown) => COUNTS.map((name) => (isJson(usage) ? (usage[name] ?? 0) : 0));
const REASONS: Record<string, string> = { pause_turn: 'end_turn', model_context_window_exceeded: 'max_tokens' };
const reasonOf = (reason: unknown) => REASONS[String(reason)] ?? reason;

/** A pause leaves only calls of the vendor's tools behind; reasons this table does not know end the turn. */
const endsWell = (blocks: readonly Json[], reason: unknown) =>
  reasonOf(reason) === 'end_turn' && blocks.some(({ type }) => type === 'tool_use') ? 'tool_use' : reasonOf(reason);

describe('answers', () => {
  it.each(named(answers))('%s', (_, { response }) => {
    const recorded = response.body as Json & { content: Json[] };
    anthropicPassthrough.readResponse(recorded);
    const canonical = anthropicMessages.decodeResponse(recorded);
    const shown = JSON.parse(anthropicMessages.encodeResponse(canonical, context));
    expect(isMessage(shown)).toEqual([]);
    expect(withoutNulls(shown.content)).toEqual(withoutNulls(shownBlocks(recorded.content)));
    expect(shown.stop_reason).toBe(
      recorded['stop_reason'] === 'compaction' ? 'end_turn' : endsWell(recorded.content, recorded['stop_reason']),
    );
    expect(shown.stop_sequence).toBe(recorded['stop_sequence'] ?? null);
    expect(counts(shown.usage)).toEqual(counts(recorded['usage']));
    expect([shown.id, shown.model]).toEqual([recorded['id'], 'public-name']);
  });
});

/** Translates an event stream that arrives in pieces of `size` bytes. */
function translate(text: string, size: number): string {
  const decoder = anthropicMessages.createStreamDecoder();
  const encoder = anthropicMessages.createStreamEncoder(context);
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

interface StreamedMessage {
  blocks: Json[];
  reason: unknown;
  sequence: unknown;
  usage: Json;
}

/** Puts the events together the way a client does, and texts that follow each other into one. */
function assemble(frames: readonly Json[]): StreamedMessage {
  const blocks: Json[] = [];
  const message: StreamedMessage = { blocks: [], reason: undefined, sequence: null, usage: {} };
  const inputs: string[] = [];
  for (const frame of frames) {
    const index = Number(frame['index']);
    const delta = isJson(frame['delta']) ? frame['delta'] : {};
    const open = blocks[index];
    if (frame['type'] === 'message_start' && isJson(frame['message']))
      Object.assign(message.usage, frame['message']['usage']);
    if (frame['type'] === 'content_block_start' && isJson(frame['content_block']))
      blocks[index] = { ...frame['content_block'] };
    if (frame['type'] === 'content_block_delta' && open) {
      for (const name of ['text', 'thinking', 'signature']) {
        if (typeof delta[name] === 'string') open[name] = String(open[name] ?? '') + delta[name];
      }
      if (typeof delta['partial_json'] === 'string') inputs[index] = (inputs[index] ?? '') + delta['partial_json'];
      if (delta['citation']) open['citations'] = [...((open['citations'] as unknown[]) ?? []), delta['citation']];
    }
    if (frame['type'] === 'message_delta') {
      message.reason = delta['stop_reason'];
      message.sequence = delta['stop_sequence'] ?? null;
      Object.assign(message.usage, frame['usage']);
    }
  }
  for (const [index, input] of inputs.entries())
    if (input) Object.assign(blocks[index] ?? {}, { input: JSON.parse(input) });
  for (const block of shownBlocks(blocks.filter((found) => found !== undefined))) {
    const last = message.blocks.at(-1);
    if (block['type'] === 'text' && last?.['type'] === 'text') {
      last['text'] = String(last['text']) + block['text'];
      const citations = [...((last['citations'] as unknown[]) ?? []), ...((block['citations'] as unknown[]) ?? [])];
      if (citations.length > 0) last['citations'] = citations;
    } else {
      message.blocks.push(block);
    }
  }
  return message;
}

/** The frames of the first message: some fixtures hold several, one after the other. */
function framesOf(text: string): Json[] {
  const frames: Json[] = [];
  for (const [, data = ''] of text.matchAll(/^data: ?(.*)$/gm)) {
    const frame: Json = JSON.parse(data);
    frames.push(frame);
    if (frame['type'] === 'message_stop') break;
  }
  return frames;
}

/** The grammar of the stream: one start, blocks one after the other from 0, one closing delta, one stop. */
function checkSequence(frames: readonly Json[]): void {
  const steps = frames.map(({ type, index }) => `${type}${index === undefined ? '' : `:${index}`}`);
  let at = 0;
  expect(steps[at++]).toBe('message_start');
  for (let block = 0; steps[at]?.startsWith('content_block'); block++) {
    expect(steps[at++]).toBe(`content_block_start:${block}`);
    while (steps[at] === `content_block_delta:${block}`) at++;
    expect(steps[at++]).toBe(`content_block_stop:${block}`);
  }
  expect(steps.slice(at)).toEqual(['message_delta', 'message_stop']);
}

describe('streams', () => {
  it.each(named(streams))('%s', (_, recording) => {
    const text = streamText(recording);
    const out = translate(text, text.length * 4);
    const frames = framesOf(out);
    checkSequence(frames);
    for (const frame of frames) expect(isStreamEvent(frame)).toEqual([]);
    const [shown, recorded] = [assemble(frames), assemble(framesOf(text))];
    expect(withoutNulls(shown.blocks)).toEqual(withoutNulls(recorded.blocks));
    expect([shown.reason, shown.sequence]).toEqual([endsWell(recorded.blocks, recorded.reason), recorded.sequence]);
    expect(counts(shown.usage)).toEqual(counts(recorded.usage));
    for (const size of [1, 7]) expect(translate(text, size)).toBe(out);
  });

  it.each(named(streams))('facts of %s', (_, recording) => {
    const facts = framesOf(streamText(recording)).map((frame) => anthropicPassthrough.readEvent(JSON.stringify(frame)));
    expect(facts.some(({ content }) => content)).toBe(true);
    expect(facts.at(-1)?.finished).toBe(true);
    expect(facts.every(({ failure }) => failure === undefined)).toBe(true);
  });

  it('never end well when they were cut', () => {
    for (const recording of streams) {
      const text = streamText(recording);
      const end = text.search(/^.*message_stop/m);
      expect(translate(text.slice(0, end), 4096), recording.id).not.toContain('message_stop');
    }
  });
});

it('has a decision for every published field, and a reason where it stays silent', () => {
  const definition = publishedSchema('anthropic-request')['$defs']['MessageCreateParamsNonStreaming'];
  const published = Object.keys(definition.properties);
  expect(published.length).toBeGreaterThan(15);
  expect(published.filter((name) => !MESSAGES_FIELDS.has(name))).toEqual([]);
  for (const [name, { fate }] of MESSAGES_FIELDS) {
    if (fate.kind === 'harmless') expect(fate.because, name).toMatch(/\w+ \w+ \w+/);
  }
});

it('found thoughts, answers and streams to go around', () => {
  expect([translated, signed, answers.length, streams.length].every((count) => count > 0)).toBe(true);
});

afterAll(() => {
  const found = { requests: translated, signed, refused, answers: answers.length, streams: streams.length };
  console.log('anthropic recordings around:', found);
});
