import { describe, expect, it } from 'vitest';
import { NexusError } from '../../../errors/nexus-error.ts';
import { anthropicPassthrough } from './index.ts';

const patch = (text: string, model: string) =>
  anthropicPassthrough.patchRequest(Buffer.from(text), JSON.parse(text), model).toString();

describe('patchRequest', () => {
  it('touches nothing but the name of the model', () => {
    const text = '{ "model" : "a", "unknown":12345678901234567890, "messages":[] }';
    const bytes = Buffer.from(text);
    expect(anthropicPassthrough.patchRequest(bytes, JSON.parse(text), 'a')).toBe(bytes);
    expect(patch(text, 'b')).toBe(text.replace('"a"', '"b"'));
  });

  it('writes anew what has two readings', () => {
    expect(JSON.parse(patch('{"model":"x","model":"a"}', 'b'))).toEqual({ model: 'b' });
  });

  it('takes out thoughts that Anthropic did not sign', () => {
    const own = { type: 'thinking', thinking: 'o', signature: 'c2ln' };
    const body = {
      model: 'a',
      messages: [
        { role: 'assistant', content: [own, { type: 'thinking', thinking: 'x', signature: 'nexus:google::g' }] },
        { role: 'assistant', content: [{ type: 'redacted_thinking', data: 'nexus:openai:rs:e' }] },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'y', signature: '' },
            { type: 'text', text: 't' },
          ],
        },
        { role: 'user', content: '"nexus:' },
      ],
      unknown: 1,
    };
    expect(JSON.parse(patch(JSON.stringify(body), 'b'))).toEqual({
      model: 'b',
      messages: [
        { role: 'assistant', content: [own] },
        { role: 'assistant', content: [{ type: 'text', text: 't' }] },
        { role: 'user', content: '"nexus:' },
      ],
      unknown: 1,
    });
  });
});

describe('readResponse', () => {
  it('reads model and usage', () => {
    const body = { model: 'm', content: [{ type: 'brand_new' }], usage: { input_tokens: 2, output_tokens: 1 } };
    const { model, usage } = anthropicPassthrough.readResponse(body);
    expect([model, usage?.input, usage?.output]).toEqual(['m', 2, 1]);
  });

  it.each([[null], [[]], [{}], [{ content: 'x' }], [{ content: [1] }], [{ type: 'error', error: { message: 'x' } }]])(
    'refuses %j',
    (body) => {
      let code = '';
      try {
        anthropicPassthrough.readResponse(body);
      } catch (thrown) {
        if (NexusError.is(thrown)) code = thrown.code;
      }
      expect(code).toBe('upstream_invalid');
    },
  );
});

describe('readEvent', () => {
  const delta = (change: object) => ({ type: 'content_block_delta', index: 0, delta: change });
  const blockStart = (block: object) => ({ type: 'content_block_start', index: 0, content_block: block });

  it.each([
    [delta({ type: 'text_delta', text: 'x' }), true],
    [delta({ type: 'text_delta', text: '' }), false],
    [delta({ type: 'thinking_delta', thinking: 'x' }), true],
    [delta({ type: 'signature_delta', signature: 'x' }), true],
    [delta({ type: 'input_json_delta', partial_json: '{' }), true],
    [delta({ type: 'input_json_delta', partial_json: '' }), false],
    [delta({ type: 'citations_delta', citation: {} }), true],
    [blockStart({ type: 'text', text: '' }), false],
    [blockStart({ type: 'text', text: 'x' }), true],
    [blockStart({ type: 'thinking', thinking: '', signature: '' }), false],
    [blockStart({ type: 'redacted_thinking', data: 'x' }), true],
    [blockStart({ type: 'tool_use', id: 'a', name: 'f', input: {} }), true],
    [blockStart({ type: 'server_tool_use', id: 'a', name: 'web_search', input: {} }), true],
    [{ type: 'content_block_stop', index: 0 }, false],
    [{ type: 'message_start', message: {} }, false],
    [{ type: 'message_delta', delta: {} }, false],
    [{ type: 'message_delta', delta: { stop_reason: 'end_turn' } }, true],
    [{ type: 'message_stop' }, false],
    [{ type: 'ping' }, false],
    [{ type: 'brand_new' }, false],
  ])('%j', (frame, content) => {
    const facts = anthropicPassthrough.readEvent(JSON.stringify(frame));
    expect([facts.content, facts.failure, facts.usageOnly]).toEqual([content, undefined, false]);
    const ends = frame.type === 'message_stop' || (frame.type === 'message_delta' && content);
    expect(facts.finished).toBe(ends);
  });

  it('reads usage at both ends, and says when it is half', () => {
    const read = (frame: object) => anthropicPassthrough.readEvent(JSON.stringify(frame));
    const first = read({ type: 'message_start', message: { usage: { input_tokens: 5, output_tokens: 1 } } });
    expect(first.usage).toMatchObject({ input: 5, output: 1 });
    const half = read({ type: 'message_delta', delta: {}, usage: { output_tokens: 9 } });
    expect([half.usage?.output, half.usageLacksInput]).toEqual([9, true]);
    const whole = read({ type: 'message_delta', delta: {}, usage: { input_tokens: 5, output_tokens: 9 } });
    expect([whole.usage?.input, whole.usageLacksInput]).toEqual([5, false]);
  });

  it.each([
    ['{"type":"error","error":{"type":"overloaded_error","message":"x"}}', 'upstream_unavailable'],
    ['{"type":', 'upstream_invalid'],
    ['[]', 'upstream_invalid'],
  ])('%s is a failure', (data, code) => {
    expect(anthropicPassthrough.readEvent(data).failure?.code).toBe(code);
  });
});
