import { describe, expect, it } from 'vitest';
import { writesDeepJson } from '../../../../../test/support/engine.ts';
import { NexusError } from '../../../errors/nexus-error.ts';
import type { CanonicalRequest, MediaPart, Origin, Part, Turn } from '../../canonical/request.ts';
import type { Quirks } from '../quirks.ts';
import { openaiChat } from './index.ts';

const hello: Turn = { role: 'user', parts: [{ type: 'text', text: 'Hello' }] };
const base: CanonicalRequest = { model: 'm', system: [], turns: [hello], tools: [], stream: false, unsupported: [] };

/** A host that takes Google's models too. */
const compatible: Quirks = { maxTokensField: 'max_tokens', callSignatures: /./ };
const openai: Quirks = {};

function encode(fields: Partial<CanonicalRequest>, quirks = compatible) {
  const dropped: string[] = [];
  const body = JSON.parse(openaiChat.encodeRequest({ ...base, ...fields }, dropped, quirks));
  return { body, dropped };
}

const messagesOf = (...turns: Turn[]) => encode({ turns }).body.messages;
const media = (fields: Omit<MediaPart, 'type'>): MediaPart => ({ type: 'media', ...fields });
const said = (...parts: Part[]) => messagesOf({ role: 'user', parts })[0].content;

function refusal(part: Part): NexusError {
  try {
    said(part);
  } catch (thrown) {
    if (NexusError.is(thrown)) return thrown;
    throw thrown;
  }
  throw new Error('the request was accepted');
}

