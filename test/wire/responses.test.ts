import { createParser } from 'eventsource-parser';
import OpenAI from 'openai';
import { afterAll, describe, expect, it } from 'vitest';
import { NexusError } from '../../src/core/errors/nexus-error.ts';
import type { CanonicalEvent } from '../../src/core/llm/canonical/event.ts';
import { RESPONSES_FIELDS } from '../../src/core/llm/protocols/openai-responses/fields.ts';
import {
  addressOf,
  openaiResponses,
  responsesPassthrough,
} from '../../src/core/llm/protocols/openai-responses/index.ts';
import { publishedSchema, type Recording, recordings, schemaCheck, withoutNulls } from './corpus.ts';
import { type Loose, loose, streamText } from './meaning.ts';

/*
 * Recorded requests for responses must be read as what they say; recorded answers must be readable to a relay and to a
 * translation; what is written again, as a request, an answer or a stream, must be what OpenAI publishes and say the
 * same.
 */

const all = ['openai', 'azure', 'deepseek', 'bedrock-mantle', 'openrouter', 'xai']
  .flatMap((provider) => [...recordings(provider), ...recordings(`_response_only/${provider}`)])
  .filter(({ api }) => api === 'responses');
const succeeded = ({ response }: Recording) => (response.status ?? 200) < 400;
const isError = (recording: Recording) =>
  !succeeded(recording) ||
  (!recording.stream &&
    loose(recording.response.body)?.['error'] !== undefined &&
    loose(recording.response.body)?.['error'] !== null);

/** State at the vendor, and what only the vendor can read. */
const STATEFUL = ['previous_response_id', 'conversation', 'background', 'prompt'];
const isSealed = (body: Record<string, unknown>) =>
  Array.isArray(body['input']) && body['input'].some((item) => String(loose(item)?.['type']) === 'compaction');
const isStateless = ({ request }: Recording) =>
  request !== null && !STATEFUL.some((name) => (request.body[name] ?? null) !== null) && !isSealed(request.body);

const requests = all.filter((recording) => isStateless(recording) && succeeded(recording));
const answers = all.filter((recording) => !recording.stream && !isError(recording));
const streams = all.filter(
  (recording) => recording.stream && !recording.features.includes('stream_error') && succeeded(recording),
);

const fitsRequest = schemaCheck('openai-request', 'CreateResponse');
const fitsResponse = schemaCheck('openai-response', 'Response');
const fitsEvent = schemaCheck('openai-response', 'ResponseStreamEvent');

let ids = 0;
const newId = () => `id${ids++}`;
const context = { model: 'public-name', created: 1_700_000_000, streamUsage: true, newId };

/** What a request says, read off the body. */
function saidInRequest(body: Record<string, unknown>) {
  const said = {
    system: '',
    texts: [] as string[],
    calls: [] as unknown[],
    results: [] as string[],
    proofs: [] as string[],
  };
  if (typeof body['instructions'] === 'string') said.system += body['instructions'];
  if (typeof body['input'] === 'string') said.texts.push(body['input']);
  else
    for (const item of loose(body['input']) ?? []) {
      const type = item['type'] === undefined ? 'message' : String(item['type']);
      const content: unknown = type === 'message' ? item['content'] : item['output'];
      const texts =
        typeof content === 'string' ? [content] : [...(loose(content) ?? [])].map((part) => String(part['text'] ?? ''));
      const filled = texts.filter((text) => text !== '');
      if (type === 'function_call')
        said.calls.push([String(item['call_id']), String(item['name']), String(item['arguments'])]);
      else if (type === 'function_call_output') said.results.push(String(item['call_id']), ...filled);
      else if (type === 'reasoning' && item['encrypted_content']) said.proofs.push(String(item['encrypted_content']));
      else if (type === 'message' && ['system', 'developer'].includes(String(item['role'])))
        said.system += filled.join('');
      else if (type === 'message') said.texts.push(...filled);
    }
  return said;
}

/** What an answer says, item by item. */
function saidInOutput(output: Loose | undefined) {
  return [...(output ?? [])].flatMap((item) => {
    switch (String(item['type'])) {
      case 'message':
        return [...(item['content'] ?? [])].map((part) => `says ${String(part['text'] ?? part['refusal'])}`);
      case 'function_call':
        return [`calls ${String(item['name'])} ${String(item['call_id'])} ${String(item['arguments']) || '{}'}`];
      default:
        return [];
    }
  });
}

