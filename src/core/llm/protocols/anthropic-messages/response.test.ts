import { describe, expect, it } from 'vitest';
import { writesDeepJson } from '../../../../../test/support/engine.ts';
import { NexusError } from '../../../errors/nexus-error.ts';
import { anthropicMessages } from './index.ts';

const message = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-dated',
  content: [{ type: 'text', text: 'Hi' }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 4, cache_creation_input_tokens: 2, cache_read_input_tokens: 10, output_tokens: 3 },
};

function refusal(body: unknown): NexusError {
  try {
    anthropicMessages.decodeResponse(body);
  } catch (thrown) {
    if (NexusError.is(thrown)) return thrown;
    throw thrown;
  }
  throw new Error('the body was accepted');
}

describe('decodeResponse', () => {
  it('reads an answer', () => {
    expect(anthropicMessages.decodeResponse(message)).toEqual({
      id: 'msg_1',
      model: 'claude-dated',
      parts: [{ type: 'text', text: 'Hi' }],
      finish: 'stop',
      usage: { input: 16, output: 3, cacheRead: 10, cacheWrite: 2, reasoning: 0 },
    });
  });

  it('keeps thoughts, texts and calls in order and leaves other blocks out', () => {
    const content = [
      { type: 'thinking', thinking: 'hm', signature: 's' },
      { type: 'redacted_thinking', data: 'x' },
      { type: 'thinking', thinking: 'unsigned', signature: '' },
      { type: 'text', text: 'a', citations: [{ type: 'char_location', cited_text: 'y' }, 'no citation'] },
      { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
      { type: 'tool_use', id: 'c1', name: 'f', input: { x: 1 } },
      { type: 'text', text: '' },
      { type: 'brand_new_block' },
      { type: 'tool_use', id: 'c2', name: 'g', input: null },
      { type: 'tool_use', id: 'c3', name: 'g', input: '{"y": 2}' },
      { type: 'tool_use', id: 'c4', name: 'g', input: JSON.parse('{"__proto__":1}') },
    ];
    expect(anthropicMessages.decodeResponse({ ...message, content }).parts).toEqual([
      { type: 'reasoning', text: 'hm', signature: 's', origin: 'anthropic' },
      { type: 'reasoning', text: '', redacted: 'x', origin: 'anthropic' },
      { type: 'reasoning', text: 'unsigned', origin: 'anthropic' },
      { type: 'text', text: 'a', citations: [{ type: 'char_location', cited_text: 'y' }] },
      { type: 'tool_call', id: 'c1', name: 'f', arguments: '{"x":1}' },
      { type: 'tool_call', id: 'c2', name: 'g', arguments: '{}' },
      { type: 'tool_call', id: 'c3', name: 'g', arguments: '{"y": 2}' },
      { type: 'tool_call', id: 'c4', name: 'g', arguments: '{"__proto__":1}' },
    ]);
  });

  it.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['pause_turn', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['tool_use', 'tool_calls'],
    ['refusal', 'content_filter'],
    ['constructor', 'stop'],
    [null, 'stop'],
    [undefined, 'stop'],
    [7, 'stop'],
  ])('stop_reason %j means %s', (stop_reason, finish) => {
    expect(anthropicMessages.decodeResponse({ ...message, stop_reason }).finish).toBe(finish);
  });

  it('says which sequence stopped the model', () => {
    const stopped = { ...message, stop_reason: 'stop_sequence', stop_sequence: 'END' };
    expect(anthropicMessages.decodeResponse(stopped)).toMatchObject({ finish: 'stop', stopSequence: 'END' });
    expect('stopSequence' in anthropicMessages.decodeResponse({ ...message, stop_sequence: null })).toBe(false);
  });

  it('survives missing and absurd usage', () => {
    const usageOf = (usage: unknown) => anthropicMessages.decodeResponse({ ...message, usage }).usage;
    expect(usageOf(undefined)).toBeUndefined();
    expect(usageOf('many')).toBeUndefined();
    expect(usageOf({ input_tokens: -4, output_tokens: 1e308, cache_read_input_tokens: '7' })).toEqual({
      input: 0,
      output: 0,
      cacheRead: 0,
      cacheWrite: 0,
      reasoning: 0,
    });
    const most = 1e9;
    expect(usageOf({ input_tokens: most, cache_read_input_tokens: most, output_tokens: 5 })?.input).toBe(2 * most);
    expect(usageOf({ input_tokens: most + 1, output_tokens: 5 })?.input).toBe(0);
    const thinking = { output_tokens: 5, output_tokens_details: { thinking_tokens: 9 } };
    expect(usageOf(thinking)).toMatchObject({ output: 5, reasoning: 5 });
  });

  it.each([
    [null],
    ['text'],
    [[]],
    [{}],
    [{ ...message, content: 'Hi' }],
    [{ ...message, content: undefined }],
    [{ ...message, content: [null] }],
    [{ ...message, content: ['Hi'] }],
    [{ ...message, content: [{ type: 'text' }] }],
    [{ ...message, content: [{ type: 'text', text: 3 }] }],
    [{ ...message, content: [{ type: 'thinking', signature: 's' }] }],
    [{ ...message, content: [{ type: 'redacted_thinking' }] }],
    [{ ...message, content: [{ type: 'tool_use', id: 'a', input: {} }] }],
    [{ ...message, content: [{ type: 'tool_use', name: 'f', input: {} }] }],
    [{ type: 'error' }],
    [{ choices: [{ message: { content: 'Hi' } }] }],
  ])('cannot read %j', (body) => {
    const error = refusal(body);
    expect(error.code).toBe('upstream_invalid');
    expect(error.status).toBe(502);
  });

  it('takes an error under a success status for an error', () => {
    const error = refusal({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } });
    expect([error.code, error.message, error.upstreamCode]).toEqual([
      'upstream_invalid',
      'Overloaded',
      'overloaded_error',
    ]);
    const secret = refusal({ type: 'error', error: { type: 'authentication_error', message: 'bad key sk-123' } });
    expect(secret.message).not.toContain('sk-123');
  });

  // Skipped where the engine has no such limit.
  it.skipIf(writesDeepJson)('cannot read arguments nested too deeply to be written', () => {
    const input = JSON.parse(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`);
    expect(refusal({ ...message, content: [{ type: 'tool_use', id: 'a', name: 'f', input }] }).code).toBe(
      'upstream_invalid',
    );
  });
});
