import { describe, expect, it } from 'vitest';
import type { CanonicalResponse } from '../../canonical/response.ts';
import { anthropicMessages } from './index.ts';

const context = { model: 'public', created: 1, streamUsage: true, newId: () => 'fresh' };
const base: CanonicalResponse = {
  id: 'msg_1',
  model: 'dated',
  parts: [{ type: 'text', text: 'Hi' }],
  finish: 'stop',
  usage: { input: 16, output: 5, cacheRead: 10, cacheWrite: 2, reasoning: 3 },
};
const encode = (fields: Partial<CanonicalResponse>) =>
  JSON.parse(anthropicMessages.encodeResponse({ ...base, ...fields }, context));

describe('encodeResponse', () => {
  it('writes a message', () => {
    expect(encode({})).toEqual({
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'public',
      content: [{ type: 'text', text: 'Hi' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: {
        input_tokens: 4,
        cache_creation_input_tokens: 2,
        cache_read_input_tokens: 10,
        output_tokens: 5,
        output_tokens_details: { thinking_tokens: 3 },
      },
    });
  });

  it('writes counts that are not known, or contradict themselves, as 0', () => {
    expect(encode({ usage: undefined }).usage).toEqual({
      input_tokens: 0,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: 0,
    });
    expect(
      encode({ usage: { input: 1, output: 0, cacheRead: 2, cacheWrite: 0, reasoning: 0 } }).usage.input_tokens,
    ).toBe(0);
  });

  it('makes an id where the upstream has none of this format', () => {
    expect(encode({ id: '' }).id).toBe('msg_fresh');
    expect(encode({ id: 'chatcmpl-1' }).id).toBe('msg_fresh');
  });

  it('writes every kind of part', () => {
    const citation = { type: 'char_location', cited_text: 'x' };
    const { content } = encode({
      parts: [
        { type: 'reasoning', text: 'own', signature: 'c2ln', origin: 'anthropic' },
        { type: 'reasoning', text: 'plain' },
        { type: 'reasoning', text: 'other', signature: 'g', origin: 'google' },
        { type: 'reasoning', text: '', redacted: 'ZGF0', origin: 'anthropic' },
        { type: 'reasoning', text: '', redacted: 'e:1', origin: 'openai', id: 'rs_1' },
        { type: 'reasoning', text: '', redacted: 'nobody’s' },
        { type: 'text', text: '' },
        { type: 'text', text: 'cited', citations: [citation, { type: 'url_citation' }] },
        { type: 'media', kind: 'image', url: 'https://host' },
        { type: 'tool_call', id: 'a', name: 'f', arguments: '{"x":null}' },
        { type: 'tool_call', id: 'b', name: 'f', arguments: '' },
        { type: 'tool_call', id: 'c', name: 'f', arguments: '{"broken' },
        { type: 'tool_call', id: 'd', name: 'f', arguments: '[]' },
      ],
    });
    const call = (id: string, input: object) => ({ type: 'tool_use', id, name: 'f', input });
    expect(content).toEqual([
      { type: 'thinking', thinking: 'own', signature: 'c2ln' },
      { type: 'thinking', thinking: 'plain', signature: '' },
      { type: 'thinking', thinking: 'other', signature: 'nexus:google::g' },
      { type: 'redacted_thinking', data: 'ZGF0' },
      { type: 'redacted_thinking', data: 'nexus:openai:rs_1:e:1' },
      { type: 'text', text: 'cited', citations: [citation] },
      call('a', { x: null }),
      call('b', {}),
      call('c', {}),
      call('d', {}),
    ]);
  });

  it('does not round the numbers in arguments', () => {
    const json = '{"n": 12345678901234567890}';
    const parts = [{ type: 'tool_call', id: 'a', name: 'f', arguments: json } as const];
    expect(anthropicMessages.encodeResponse({ ...base, parts }, context)).toContain(`"input":${json}}`);
  });

  it.each([
    ['stop', {}, 'end_turn', null],
    ['stop', { stopSequence: 'END' }, 'stop_sequence', 'END'],
    ['length', { stopSequence: 'END' }, 'max_tokens', null],
    ['tool_calls', {}, 'tool_use', null],
    ['content_filter', {}, 'refusal', null],
    ['stop', { parts: [{ type: 'refusal', text: 'No' }] }, 'refusal', null],
    ['stop', { parts: [{ type: 'tool_call', id: 'a', name: 'f', arguments: '' }] }, 'tool_use', null],
  ] satisfies [CanonicalResponse['finish'], Partial<CanonicalResponse>, string, string | null][])(
    '%s with %j is %s',
    (finish, fields, reason, sequence) => {
      const message = encode({ ...fields, finish });
      expect([message.stop_reason, message.stop_sequence]).toEqual([reason, sequence]);
    },
  );
});
