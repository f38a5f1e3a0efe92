import { describe, expect, it } from 'vitest';
import { NexusError } from '../../../errors/nexus-error.ts';
import { openaiChat } from './index.ts';

const context = { newId: () => 'new' };
const decodeBody = (body: unknown) => openaiChat.decodeResponse(body, context);
const decode = (message: unknown, finish_reason: unknown = 'stop') =>
  decodeBody({ id: 'c-1', model: 'dated', choices: [{ index: 0, message, finish_reason }] });

function failure(body: unknown): NexusError {
  try {
    decodeBody(body);
  } catch (thrown) {
    if (NexusError.is(thrown)) return thrown;
    throw thrown;
  }
  throw new Error('the answer was accepted');
}

describe('decodeResponse', () => {
  it('reads everything an answer may hold, in one order', () => {
    const answer = decodeBody({
      id: 'c-1',
      model: 'dated',
      choices: [
        {
          message: {
            content: 'text',
            reasoning_content: 'hm',
            refusal: 'No.',
            annotations: [{ type: 'url_citation', url_citation: { url: 'https://a', title: 't' } }, null, {}],
            images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }, { image_url: 1 }],
            tool_calls: [
              { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x": 1}' } },
              {
                id: '',
                function: { name: 'g', arguments: { y: 2 } },
                extra_content: { google: { thought_signature: 'G' } },
              },
              { id: 'c', type: 'custom', custom: { name: 'h', input: '' } },
            ],
          },
          finish_reason: 'tool_calls',
        },
        { message: { content: 'another' } },
      ],
      usage: { prompt_tokens: 3, completion_tokens: 2 },
    });
    expect(answer).toEqual({
      id: 'c-1',
      model: 'dated',
      parts: [
        { type: 'reasoning', text: 'hm' },
        { type: 'text', text: 'text', citations: [{ type: 'url_citation', url: 'https://a', title: 't' }] },
        { type: 'refusal', text: 'No.' },
        { type: 'media', kind: 'image', mediaType: 'image/png', data: 'AA==' },
        { type: 'tool_call', id: 'a', name: 'f', arguments: '{"x": 1}' },
        { type: 'tool_call', id: 'call_new', name: 'g', arguments: '{"y":2}', signature: 'G' },
      ],
      finish: 'tool_calls',
      usage: { input: 3, output: 2, cacheRead: 0, cacheWrite: 0, reasoning: 0 },
    });
  });

  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['model_length', 'length'],
    ['content_filter', 'content_filter'],
    ['function_call', 'tool_calls'],
    ['eos', 'stop'],
    ['', 'stop'],
    [null, 'stop'],
  ])('finish %s is %s', (native, finish) => {
    expect(decode({ content: 'x' }, native).finish).toBe(finish);
  });

  it('ends with tool_calls whenever there are calls, but keeps the reason for being cut short', () => {
    const message = { content: null, function_call: { name: 'f', arguments: '' } };
    expect(decode(message)).toMatchObject({
      finish: 'tool_calls',
      parts: [{ type: 'tool_call', id: 'call_new', name: 'f', arguments: '' }],
    });
    expect(decode(message, 'length').finish).toBe('length');
  });

  it.each([
    [{ reasoning: 'a' }, [{ text: 'a' }]],
    [
      {
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'a' }] },
          { type: 'thinking', thinking: 'b' },
        ],
      },
      [{ text: 'ab' }],
    ],
    [
      {
        reasoning: 'a',
        reasoning_details: [{ type: 'reasoning.text', text: 'a', signature: 'S', format: 'anthropic-claude-v1' }],
      },
      [{ text: 'a', signature: 'S', origin: 'anthropic' }],
    ],
    [
      { reasoning: 'a', reasoning_details: [{ type: 'reasoning.text', signature: 'S', format: 'google-gemini-v1' }] },
      [{ text: 'a', signature: 'S', origin: 'google' }],
    ],
    [
      {
        reasoning: 'sum',
        reasoning_details: [
          { type: 'reasoning.summary', summary: 'sum', format: 'openai-responses-v1' },
          { type: 'reasoning.encrypted', data: 'D', format: 'openai-responses-v1', id: 'rs_1' },
        ],
      },
      [{ text: 'sum' }, { text: '', redacted: 'D', origin: 'openai', id: 'rs_1' }],
    ],
    [
      { reasoning: 'a', reasoning_details: [{ type: 'reasoning.encrypted', data: 'D' }] },
      [{ text: 'a' }, { text: '', redacted: 'D' }],
    ],
  ])('reads the thoughts of %j', (message, expected) => {
    expect(decode(message).parts).toEqual(expected.map((part) => ({ type: 'reasoning', ...part })));
  });

  it('gives a proof on the message to its first call', () => {
    const { parts } = decode({
      extra_content: { google: { thought_signature: 'G' } },
      tool_calls: [{ function: { name: 'f', arguments: '{}' } }, { function: { name: 'g', arguments: '{}' } }],
    });
    expect(parts).toMatchObject([{ name: 'f', signature: 'G' }, { name: 'g' }]);
    expect(parts[1]).not.toHaveProperty('signature');
  });

  it.each([
    [null],
    ['text'],
    [[]],
    [{}],
    [{ choices: [] }],
    [{ choices: [null] }],
    [{ choices: [{}] }],
    [{ choices: [{ message: { tool_calls: [3] } }] }],
    [{ choices: [{ message: { tool_calls: [{ function: {} }] } }] }],
  ])('is not an answer: %j', (body) => {
    expect(failure(body).code).toBe('upstream_invalid');
  });

  it.each([
    [{ error: { message: 'm', status: 400, code: 'content_filter' } }, 'upstream_rejected', 400],
    [{ error: { message: 'm', code: 429 }, choices: [] }, 'upstream_rate_limited', 429],
    [{ error: { message: 'm', type: 'invalid_request_error', code: 'x' } }, 'upstream_rejected', 400],
    [{ error: { message: 'm', code: '404' } }, 'upstream_rejected', 404],
    [{ error: { message: 'm', code: 500 } }, 'upstream_failed', 500],
    [{ error: { message: 'm', type: 'whatever' } }, 'upstream_unavailable', 502],
    [{ error: 'm' }, 'upstream_unavailable', 502],
    [{ object: 'error', message: 'm', type: 'invalid_request_error' }, 'upstream_rejected', 400],
    [{ choices: [{ error: { message: 'm', code: 503 } }] }, 'upstream_unavailable', 502],
  ])('is an error, whatever the status was: %j', (body, code, status) => {
    const error = failure(body);
    expect(error).toMatchObject({ code, status, message: 'Provider API error: m' });
  });

  it('hides what the provider says about our key', () => {
    const error = failure({ error: { message: 'Incorrect API key sk-123', type: 'authentication_error' } });
    expect(error.code).toBe('upstream_auth');
    expect(error.message).not.toContain('sk-123');
  });

  it.each(['error', 'insufficient_system_resource'])('takes finish %s for a failure', (finish_reason) => {
    const body = { choices: [{ message: { content: 'ha' }, finish_reason }] };
    expect(failure(body).code).toBe('upstream_failed');
  });
});