/** Neighbouring texts are one text: a translation need not keep how a message was cut. */
function joined(said: readonly string[]): string[] {
  const out: string[] = [];
  for (const line of said) {
    const last = out.at(-1);
    if (last?.startsWith('says ') && line.startsWith('says ')) out[out.length - 1] = last + line.slice('says '.length);
    else if (line !== 'says ') out.push(line);
  }
  return out;
}

function frames(text: string): { event: string | undefined; data: string }[] {
  const found: { event: string | undefined; data: string }[] = [];
  const parser = createParser({ onEvent: ({ data, event }) => found.push({ data, event }) });
  parser.feed(text);
  return found;
}

function decoded(recording: Recording): CanonicalEvent[] {
  const decoder = openaiResponses.createStreamDecoder({ newId });
  const events: CanonicalEvent[] = [];
  for (const { data, event } of frames(streamText(recording))) decoder.decode(data, event, (said) => events.push(said));
  return events;
}

function encoded(events: readonly CanonicalEvent[]): string {
  const encoder = openaiResponses.createStreamEncoder(context);
  return events.map((event) => encoder.encode(event)).join('');
}

/** What the events of a recorded stream say, item by item; trimmed fixtures end with another answer than they wrote. */
function saidInStream(recording: Recording): string[] {
  const said: string[] = [];
  for (const { data } of frames(streamText(recording))) {
    if (data === '[DONE]') continue;
    const event = loose(JSON.parse(data));
    const at = Number(event?.['output_index']);
    const type = String(event?.['type']);
    if (type === 'response.output_text.delta' || type === 'response.refusal.delta') {
      said[at] = (said[at] ?? 'says ') + String(event?.['delta']);
    }
    const item = event?.['item'];
    if (type === 'response.output_item.done' && String(item?.['type']) === 'function_call') {
      said[at] = `calls ${String(item?.['name'])} ${String(item?.['call_id'])} ${String(item?.['arguments']) || '{}'}`;
    }
  }
  return joined(said.filter((line) => line !== undefined));
}

/** The recorded answer that a stream ends with. */
function finalAnswer(recording: Recording): Loose | undefined {
  const last = frames(streamText(recording))
    .filter(({ data }) => data !== '[DONE]')
    .at(-1);
  return loose(JSON.parse(last?.data ?? '{}'))?.['response'];
}

function usageOf(usage: Loose | undefined) {
  if (!usage) return undefined;
  const { input_tokens, input_tokens_details, output_tokens } = usage;
  return {
    input: Number(input_tokens),
    output: Number(output_tokens),
    cached: Number(input_tokens_details?.['cached_tokens'] ?? 0),
  };
}

const counted = { requests: 0, answers: 0, streams: 0 };

/** Top-level members of `CreateResponse`, through its references. */
function publishedFields(): string[] {
  interface Schema {
    $ref?: string;
    properties?: Record<string, Schema>;
    allOf?: Schema[];
  }
  const definitions: Record<string, Schema> = publishedSchema('openai-request')['$defs'];
  const names = new Set<string>();
  const visit = (schema: Schema | undefined): void => {
    for (const name of Object.keys(schema?.properties ?? {})) names.add(name);
    if (schema?.$ref) visit(definitions[schema.$ref.slice('#/$defs/'.length)]);
    for (const part of schema?.allOf ?? []) visit(part);
  };
  visit(definitions['CreateResponse']);
  return [...names];
}

it('has a decision for every published field, and a reason where it stays silent or refuses', () => {
  expect([...RESPONSES_FIELDS.keys()].sort()).toEqual(publishedFields().sort());
  for (const [name, { fate }] of RESPONSES_FIELDS) {
    if ('because' in fate) expect(fate.because, name).toMatch(/\w+ \w+ \w+/);
  }
});

describe('recorded requests', () => {
  it.each(requests.map((recording) => [recording.id, recording] as const))('%s', (_, { request }) => {
    const body = request?.body ?? {};
    const said = saidInRequest(body);
    const canonical = openaiResponses.decodeRequest(openaiResponses.validateRequest(body), addressOf(body));
    const parts = canonical.turns.flatMap((turn) => turn.parts);

    expect(canonical.system.map(({ text }) => text).join('')).toBe(said.system);
    expect(parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))).toEqual(said.texts);
    expect(parts.flatMap((part) => (part.type === 'tool_call' ? [[part.id, part.name, part.arguments]] : []))).toEqual(
      said.calls,
    );
    expect(
      parts.flatMap((part) =>
        part.type === 'tool_result'
          ? [part.callId, ...part.content.flatMap((inner) => (inner.type === 'text' ? [inner.text] : []))]
          : [],
      ),
    ).toEqual(said.results);
    expect(parts.flatMap((part) => (part.type === 'reasoning' && part.redacted ? [part.redacted] : []))).toEqual(
      said.proofs,
    );
    for (const [at, turn] of canonical.turns.entries()) expect(turn.role).not.toBe(canonical.turns[at - 1]?.role);

    const again = JSON.parse(openaiResponses.encodeRequest(canonical, []));
    expect(fitsRequest(again)).toEqual([]);
    expect(saidInRequest(again)).toMatchObject({ calls: said.calls, results: said.results, proofs: said.proofs });
    counted.requests++;
  });
});

