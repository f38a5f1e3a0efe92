import { describe, expect, it } from 'vitest';
import { NexusError } from '../../../errors/nexus-error.ts';
import { responsesPassthrough } from './index.ts';

const { readEvent, readResponse } = responsesPassthrough;
const patch = (body: Record<string, unknown>, model: string) => {
  const bytes = Buffer.from(JSON.stringify(body));
  return { bytes, patched: responsesPassthrough.patchRequest(bytes, body, model) };
};

describe('patchRequest', () => {
  it('hands on the same bytes, or all but the model', () => {
    const { bytes, patched } = patch({ model: 'a', input: 'x' }, 'a');
    expect(patched).toBe(bytes);
    expect(patch({ model: 'p/a', input: 'x' }, 'a').patched.toString()).toBe('{"model":"a","input":"x"}');
  });

  it('serialises anew where the model cannot be found in the bytes', () => {
    const body = { model: 'p/a', input: [{ role: 'user', content: 'x', model: 'y' }] };
    expect(JSON.parse(patch(body, 'a').patched.toString())).toEqual({ ...body, model: 'a' });
  });

  it('takes out thoughts of other vendors', () => {
    const own = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAAA==' };
    const input = [
      own,
      { type: 'reasoning', id: 'rs_nexus_1', summary: [], encrypted_content: 'anthropic:e30' },
      { type: 'reasoning', id: 'rs_nexus_2', summary: [{ type: 'summary_text', text: 'x' }] },
      { role: 'user', content: 'anthropic:e30' },
    ];
    const { patched } = patch({ model: 'a', input, stream: true }, 'a');
    expect(JSON.parse(patched.toString())).toEqual({ model: 'a', input: [own, input[3]], stream: true });
  });
});

describe('readResponse', () => {
  it.each([
    ['no object', 'text'],
    ['no output', { id: 'x' }],
    ['an error', { error: { message: 'no' } }],
    ['a failure', { output: [], status: 'failed', error: { code: 'server_error', message: 'no' } }],
  ])('refuses %s', (_, body) => {
    expect(() => readResponse(body)).toThrow(NexusError);
  });

  it('reads model and usage', () => {
    const body = { model: 'a-1', output: [], error: null, usage: { input_tokens: 3, output_tokens: 4 } };
    expect(readResponse(body)).toEqual({
      model: 'a-1',
      usage: { input: 3, output: 4, cacheRead: 0, cacheWrite: 0, reasoning: 0 },
      finish: 'stop',
    });
  });
});

describe('readEvent', () => {
  it.each([
    ['{"type":"response.created","response":{"usage":null}}', false, false],
    ['{"type":"response.output_item.added","item":{"type":"message"}}', false, false],
    ['{"type":"response.output_item.added","item":{"type":"function_call"}}', true, false],
    ['{"type":"response.output_text.delta","delta":"x"}', true, false],
    ['{"type":"response.reasoning_summary_text.delta","delta":"x"}', true, false],
    ['{"type":"response.refusal.delta","delta":"x"}', true, false],
    ['{"type":"response.function_call_arguments.delta","delta":"{"}', true, false],
    ['{"type":"response.incomplete","response":{}}', true, true],
    ['{"type":"response.completed","response":{}}', true, true],
    ['[DONE]', false, false],
  ])('%s', (data, content, finished) => {
    expect(readEvent(data)).toMatchObject({ content, finished, usageOnly: false });
    expect(readEvent(data).failure).toBeUndefined();
  });

  it.each([
    ['{"type":"error","code":"server_error","message":"no","param":null}', 'upstream_failed'],
    ['{"type":"error","error":{"code":"insufficient_quota","message":"no"}}', 'upstream_rate_limited'],
    ['{"type":"response.failed","response":{"error":{"code":"invalid_prompt","message":"no"}}}', 'upstream_rejected'],
    ['{"type":"response.failed","response":{"error":null}}', 'upstream_unavailable'],
    ['{"error":{"message":"no"}}', 'upstream_unavailable'],
    ['<html>', 'upstream_invalid'],
    ['[]', 'upstream_invalid'],
  ])('%s fails', (data, code) => {
    expect(readEvent(data).failure?.code).toBe(code);
  });
});
