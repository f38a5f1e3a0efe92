import { describe, expect, it } from 'vitest';
import type { CanonicalResponse } from '../../canonical/response.ts';
import { openaiChat } from './index.ts';

const context = { model: 'fast', created: 1_700_000_000, streamUsage: false };
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
        prompt_tokens_details: { cached_tokens: 4 },
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
});
