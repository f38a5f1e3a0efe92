import { expect, it } from 'vitest';
import type { CanonicalRequest } from '../../canonical/request.ts';
import { decodeCountTokens, encodeCountTokens, patchCountTokens } from './index.ts';

const request: CanonicalRequest = {
  model: 'm',
  system: [{ type: 'text', text: 's' }],
  turns: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
  tools: [{ name: 'f' }],
  toolChoice: { type: 'auto' },
  maxTokens: 5,
  temperature: 0.5,
  stop: ['x'],
  user: 'u',
  stream: true,
  unsupported: [],
};

it('asks for a count with what the model reads, and nothing else', () => {
  expect(JSON.parse(encodeCountTokens(request))).toEqual({
    model: 'm',
    system: 's',
    messages: [{ role: 'user', content: 'Hi' }],
    tools: [{ name: 'f', input_schema: { type: 'object', properties: {} } }],
    tool_choice: { type: 'auto' },
  });
});

it('takes from a client’s own body what the count refuses', () => {
  const body = { model: 'a', max_tokens: 1, stream: true, messages: [], unknown: 1 };
  expect(JSON.parse(patchCountTokens(body, 'b'))).toEqual({ model: 'b', messages: [], unknown: 1 });
});

it('reads the count, with or without a type', () => {
  expect(decodeCountTokens({ input_tokens: 14 })).toBe(14);
  expect(decodeCountTokens({ type: 'message_count_tokens_result', input_tokens: 0 })).toBe(0);
});

it.each([[null], [{}], [{ input_tokens: '14' }], [{ type: 'error', error: { message: 'x' } }]])(
  'refuses %j',
  (body) => {
    expect(() => decodeCountTokens(body)).toThrow(expect.objectContaining({ code: 'upstream_invalid' }));
  },
);
