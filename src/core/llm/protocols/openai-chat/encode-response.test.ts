import { describe, expect, it } from 'vitest';
import type { CanonicalResponse } from '../../canonical/response.ts';
import { openaiChat } from './index.ts';

const context = { model: 'fast', created: 1_700_000_000, streamUsage: false, newId: () => 'new' };
const base: CanonicalResponse = { id: 'msg_1', model: 'dated-name', parts: [], finish: 'stop', usage: undefined };
const encode = (fields: Partial<CanonicalResponse>) =>
  JSON.parse(openaiChat.encodeResponse({ ...base, ...fields }, context));

describe('encodeResponse', () => {
  it('joins texts without separators and puts calls after them', () => {
    const answer = encode({
      parts: [
        { type: 'text', text: 'a "b"\n' },
        { type: 'tool_call', id: 'c1', name: 'f', arguments: '{"x": 1}' },
        { type: 'text', text: 'c' },
        { type: 'tool_call', id: 'c2', name: 'g', arguments: '' },
      ],
      finish: 'tool_calls',
      usage: { input: 10, output: 5, cacheRead: 4, cacheWrite: 3, reasoning: 2 },
    });
    expect(answer).toEqual({
      id: 'msg_1',
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'fast',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: 'a "b"\nc',
            refusal: null,
            tool_calls: [
              { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"x": 1}' } },
              { id: 'c2', type: 'function', function: { name: 'g', arguments: '{}' } },
            ],
          },
          logprobs: null,
          finish_reason: 'tool_calls',
        },
      ],
      usage: {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 15,
        prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 3 },
        completion_tokens_details: { reasoning_tokens: 2 },
      },
    });
  });

  it('says null, not an empty string, where there is no text, and nothing of usage it does not know', () => {
    const answer = encode({ finish: 'content_filter' });
    expect(answer.choices[0].message).toEqual({ role: 'assistant', content: null, refusal: null });
    expect(answer.choices[0].finish_reason).toBe('content_filter');
    expect('usage' in answer).toBe(false);
  });

  it('shows thoughts, and as soon as one is proven all of them in order', () => {
    const plain = encode({ parts: [{ type: 'reasoning', text: 'hm' }] });
    expect(plain.choices[0].message).toEqual({
      role: 'assistant',
      content: null,
      refusal: null,
      reasoning_content: 'hm',
    });
    const { message } = encode({
      parts: [
        { type: 'reasoning', text: 'one ' },
        { type: 'reasoning', text: 'two', signature: 'S"', origin: 'anthropic' },
        { type: 'reasoning', text: '', redacted: 'R', origin: 'openai', id: 'rs_1' },
        { type: 'reasoning', text: ' sum', redacted: 'Q', origin: 'openai', id: 'rs_2' },
      ],
    }).choices[0];
    expect(message.reasoning_content).toBe('one two sum');
    expect(message.reasoning_details).toEqual([
      { type: 'reasoning.text', text: 'one ' },
      { type: 'reasoning.text', text: 'two', signature: 'S"', format: 'anthropic' },
      { type: 'reasoning.encrypted', data: 'R', format: 'openai', id: 'rs_1' },
      { type: 'reasoning.summary', summary: ' sum', format: 'openai', id: 'rs_2' },
      { type: 'reasoning.encrypted', data: 'Q', format: 'openai', id: 'rs_2' },
    ]);
  });

  it('has places for refusals, sources with an address, pictures and proofs on calls', () => {
    const cited = { type: 'web_search_result_location', url: 'https://a/b', title: 'T', cited_text: 'x' };
    const { message } = encode({
      parts: [
        { type: 'text', text: 'ab' },
        { type: 'text', text: 'cde', citations: [cited, { type: 'char_location', document_index: 0 }] },
        { type: 'refusal', text: 'No' },
        { type: 'refusal', text: '.' },
        { type: 'media', kind: 'image', mediaType: 'image/png', data: 'AA==' },
        { type: 'media', kind: 'audio', mediaType: 'audio/wav', data: 'AA==' },
        { type: 'tool_call', id: 'c', name: 'f', arguments: '{}', signature: 'G+/=' },
      ],
    }).choices[0];
    expect(message).toEqual({
      role: 'assistant',
      content: 'abcde',
      refusal: 'No.',
      annotations: [
        { type: 'url_citation', url_citation: { url: 'https://a/b', title: 'T', start_index: 2, end_index: 5 } },
      ],
      images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }],
      tool_calls: [
        {
          id: 'c',
          type: 'function',
          function: { name: 'f', arguments: '{}' },
          extra_content: { google: { thought_signature: 'G+/=' } },
        },
      ],
    });
  });

  it('makes an id where the upstream gives none', () => {
    expect(encode({ id: '' }).id).toBe('chatcmpl-new');
  });
});