describe('encodeRequest, the fields', () => {
  it('writes a plain request', () => {
    expect(encode({})).toEqual({
      body: { model: 'm', messages: [{ role: 'user', content: 'Hello' }] },
      dropped: [],
    });
  });

  it('writes what the caller asked for', () => {
    const { body, dropped } = encode({
      temperature: 1.5,
      topP: 0.5,
      frequencyPenalty: -1,
      presencePenalty: 0,
      seed: 0,
      stop: ['a', 'b'],
      user: 'u',
      stream: true,
      maxTokens: 9,
      reasoning: { effort: 'xhigh', budget: 1 },
      responseFormat: { type: 'json_schema', schema: { type: 'object' }, strict: true },
    });
    expect(body).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'Hello' }],
      temperature: 1.5,
      top_p: 0.5,
      frequency_penalty: -1,
      presence_penalty: 0,
      seed: 0,
      stop: ['a', 'b'],
      user: 'u',
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 9,
      reasoning_effort: 'xhigh',
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'response', schema: { type: 'object' }, strict: true },
      },
    });
    expect(dropped).toEqual([]);
    const atOpenai = encode({ maxTokens: 9, responseFormat: { type: 'json_object' } }, openai).body;
    expect(atOpenai).toMatchObject({ max_completion_tokens: 9, response_format: { type: 'json_object' } });
    expect('max_tokens' in atOpenai).toBe(false);
  });

  it.each([
    [0, 'none'],
    [1_999, 'low'],
    [2_000, 'medium'],
    [7_999, 'medium'],
    [8_000, 'high'],
    [-1, undefined],
    [undefined, undefined],
  ])('makes an effort of a budget of %s tokens: %s', (budget, effort) => {
    const reasoning = { visible: true, ...(budget !== undefined && { budget }) };
    expect(encode({ reasoning }).body.reasoning_effort).toBe(effort);
  });

  it('names what it cannot say', () => {
    const { body, dropped } = encode({ topK: 5, stop: ['1', '2', '3', '4', '5'], toolChoice: { type: 'required' } });
    expect(body.stop).toEqual(['1', '2', '3', '4']);
    expect(dropped).toEqual(['stop', 'toolChoice', 'topK']);
    expect(encode({ toolChoice: { type: 'none' }, parallelToolCalls: false })).toEqual(encode({}));
  });

  it('writes tools and the choice among them', () => {
    const tools = [{ name: 'f', description: 'd', parameters: { type: 'object' }, strict: false }, { name: 'g' }];
    const { body } = encode({ tools, toolChoice: { type: 'tool', name: 'g' }, parallelToolCalls: false });
    expect(body.tools).toEqual([
      { type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object' }, strict: false } },
      { type: 'function', function: { name: 'g' } },
    ]);
    expect(body.tool_choice).toEqual({ type: 'function', function: { name: 'g' } });
    expect(body.parallel_tool_calls).toBe(false);
    expect(encode({ tools, toolChoice: { type: 'required' } }).body.tool_choice).toBe('required');
  });

  // Skipped where the engine has no such limit.
  it.skipIf(writesDeepJson)('refuses a request nested too deeply to be written', () => {
    const parameters = JSON.parse(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`);
    expect(() => encode({ tools: [{ name: 'f', parameters }] })).toThrow('nested too deeply');
  });
});

describe('encodeRequest, the conversation', () => {
  it('puts the instructions first and texts of the user into one', () => {
    const { body } = encode({
      system: [
        { type: 'text', text: 'one', cache: {} },
        { type: 'text', text: '' },
        { type: 'text', text: 'two' },
      ],
      turns: [
        {
          role: 'user',
          parts: [
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
        },
      ],
    });
    expect(body.messages).toEqual([
      { role: 'system', content: 'one\n\ntwo' },
      { role: 'user', content: 'a\n\nb' },
    ]);
  });

  it('writes an answer: texts as they were split, refusal, calls; no thoughts, no empty message', () => {
    const messages = messagesOf(
      hello,
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'hm', signature: 's', origin: 'openai' },
          { type: 'text', text: 'Le' },
          { type: 'text', text: 't me' },
          { type: 'tool_call', id: 'a', name: 'f', arguments: '{"x": 1}', signature: 'G+/=' },
          { type: 'tool_call', id: 'b', name: 'g', arguments: ' ' },
        ],
      },
      hello,
      { role: 'assistant', parts: [{ type: 'refusal', text: 'No.' }] },
      hello,
      { role: 'assistant', parts: [{ type: 'reasoning', text: 'hm' }] },
    );
    expect(messages.slice(1)).toEqual([
      {
        role: 'assistant',
        content: 'Let me',
        tool_calls: [
          {
            id: 'a',
            type: 'function',
            function: { name: 'f', arguments: '{"x": 1}' },
            extra_content: { google: { thought_signature: 'G+/=' } },
          },
          { id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } },
        ],
      },
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: null, refusal: 'No.' },
      { role: 'user', content: 'Hello' },
    ]);
  });

  it("keeps Google's proofs from OpenAI, which refuses members it does not know", () => {
    const parts: Part[] = [{ type: 'tool_call', id: 'a', name: 'f', arguments: '{}', signature: 'G' }];
    const { body } = encode({ turns: [hello, { role: 'assistant', parts }] }, openai);
    expect(JSON.stringify(body)).not.toContain('extra_content');
  });

  it('writes one message for each result, and hands its pictures in behind them', () => {
    const { body, dropped } = encode({
      turns: [
        hello,
        {
          role: 'user',
          parts: [
            {
              type: 'tool_result',
              callId: 'a',
              content: [
                { type: 'text', text: 'x' },
                media({ kind: 'image', url: 'https://host/a.png' }),
                { type: 'text', text: 'y' },
              ],
              isError: true,
            },
            { type: 'tool_result', callId: 'b', content: [], isError: false },
            { type: 'text', text: 'and now?' },
          ],
        },
      ],
    });
    expect(body.messages.slice(1)).toEqual([
      { role: 'tool', tool_call_id: 'a', content: 'x\n\ny' },
      { role: 'tool', tool_call_id: 'b', content: '' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Attached to the result of tool call a:' },
          { type: 'image_url', image_url: { url: 'https://host/a.png' } },
          { type: 'text', text: 'and now?' },
        ],
      },
    ]);
    expect(dropped).toEqual(['tool_result.is_error']);
  });

  it.each<[MediaPart, unknown]>([
    [
      media({ kind: 'image', mediaType: 'image/jpg', data: 'AA==', detail: 'low' }),
      { type: 'image_url', image_url: { url: 'data:image/jpeg;base64,AA==', detail: 'low' } },
    ],
    [
      media({ kind: 'image', url: 'https://a', detail: 'original' }),
      { type: 'image_url', image_url: { url: 'https://a' } },
    ],
    [media({ kind: 'document', fileId: 'file-1', name: 'n' }), { type: 'file', file: { file_id: 'file-1' } }],
    [
      media({ kind: 'document', mediaType: 'application/pdf', data: 'AA==' }),
      { type: 'file', file: { filename: 'document.pdf', file_data: 'data:application/pdf;base64,AA==' } },
    ],
    [
      media({ kind: 'document', mediaType: 'text/plain', data: 'AA==', name: 'a b.txt' }),
      { type: 'file', file: { filename: 'a b.txt', file_data: 'data:text/plain;base64,AA==' } },
    ],
    [media({ kind: 'document', text: 'words', name: 'Title' }), { type: 'text', text: 'Title\n\nwords' }],
    [
      media({ kind: 'audio', mediaType: 'audio/mpeg', data: 'AA==' }),
      { type: 'input_audio', input_audio: { data: 'AA==', format: 'mp3' } },
    ],
  ])('writes %j', (part, expected) => {
    expect(said({ type: 'text', text: 'x' }, part)).toEqual([{ type: 'text', text: 'x' }, expected]);
  });

  it.each<[MediaPart]>([
    [media({ kind: 'video', mediaType: 'video/mp4', data: 'AA==' })],
    [media({ kind: 'audio', mediaType: 'audio/ogg', data: 'AA==' })],
    [media({ kind: 'audio', url: 'https://a/b.wav' })],
    [media({ kind: 'document', url: 'https://a/b.pdf' })],
    [media({ kind: 'image', data: 'AA==' })],
    [media({ kind: 'image' })],
  ])('refuses %j', (part) => {
    const error = refusal(part);
    expect(error.code).toBe('invalid_request');
    expect(error.param).toBe('messages');
  });

  it('names a picture in an earlier answer, which has no place here', () => {
    const parts: Part[] = [media({ kind: 'image', mediaType: 'image/png', data: 'AA==' })];
    expect(encode({ turns: [hello, { role: 'assistant', parts }] }).dropped).toEqual(['media of the assistant']);
  });
});

describe('proofs for hosts of many vendors', () => {
  const thought = (origin: Origin | undefined, proof: object): Part => ({
    type: 'reasoning',
    text: 'hm',
    ...proof,
    ...(origin !== undefined && { origin }),
  });
  const details = (model: string, quirks: Quirks, ...thoughts: Part[]) => {
    const parts: Part[] = [...thoughts, { type: 'text', text: 'a' }];
    const request = { ...base, model, turns: [hello, { role: 'assistant' as const, parts }] };
    return JSON.parse(openaiChat.encodeRequest(request, [], quirks)).messages[1].reasoning_details;
  };
  const own = { reasoningDetails: true } as const;

  it.each<[string, Origin, object, readonly object[]]>([
    [
      'anthropic/claude-sonnet-4.5',
      'anthropic',
      { signature: 's' },
      [{ type: 'reasoning.text', text: 'hm', signature: 's', format: 'anthropic-claude-v1' }],
    ],
    [
      '~anthropic/claude-sonnet-latest',
      'anthropic',
      { redacted: 'r' },
      [{ type: 'reasoning.encrypted', data: 'r', format: 'anthropic-claude-v1' }],
    ],
    [
      'openai/o3',
      'openai',
      { redacted: 'r', id: 'rs_1' },
      [
        { type: 'reasoning.summary', summary: 'hm', format: 'openai-responses-v1', id: 'rs_1' },
        { type: 'reasoning.encrypted', data: 'r', format: 'openai-responses-v1', id: 'rs_1' },
      ],
    ],
    [
      'google/gemini-3-pro',
      'google',
      { signature: 's' },
      [{ type: 'reasoning.text', text: 'hm', signature: 's', format: 'google-gemini-v1' }],
    ],
  ])('go back to %s', (model, origin, proof, expected) => {
    expect(details(model, own, thought(origin, proof))).toEqual(expected);
  });

  it.each<[string, string, Quirks, Part]>([
    ['another vendor', 'openai/o3', own, thought('anthropic', { signature: 's' })],
    ['a vendor without proofs', 'deepseek/deepseek-r1', own, thought('anthropic', { signature: 's' })],
    ['a model without a vendor', 'claude-sonnet', own, thought('anthropic', { signature: 's' })],
    ['hosts that do not take them', 'anthropic/claude-sonnet-4.5', {}, thought('anthropic', { signature: 's' })],
    ['anyone, when nothing is proven', 'anthropic/claude-sonnet-4.5', own, thought('anthropic', {})],
    [
      'anyone, when nobody knows whose they are',
      'anthropic/claude-sonnet-4.5',
      own,
      thought(undefined, { signature: 's' }),
    ],
  ])('never go to %s', (_, model, quirks, part) => {
    expect(details(model, quirks, part)).toBeUndefined();
  });
});
