import { describe, expect, it } from 'vitest';
import { NexusError } from '../../../errors/nexus-error.ts';
import { validateRequest } from './validate.ts';

const SECRET = 'a-private-value';
const minimal = { model: 'openai/small', messages: [{ role: 'user', content: 'Hello' }] };

function refusal(body: unknown): NexusError {
  try {
    validateRequest(body);
  } catch (thrown) {
    if (NexusError.is(thrown)) return thrown;
    throw thrown;
  }
  throw new Error('the body was accepted');
}

const withField = (name: string, value: unknown) => ({ ...minimal, [name]: value });
const withMessage = (message: unknown) => ({ ...minimal, messages: [minimal.messages[0], message] });
const withPart = (part: unknown) => withMessage({ role: 'user', content: [{ type: 'text', text: 'x' }, part] });

describe('validateRequest', () => {
  it('hands the body back untouched', () => {
    const body = { ...minimal, temperature: 0.5, vendor_extra: { a: [1] } };
    expect(validateRequest(body)).toBe(body);
  });

  it.each([[null], [undefined], [[]], ['text'], [3], [true]])('refuses a body that is not an object: %j', (body) => {
    const error = refusal(body);
    expect(error.code).toBe('invalid_request');
    expect(error.status).toBe(400);
    expect(error.param).toBeUndefined();
  });

  it.each([
    ['model', undefined],
    ['model', null],
    ['model', ''],
    ['model', 3],
    ['model', {}],
    ['messages', undefined],
    ['messages', null],
    ['messages', []],
    ['messages', 'Hello'],
    ['messages', {}],
  ])('demands %s: %j is refused', (name, value) => {
    expect(refusal(withField(name, value)).param).toBe(name);
  });

  const wrongKinds: [string, unknown[]][] = [
    ['temperature', ['1', true, [], {}, Number.POSITIVE_INFINITY]],
    ['top_p', ['1', [], Number.NaN]],
    ['frequency_penalty', ['0', {}]],
    ['presence_penalty', ['0', {}]],
    ['max_tokens', ['10', 0, -1, 1.5, 1e300, []]],
    ['max_completion_tokens', ['10', 0, -1, 1.5]],
    ['n', ['1', 0, 1.5, -2]],
    ['seed', ['1', 0.5, {}]],
    ['top_logprobs', ['1', 0.5]],
    ['stop', [1, {}, true]],
    ['stream', ['true', 1, {}]],
    ['stream_options', ['x', [], true]],
    ['tools', [{}, 'x', 1]],
    ['functions', [{}, 'x']],
    ['tool_choice', [1, [], true]],
    ['function_call', [1, []]],
    ['response_format', ['json', []]],
    ['metadata', ['x', []]],
    ['logit_bias', ['x', [1]]],
    ['logprobs', [1, 'true']],
    ['parallel_tool_calls', ['false', 0]],
    ['store', [1, 'x']],
    ['user', [1, {}, []]],
    ['service_tier', [1, {}]],
    ['reasoning_effort', [1, {}]],
    ['verbosity', [1]],
    ['modalities', ['text', {}]],
    ['audio', ['x', []]],
    ['prediction', ['x', []]],
    ['web_search_options', [true, []]],
    ['prompt_cache_key', [1]],
    ['safety_identifier', [1]],
  ];
  for (const [name, values] of wrongKinds) {
    it.each(values.map((value) => [value]))(`refuses ${name}: %j`, (value) => {
      const error = refusal(withField(name, value));
      expect(error.code).toBe('invalid_request');
      expect(error.param).toBe(name);
      expect(error.message.startsWith(`${name} must be `)).toBe(true);
    });

    it(`takes null for ${name} as absent`, () => {
      expect(() => validateRequest(withField(name, null))).not.toThrow();
    });
  }

  it.each([
    ['messages[1]', withMessage(null)],
    ['messages[1]', withMessage('hi')],
    ['messages[1]', withMessage([])],
    ['messages[1].role', withMessage({ content: 'x' })],
    ['messages[1].role', withMessage({ role: 'robot', content: 'x' })],
    ['messages[1].role', withMessage({ role: '__proto__', content: 'x' })],
    ['messages[1].role', withMessage({ role: ['user'], content: 'x' })],
    ['messages[1].content', withMessage({ role: 'user', content: 7 })],
    ['messages[1].content', withMessage({ role: 'user', content: { type: 'text', text: 'x' } })],
    ['messages[1].name', withMessage({ role: 'user', content: 'x', name: 7 })],
    ['messages[1].name', withMessage({ role: 'function', content: 'x' })],
    ['messages[1].refusal', withMessage({ role: 'assistant', refusal: {} })],
    ['messages[1].tool_call_id', withMessage({ role: 'tool', content: 'x' })],
    ['messages[1].tool_call_id', withMessage({ role: 'tool', content: 'x', tool_call_id: null })],
    ['messages[1].content[1]', withPart('text')],
    ['messages[1].content[1]', withPart(null)],
    ['messages[1].content[1].type', withPart({})],
    ['messages[1].content[1].type', withPart({ type: 5 })],
    ['messages[1].content[1].text', withPart({ type: 'text' })],
    ['messages[1].content[1].text', withPart({ type: 'text', text: ['x'] })],
    ['messages[1].content[1].refusal', withPart({ type: 'refusal' })],
    ['messages[1].content[1].image_url', withPart({ type: 'image_url' })],
    ['messages[1].content[1].image_url', withPart({ type: 'image_url', image_url: [] })],
    ['messages[1].content[1].image_url.url', withPart({ type: 'image_url', image_url: {} })],
    ['messages[1].content[1].input_audio', withPart({ type: 'input_audio', input_audio: 'x' })],
    ['messages[1].content[1].input_audio.format', withPart({ type: 'input_audio', input_audio: { format: 1 } })],
    ['messages[1].content[1].file', withPart({ type: 'file' })],
    ['messages[1].content[1].file.file_data', withPart({ type: 'file', file: { file_data: 1 } })],
    ['messages[1].tool_calls', withMessage({ role: 'assistant', tool_calls: {} })],
    ['messages[1].tool_calls[0]', withMessage({ role: 'assistant', tool_calls: ['x'] })],
    ['messages[1].tool_calls[0].id', withMessage({ role: 'assistant', tool_calls: [{ id: 4 }] })],
    ['messages[1].tool_calls[0].type', withMessage({ role: 'assistant', tool_calls: [{ type: 4 }] })],
    ['messages[1].tool_calls[0].function', withMessage({ role: 'assistant', tool_calls: [{ id: 'a' }] })],
    ['messages[1].tool_calls[0].function.name', withMessage({ role: 'assistant', tool_calls: [{ function: {} }] })],
    [
      'messages[1].tool_calls[0].function.arguments',
      withMessage({ role: 'assistant', tool_calls: [{ function: { name: 'f', arguments: {} } }] }),
    ],
    ['messages[1].function_call.arguments', withMessage({ role: 'assistant', function_call: { name: 'f' } })],
    ['stop[1]', withField('stop', ['a', 1])],
    ['modalities[0]', withField('modalities', [1])],
    ['stream_options.include_usage', withField('stream_options', { include_usage: 'yes' })],
    ['tools[0]', withField('tools', ['x'])],
    ['tools[0].type', withField('tools', [{ type: 1 }])],
    ['tools[0].function', withField('tools', [{ type: 'function' }])],
    ['tools[0].function.name', withField('tools', [{ type: 'function', function: { name: '' } }])],
    ['tools[0].function.description', withField('tools', [{ function: { name: 'f', description: 1 } }])],
    ['tools[0].function.parameters', withField('tools', [{ function: { name: 'f', parameters: '{}' } }])],
    ['tools[0].function.strict', withField('tools', [{ function: { name: 'f', strict: 'yes' } }])],
    ['functions[0].name', withField('functions', [{}])],
    ['tool_choice.type', withField('tool_choice', {})],
    ['tool_choice.function', withField('tool_choice', { type: 'function' })],
    ['tool_choice.function.name', withField('tool_choice', { type: 'function', function: {} })],
    ['function_call.name', withField('function_call', {})],
    ['response_format.json_schema', withField('response_format', { type: 'json_schema' })],
    [
      'response_format.json_schema.schema',
      withField('response_format', { type: 'json_schema', json_schema: { schema: 'x' } }),
    ],
    ['response_format.type', withField('response_format', { type: 3 })],
  ])('names the wrong field: %s', (path, body) => {
    const error = refusal(body);
    expect(error.code).toBe('invalid_request');
    expect(error.param).toBe(path);
    expect(error.message).toContain(path);
  });

  it('tells the kind of what it found, never the value', () => {
    expect(refusal(withField('temperature', SECRET)).message).toBe('temperature must be a number, not a string');
    expect(refusal(withMessage({ role: SECRET })).message).not.toContain(SECRET);
    expect(refusal(withMessage({ role: 'user', content: { text: SECRET } })).message).not.toContain(SECRET);
  });

  it('takes every role, null content, parts, foreign kinds of parts and tools', () => {
    const body = {
      ...minimal,
      messages: [
        { role: 'system', content: 'a' },
        { role: 'developer', content: [{ type: 'text', text: 'b' }] },
        { role: 'user', content: [{ type: 'image_url', image_url: 'https://host/a.png' }, { type: 'video_url' }] },
        { role: 'assistant', content: null, tool_calls: [{ id: 'c', function: { name: 'f', arguments: '' } }] },
        { role: 'tool', tool_call_id: 'c', content: '' },
        { role: 'assistant', function_call: { name: 'g', arguments: '{}' }, tool_calls: null, refusal: null },
        { role: 'function', name: 'g', content: null },
        { role: 'assistant', tool_calls: [{ id: 'd', type: 'custom', custom: { name: 'h', input: '' } }] },
      ],
      tools: [
        { type: 'custom', custom: { name: 'h' } },
        { type: 'web_search' },
        { function: { name: 'f', strict: null } },
      ],
      stop: 'x',
      tool_choice: { type: 'allowed_tools' },
    };
    expect(validateRequest(body)).toBe(body);
  });

  it('is not led astray by names of the object prototype', () => {
    const body = JSON.parse(
      '{"model":"m","messages":[{"role":"user","content":"x","__proto__":{"role":"robot"}}],' +
        '"__proto__":{"temperature":"hot"},"constructor":1,"toString":{"a":1}}',
    );
    expect(validateRequest(body)).toBe(body);
    expect(refusal(JSON.parse('{"__proto__":{"model":"m","messages":[{"role":"user"}]}}')).param).toBe('model');
  });

  it('does not recurse into what it does not read', () => {
    const depth = 200_000;
    const deep: unknown = JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
    expect(() => validateRequest({ ...minimal, metadata: { deep }, extra: deep })).not.toThrow();
    expect(refusal({ ...minimal, temperature: deep }).param).toBe('temperature');
  });
});
