import { describe, expect, it } from 'vitest';
import { NexusError } from '../../../errors/nexus-error.ts';
import { CHAT_FIELDS } from './fields.ts';
import { addressOf, openaiChat } from './index.ts';

const user = { role: 'user', content: 'Hello' };

function decode(fields: Record<string, unknown>) {
  const body = openaiChat.validateRequest({ model: 'm', messages: [user], ...fields });
  return openaiChat.decodeRequest(body, addressOf(body));
}

function refusedParam(fields: Record<string, unknown>): string | undefined {
  try {
    decode(fields);
  } catch (thrown) {
    if (NexusError.is(thrown) && thrown.code === 'invalid_request') return thrown.param;
    throw thrown;
  }
  throw new Error('the request was accepted');
}

describe('decodeRequest, the fields', () => {
  it('reads a plain request', () => {
    expect(decode({})).toEqual({
      model: 'm',
      system: [],
      turns: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
      tools: [],
      stream: false,
      unsupported: [],
    });
  });

  it('reads what has a canonical form', () => {
    const request = decode({
      max_tokens: 5,
      max_completion_tokens: 9,
      temperature: 1.5,
      top_p: 0.25,
      stop: 'END',
      stream: true,
      stream_options: { include_usage: true },
      user: 'u-1',
      frequency_penalty: 0.5,
      presence_penalty: -1,
      seed: 0,
      reasoning_effort: 'xhigh',
      n: 1,
      parallel_tool_calls: false,
      tools: [
        { type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object' }, strict: true } },
        { function: { name: 'g', description: null, parameters: null, strict: null } },
      ],
      tool_choice: 'required',
    });
    expect(request).toMatchObject({
      maxTokens: 9,
      temperature: 1.5,
      topP: 0.25,
      stop: ['END'],
      stream: true,
      user: 'u-1',
      frequencyPenalty: 0.5,
      presencePenalty: -1,
      seed: 0,
      reasoning: { effort: 'xhigh' },
      parallelToolCalls: false,
      toolChoice: { type: 'required' },
      unsupported: [],
    });
    expect(request.tools).toEqual([
      { name: 'f', description: 'd', parameters: { type: 'object' }, strict: true },
      { name: 'g' },
    ]);
  });

  it.each([
    [{ type: 'text' }, undefined],
    [{ type: 'json_object' }, { type: 'json_object' }],
    [{ type: 'json_schema', json_schema: { name: 'a' } }, { type: 'json_object' }],
    [
      { type: 'json_schema', json_schema: { name: 'a', description: 'd', schema: { type: 'object' }, strict: true } },
      { type: 'json_schema', name: 'a', description: 'd', schema: { type: 'object' }, strict: true },
    ],
  ])('reads response_format %j', (format, expected) => {
    const request = decode({ response_format: format });
    expect(request.responseFormat).toEqual(expected);
    expect(request.unsupported).toEqual([]);
  });

  it('is addressed to the model and the kind of answer the body names', () => {
    expect(addressOf({ model: 'a/b', stream: true, stream_options: { include_usage: true } })).toEqual({
      model: 'a/b',
      stream: true,
      streamUsage: true,
    });
    expect(addressOf({ model: 'm', stream: null })).toEqual({ model: 'm', stream: false, streamUsage: false });
  });

  it('takes null for absent everywhere', () => {
    const nulls = Object.fromEntries([...CHAT_FIELDS.keys()].map((name) => [name, null]));
    expect(decode({ ...nulls, model: 'm', messages: [user] })).toEqual(decode({}));
  });

  it.each([
    ['auto', { type: 'auto' }],
    ['none', { type: 'none' }],
    ['required', { type: 'required' }],
    ['any', { type: 'required' }],
    [
      { type: 'function', function: { name: 'f' } },
      { type: 'tool', name: 'f' },
    ],
    [
      { type: 'custom', custom: { name: 'x' } },
      { type: 'tool', name: 'x' },
    ],
  ])('reads tool_choice %j', (choice, expected) => {
    const request = decode({ tool_choice: choice });
    expect(request.toolChoice).toEqual(expected);
    expect(request.unsupported).toEqual([]);
  });

  it.each([
    ['sometimes', undefined],
    [{ type: 'custom', custom: {} }, undefined],
    [{ type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [] } }, undefined],
    [{ type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [] } }, { type: 'required' }],
  ])('names a tool_choice it cannot say: %j', (choice, expected) => {
    const request = decode({ tool_choice: choice });
    expect(request.toolChoice).toEqual(expected);
    expect(request.unsupported).toEqual(['tool_choice']);
  });

  it.each([
    [
      { logprobs: true, top_logprobs: 3 },
      { logprobs: true, topLogprobs: 3 },
    ],
    [{ logprobs: true, top_logprobs: 0 }, { logprobs: true }],
    [{ logprobs: true, top_logprobs: null }, { logprobs: true }],
    [{ logprobs: false, top_logprobs: 0 }, {}],
    [{ logprobs: null }, {}],
  ])('reads %j', (fields, expected) => {
    const { logprobs, topLogprobs, unsupported } = decode(fields);
    expect({ logprobs, topLogprobs }).toEqual(expected);
    expect(unsupported).toEqual([]);
  });

  it.each([
    ['top_logprobs', 3],
    ['logit_bias', { 50256: -100 }],
    ['response_format', { type: 'grammar' }],
    ['reasoning_effort', 'extreme'],
    ['verbosity', 'low'],
    ['service_tier', 'scale'],
    ['store', true],
    ['metadata', { a: 'b' }],
    ['modalities', ['text', 'audio']],
    ['audio', { voice: 'x', format: 'mp3' }],
    ['prediction', { type: 'content', content: 'x' }],
    ['web_search_options', {}],
    ['moderation', {}],
    ['something_new', 1],
    ['constructor', 1],
  ])('names %s = %j as unsupported', (name, value) => {
    expect(decode({ [name]: value }).unsupported).toEqual([name]);
  });

  it.each([
    ['flex', 'flex'],
    ['priority', 'priority'],
    ['reserved', 'reserved'],
    ['auto', undefined],
    ['default', undefined],
    [null, undefined],
  ])('reads the class of service %j', (word, tier) => {
    const { serviceTier, unsupported } = decode({ service_tier: word });
    expect([serviceTier, unsupported]).toEqual([tier, []]);
  });

  it('names a field called __proto__ like any other', () => {
    const body = JSON.parse('{"model":"m","messages":[{"role":"user","content":"x"}],"__proto__":{"x":1}}');
    expect(openaiChat.decodeRequest(body, addressOf(body)).unsupported).toEqual(['__proto__']);
  });

  it('says nothing of values that ask for what happens anyway', () => {
    const neutral = {
      logprobs: false,
      top_logprobs: 0,
      logit_bias: {},
      response_format: { type: 'text' },
      verbosity: 'medium',
      service_tier: 'auto',
      store: false,
      metadata: {},
      modalities: ['text'],
      prompt_cache_key: 'k',
    };
    expect(decode(neutral).unsupported).toEqual([]);
  });

  it('refuses what cannot be left out without changing the answer', () => {
    expect(refusedParam({ n: 2 })).toBe('n');
    expect(refusedParam({ tools: [{ type: 'web_search' }] })).toBe('tools[0].type');
    expect(refusedParam({ temperature: 'hot' })).toBe('temperature');
  });
});
