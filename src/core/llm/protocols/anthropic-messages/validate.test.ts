import { describe, expect, it } from 'vitest';
import { NexusError } from '../../../errors/nexus-error.ts';
import { anthropicMessages, validateCountTokens } from './index.ts';

const base = { model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'Hi' }] };

function refusal(body: unknown): NexusError {
  try {
    anthropicMessages.validateRequest(body);
  } catch (thrown) {
    if (NexusError.is(thrown)) return thrown;
    throw thrown;
  }
  throw new Error('the request was accepted');
}

const block = (content: object) => ({ messages: [{ role: 'user', content: [content] }] });

describe('validateRequest', () => {
  it('hands the very body back, with everything it does not know', () => {
    const body = {
      ...base,
      brand_new: { x: 1 },
      temperature: null,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'brand_new_block', x: 1 },
            { type: 'text', text: 'a', extra: true },
          ],
        },
        { role: 'system', content: [{ type: 'tool_addition', tool: {} }] },
      ],
      tools: [{ type: 'web_search_20250305', name: 'web_search' }, { type: 'mcp_toolset' }],
    };
    expect(anthropicMessages.validateRequest(body)).toBe(body);
  });

  it.each([null, 'x', [], 7])('refuses the body %j', (body) => {
    expect(refusal(body).code).toBe('invalid_request');
  });

  it.each([
    ['model', { model: undefined }],
    ['model', { model: '' }],
    ['max_tokens', { max_tokens: undefined }],
    ['max_tokens', { max_tokens: null }],
    ['max_tokens', { max_tokens: 0 }],
    ['max_tokens', { max_tokens: 1.5 }],
    ['max_tokens', { max_tokens: '10' }],
    ['messages', { messages: [] }],
    ['messages', { messages: undefined }],
    ['messages[0]', { messages: ['Hi'] }],
    ['messages[0].role', { messages: [{ role: 'tool', content: 'x' }] }],
    ['messages[0].content', { messages: [{ role: 'user' }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: null }] }],
    ['messages[0].content[0]', { messages: [{ role: 'user', content: ['Hi'] }] }],
    ['messages[0].content[0].type', block({ text: 'x' })],
    ['messages[0].content[0].text', block({ type: 'text' })],
    ['messages[0].content[0].cache_control', block({ type: 'text', text: 'x', cache_control: 'yes' })],
    ['messages[0].content[0].cache_control.type', block({ type: 'text', text: 'x', cache_control: {} })],
    ['messages[0].content[0].citations[0]', block({ type: 'text', text: 'x', citations: [1] })],
    ['messages[0].content[0].source', block({ type: 'image' })],
    ['messages[0].content[0].source.media_type', block({ type: 'image', source: { type: 'base64', data: '' } })],
    ['messages[0].content[0].source.url', block({ type: 'document', source: { type: 'url' } })],
    ['messages[0].content[0].source.file_id', block({ type: 'document', source: { type: 'file' } })],
    ['messages[0].content[0].id', block({ type: 'tool_use', name: 'f', input: {} })],
    ['messages[0].content[0].input', block({ type: 'tool_use', id: 'a', name: 'f', input: '{}' })],
    ['messages[0].content[0].tool_use_id', block({ type: 'tool_result' })],
    ['messages[0].content[0].is_error', block({ type: 'tool_result', tool_use_id: 'a', is_error: 'no' })],
    [
      'messages[0].content[0].content[0].text',
      block({ type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text' }] }),
    ],
    ['messages[0].content[0].thinking', block({ type: 'thinking', signature: 's' })],
    ['messages[0].content[0].data', block({ type: 'redacted_thinking' })],
    ['system', { system: 4 }],
    ['system[0].text', { system: [{ type: 'text' }] }],
    ['tools[0].name', { tools: [{ input_schema: {} }] }],
    ['tools[0].input_schema', { tools: [{ name: 'f', input_schema: 'x' }] }],
    ['tool_choice', { tool_choice: 'auto' }],
    ['tool_choice.name', { tool_choice: { type: 'tool' } }],
    ['thinking.budget_tokens', { thinking: { type: 'enabled' } }],
    ['output_config.format.schema', { output_config: { format: { type: 'json_schema' } } }],
    ['metadata.user_id', { metadata: { user_id: 4 } }],
    ['stop_sequences[1]', { stop_sequences: ['a', 4] }],
    ['stream', { stream: 'yes' }],
    ['temperature', { temperature: Number.POSITIVE_INFINITY }],
    ['top_k', { top_k: -1 }],
  ])('names %s', (param, fields) => {
    const error = refusal({ ...base, ...fields });
    expect([error.code, error.param]).toEqual(['invalid_request', param]);
    expect(error.message).toContain(`${param} must be`);
  });

  it('refuses content nested without end', () => {
    const depth = 50_000;
    const open = '[{"type":"tool_result","tool_use_id":"a","content":';
    const content = JSON.parse(`${open.repeat(depth)}"x"${'}]'.repeat(depth)}`);
    const error = refusal({ ...base, messages: [{ role: 'user', content }] });
    expect([error.code, error.message.includes('nested less deeply')]).toEqual(['invalid_request', true]);
  });

  it('never repeats a value', () => {
    expect(refusal({ ...base, system: 4711 }).message).not.toContain('4711');
    expect(refusal({ ...base, messages: [{ role: 'secret', content: '' }] }).message).not.toContain('secret');
  });
});

it('validateCountTokens needs no max_tokens', () => {
  const body = { model: 'm', messages: base.messages };
  expect(validateCountTokens(body)).toBe(body);
  expect(() => validateCountTokens({ model: 'm' })).toThrow('messages must be');
});
