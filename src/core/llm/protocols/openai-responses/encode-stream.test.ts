import { describe, expect, it } from 'vitest';
import { NexusError } from '../../../errors/nexus-error.ts';
import type { CanonicalEvent } from '../../canonical/event.ts';
import type { CanonicalResponse, FinishReason } from '../../canonical/response.ts';
import type { EncodeContext } from '../protocol.ts';
import { openaiResponses } from './index.ts';

function context(): EncodeContext {
  let ids = 0;
  return { model: 'public', created: 1, streamUsage: true, newId: () => `n${ids++}` };
}

const usage = { input: 10, output: 5, cacheRead: 4, cacheWrite: 0, reasoning: 2 };

function framesOf(events: readonly CanonicalEvent[]) {
  const encoder = openaiResponses.createStreamEncoder(context());
  const text = events.map((event) => encoder.encode(event)).join('');
  return [...text.matchAll(/^event: (.*)\ndata: (.*)\n\n/gm)].map(([, event, data = '']) => ({
    ...JSON.parse(data),
    event,
  }));
}

const closing = (reason: FinishReason): CanonicalEvent[] => [
  { type: 'usage', usage },
  { type: 'finish', reason },
  { type: 'end' },
];

/** The same answer streamed and whole. */
const streamed: CanonicalEvent[] = [
  { type: 'start', id: 'msg_1', model: 'dated' },
  { type: 'reasoning', text: 'Let me ' },
  { type: 'reasoning', text: 'see.' },
  { type: 'reasoning_end', signature: 'sig', origin: 'anthropic' },
  { type: 'reasoning_end', redacted: 'dark', origin: 'anthropic' },
  { type: 'text', text: 'It ' },
  { type: 'text', text: 'is "x"' },
  { type: 'refusal', text: 'No.' },
  { type: 'tool_call', index: 0, id: 'call_a', name: 'look', signature: 'google-proof' },
  { type: 'tool_call', index: 1, id: 'call_b', name: 'rest' },
  { type: 'tool_arguments', index: 0, json: '{"at"' },
  { type: 'tool_arguments', index: 0, json: ':1}' },
];

const whole: CanonicalResponse = {
  id: 'msg_1',
  model: 'dated',
  parts: [
    { type: 'reasoning', text: 'Let me see.', signature: 'sig', origin: 'anthropic' },
    { type: 'reasoning', text: '', redacted: 'dark', origin: 'anthropic' },
    { type: 'text', text: 'It ' },
    { type: 'text', text: 'is "x"' },
    { type: 'refusal', text: 'No.' },
    { type: 'tool_call', id: 'call_a', name: 'look', arguments: '{"at":1}', signature: 'google-proof' },
    { type: 'tool_call', id: 'call_b', name: 'rest', arguments: '' },
  ],
  finish: 'tool_calls',
  usage,
};

describe('a streamed response', () => {
  it.each(['tool_calls', 'length', 'content_filter'] as const)('ends with the answer a whole one is: %s', (finish) => {
    const last = framesOf([...streamed, ...closing(finish)]).at(-1);
    expect(last?.event).toBe(finish === 'tool_calls' ? 'response.completed' : 'response.incomplete');
    expect(last?.response).toEqual(JSON.parse(openaiResponses.encodeResponse({ ...whole, finish }, context())));
  });

  it('numbers events without gaps and closes every item it opens', () => {
    const frames = framesOf([...streamed, ...closing('tool_calls')]);
    expect(frames.map((frame) => frame.sequence_number)).toEqual(frames.map((_, at) => at));
    for (const frame of frames) expect(frame.type).toBe(frame.event);
    const done = frames.filter(({ event }) => event === 'response.output_item.done');
    const added = frames.filter(({ event }) => event === 'response.output_item.added');
    expect(added.map((frame) => [frame.output_index, frame.item.id])).toEqual(
      done.map((frame) => [frame.output_index, frame.item.id]),
    );
    expect(frames.at(-1)?.response.output).toEqual(done.map(({ item }) => item));
  });

  it('says a text in the published order', () => {
    const frames = framesOf([
      { type: 'text', text: 'Hi' },
      { type: 'citation', citation: { url: 'https://x', title: 't' } },
      ...closing('stop'),
    ]);
    expect(frames.map(({ event }) => event)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.annotation.added',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(frames.at(-1)?.response.output[0].content[0].annotations).toEqual([
      { type: 'url_citation', url: 'https://x', title: 't', start_index: 0, end_index: 2 },
    ]);
  });

  it('ends with the failed response and the error, and nothing else', () => {
    const error = new NexusError('upstream_timeout', 'Too slow');
    const frames = framesOf([{ type: 'text', text: 'Hi' }, { type: 'error', error }, ...closing('stop')]);
    expect(frames.at(-2)).toMatchObject({
      event: 'response.failed',
      response: { status: 'failed', error: { code: 'server_error', message: 'Too slow' }, output: [] },
    });
    expect(frames.at(-1)).toEqual({
      event: 'error',
      type: 'error',
      sequence_number: frames.length - 1,
      code: 'api_error',
      message: 'Too slow',
      param: null,
      error: { type: 'api_error', code: 'api_error', message: 'Too slow', param: null },
    });
  });

  it('counts all tokens', () => {
    expect(framesOf(closing('stop')).at(-1)?.response.usage).toEqual({
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 4, cache_write_tokens: 0 },
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 2 },
      total_tokens: 15,
    });
  });
});

describe('thoughts of other vendors', () => {
  it('come back as they were', () => {
    const { output } = JSON.parse(openaiResponses.encodeResponse(whole, context()));
    const body = openaiResponses.validateRequest({ model: 'm', input: output });
    const request = openaiResponses.decodeRequest(body, { model: 'm', stream: false, streamUsage: true });
    expect(request.unsupported).toEqual([]);
    expect(request.turns).toEqual([
      {
        role: 'assistant',
        parts: [
          whole.parts[0],
          whole.parts[1],
          { type: 'text', text: 'It is "x"' },
          whole.parts[4],
          whole.parts[5],
          { type: 'tool_call', id: 'call_b', name: 'rest', arguments: '{}' },
        ],
      },
    ]);
  });

  it("pass OpenAI's own through unchanged", () => {
    const part = { type: 'reasoning', text: 'Hm.', redacted: 'gAAAA==', origin: 'openai', id: 'rs_1' } as const;
    const { output } = JSON.parse(openaiResponses.encodeResponse({ ...whole, parts: [part] }, context()));
    expect(output).toEqual([
      { id: 'rs_1', type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }], encrypted_content: 'gAAAA==' },
    ]);
  });

  it('count as unproven when the seal cannot be read', () => {
    const input = [{ type: 'reasoning', id: 'rs_nexus_1', summary: [], encrypted_content: 'anthropic:AAAA' }];
    const request = openaiResponses.decodeRequest(
      { model: 'm', input },
      { model: 'm', stream: false, streamUsage: true },
    );
    expect(request.turns).toEqual([]);
  });
});