describe('recorded answers', () => {
  it.each(answers.map((recording) => [recording.id, recording] as const))('%s', (_, { response }) => {
    const body = loose(response.body);
    const facts = responsesPassthrough.readResponse(response.body);
    const usage = usageOf(body?.['usage']);
    expect(facts.model).toBe(body?.['model']);
    expect(
      facts.usage && { input: facts.usage.input, output: facts.usage.output, cached: facts.usage.cacheRead },
    ).toEqual(usage);

    const again = JSON.parse(
      openaiResponses.encodeResponse(openaiResponses.decodeResponse(response.body, { newId }), context),
    );
    expect(fitsResponse(withoutNulls(again))).toEqual([]);
    expect(joined(saidInOutput(again.output))).toEqual(joined(saidInOutput(body?.['output'])));
    expect(usageOf(again.usage)).toEqual(usage);
    counted.answers++;
  });
});

describe('recorded streams', () => {
  it.each(streams.map((recording) => [recording.id, recording] as const))('%s', (_, recording) => {
    const answer = finalAnswer(recording);
    const facts = frames(streamText(recording)).map(({ data }) => responsesPassthrough.readEvent(data));
    const last = facts.filter(({ finished }) => finished);
    expect(facts.filter(({ failure }) => failure)).toEqual([]);
    expect(last).toHaveLength(1);
    expect(facts.some(({ content, finished }) => content && !finished)).toBe(true);
    const counts = last[0]?.usage;
    expect(counts && { input: counts.input, output: counts.output, cached: counts.cacheRead }).toEqual(
      usageOf(answer?.['usage']),
    );

    const text = encoded(decoded(recording));
    const events = frames(text);
    for (const [at, { data, event }] of events.entries()) {
      const said = JSON.parse(data);
      expect(fitsEvent(withoutNulls(said)), data).toEqual([]);
      expect(said.sequence_number).toBe(at);
      expect(said.type).toBe(event);
    }
    const shown = loose(JSON.parse(events.at(-1)?.data ?? '{}'))?.['response'];
    expect(joined(saidInOutput(shown?.['output']))).toEqual(saidInStream(recording));
    expect(usageOf(shown?.['usage'])).toEqual(usageOf(answer?.['usage']));
    expect(shown?.['status']).toBe(answer?.['status']);
    counted.streams++;
  });
});

describe('recorded failures', () => {
  it.each(all.filter(isError).map((recording) => [recording.id, recording] as const))('%s', (_, { response }) => {
    expect(openaiResponses.decodeError(response.body)?.message).toBe(loose(response.body)?.['error']?.['message']);
    expect(() => responsesPassthrough.readResponse(response.body)).toThrow(NexusError);
  });
});

describe('the stock client', () => {
  const clientFor = (text: string) =>
    new OpenAI({
      apiKey: 'none',
      maxRetries: 0,
      fetch: async () => new Response(text, { headers: { 'content-type': 'text/event-stream' } }),
    });

  it.each(streams.map((recording) => [recording.id, recording] as const))(
    'reads what is written: %s',
    async (_, recording) => {
      const events = decoded(recording);
      const stream = clientFor(encoded(events)).responses.stream({ model: 'public-name', input: 'x' });
      const final = await stream.finalResponse();
      const written = events.flatMap((event) => (event.type === 'text' ? [event.text] : [])).join('');
      expect(final.output_text).toBe(written);
      expect(joined(saidInOutput(loose(final.output)))).toEqual(saidInStream(recording));
    },
  );

  it('raises the error of a stream that breaks', async () => {
    const error = new NexusError('upstream_timeout', 'The provider took too long');
    const text = encoded([
      { type: 'start', id: '', model: 'm' },
      { type: 'text', text: 'Hel' },
      { type: 'error', error },
    ]);
    const stream = clientFor(text).responses.stream({ model: 'public-name', input: 'x' });
    await expect(stream.finalResponse()).rejects.toThrow('The provider took too long');
  });
});

afterAll(() => {
  expect(counted).toEqual({ requests: requests.length, answers: answers.length, streams: streams.length });
  for (const count of Object.values(counted)) expect(count).toBeGreaterThan(0);
});
