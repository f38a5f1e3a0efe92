import { describe, expect, it } from 'vitest';
import { NexusError } from '../../../errors/nexus-error.ts';
import { addressOf, openaiResponses } from './index.ts';

const decode = (body: Record<string, unknown>) => {
  const valid = openaiResponses.validateRequest({ model: 'm', ...body });
  return openaiResponses.decodeRequest(valid, addressOf(valid));
};

function thrownBy(work: () => unknown): NexusError {
  try {
    work();
  } catch (thrown) {
    if (NexusError.is(thrown)) return thrown;
  }
  throw new Error('nothing was thrown');
}

const call = (callId: string) => ({ type: 'function_call', call_id: callId, name: 'look', arguments: '{"at":1}' });
const result = (callId: string) => ({ type: 'function_call_output', call_id: callId, output: `seen ${callId}` });

describe('a request as Codex sends it', () => {
  const request = decode({
    stream: true,
    instructions: 'Be brief.',
    input: [
      { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Rules.' }] },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Look twice.' }] },
      {
        type: 'reasoning',
        summary: [{ type: 'summary_text', text: 'Hm.' }],
        content: null,
        encrypted_content: 'gAAAA',
      },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Looking.' }] },
      call('a'),
      call('b'),
      result('a'),
      result('b'),
      { type: 'message', role: 'user', content: 'And?' },
    ],
    tools: [
      { type: 'function', name: 'look', description: 'd', parameters: { type: 'object' }, strict: false },
      { type: 'local_shell' },
      { type: 'custom', name: 'apply_patch', format: { type: 'grammar', syntax: 'lark', definition: 'x' } },
      { type: 'web_search' },
    ],
    tool_choice: 'auto',
    parallel_tool_calls: false,
    reasoning: { effort: 'high', summary: 'auto' },
    store: false,
    include: ['reasoning.encrypted_content'],
    prompt_cache_key: 'key',
    text: { verbosity: 'low' },
  });

  it('groups the items into turns', () => {
    expect(request.system.map(({ text }) => text)).toEqual(['Be brief.', 'Rules.']);
    expect(request.turns).toEqual([
      { role: 'user', parts: [{ type: 'text', text: 'Look twice.' }] },
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'Hm.', redacted: 'gAAAA', origin: 'openai' },
          { type: 'text', text: 'Looking.' },
          { type: 'tool_call', id: 'a', name: 'look', arguments: '{"at":1}' },
          { type: 'tool_call', id: 'b', name: 'look', arguments: '{"at":1}' },
        ],
      },
      {
        role: 'user',
        parts: [
          { type: 'tool_result', callId: 'a', content: [{ type: 'text', text: 'seen a' }], isError: false },
          { type: 'tool_result', callId: 'b', content: [{ type: 'text', text: 'seen b' }], isError: false },
          { type: 'text', text: 'And?' },
        ],
      },
    ]);
  });

  it('keeps what has a form and names the rest', () => {
    expect(request).toMatchObject({
      model: 'm',
      stream: true,
      tools: [
        { name: 'look', description: 'd', parameters: { type: 'object' }, strict: false },
        { name: 'apply_patch', special: { isCustom: true, name: 'apply_patch' } },
      ],
      toolChoice: { type: 'auto' },
      parallelToolCalls: false,
      reasoning: { effort: 'high', visible: true },
    });
    expect([...request.unsupported].sort()).toEqual(['text.verbosity', 'tools[1].type', 'tools[3].type']);
  });
});

describe('fields', () => {
  it.each([
    ['previous_response_id', 'resp_1'],
    ['conversation', { id: 'conv_1' }],
    ['prompt', { id: 'pmpt_1' }],
    ['background', true],
  ])('refuses %s', (name, value) => {
    const error = thrownBy(() => decode({ input: 'x', [name]: value }));
    expect([error.code, error.param]).toEqual(['invalid_request', name]);
  });

  it.each([
    ['background', false],
    ['store', false],
    ['truncation', 'disabled'],
    ['service_tier', 'auto'],
    ['metadata', {}],
    ['previous_response_id', null],
    ['stream_options', { include_obfuscation: false }],
  ])('says nothing about %s: %j', (name, value) => {
    expect(decode({ input: 'x', [name]: value }).unsupported).toEqual([]);
  });

  it.each([
    ['store', true],
    ['truncation', 'auto'],
    ['metadata', { a: 'b' }],
    ['include', ['web_search_call.results']],
    ['service_tier', 'scale'],
    ['something_new', 1],
  ])('names %s: %j', (name, value) => {
    expect(decode({ input: 'x', [name]: value }).unsupported).toEqual([name]);
  });

  it('reads the class of service', () => {
    expect(decode({ input: 'x', service_tier: 'flex' })).toMatchObject({ serviceTier: 'flex', unsupported: [] });
  });

  it('reads the format of the answer', () => {
    const schema = { type: 'object' };
    const text = { format: { type: 'json_schema', name: 'n', schema, strict: true } };
    expect(decode({ input: 'x', text }).responseFormat).toEqual({
      type: 'json_schema',
      name: 'n',
      schema,
      strict: true,
    });
    expect(decode({ input: 'x', text: { format: { type: 'text' } } }).responseFormat).toBeUndefined();
  });

  it('shows only the tools that may be called', () => {
    const tools = ['a', 'b', 'c'].map((name) => ({ type: 'function', name }));
    const allowed = ['a', 'c'].map((name) => ({ type: 'function', name }));
    const request = decode({
      input: 'x',
      tools,
      tool_choice: { type: 'allowed_tools', mode: 'required', tools: allowed },
    });
    expect(request.tools.map(({ name }) => name)).toEqual(['a', 'c']);
    expect(request.toolChoice).toEqual({ type: 'required' });
  });

  it('leaves a choice that cannot be said to the model', () => {
    const request = decode({
      input: 'x',
      tools: [{ type: 'web_search' }],
      tool_choice: { type: 'web_search_preview' },
    });
    expect(request.toolChoice).toBeUndefined();
    expect([...request.unsupported].sort()).toEqual(['tool_choice', 'tools[0].type']);
  });
});

describe('items', () => {
  it('reads media', () => {
    const content = [
      { type: 'input_image', image_url: 'data:image/PNG;base64,AAAA', detail: 'low' },
      { type: 'input_image', image_url: 'https://x/y.png' },
      { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,BBBB' },
      { type: 'input_file', file_url: 'https://x/y.pdf' },
      { type: 'input_file', file_id: 'file-1' },
    ];
    expect(decode({ input: [{ role: 'user', content }] }).turns[0]?.parts).toEqual([
      { type: 'media', kind: 'image', mediaType: 'image/png', data: 'AAAA', detail: 'low' },
      { type: 'media', kind: 'image', url: 'https://x/y.png' },
      { type: 'media', kind: 'document', mediaType: 'application/pdf', data: 'BBBB', name: 'a.pdf' },
      { type: 'media', kind: 'document', url: 'https://x/y.pdf' },
      { type: 'media', kind: 'document', fileId: 'file-1' },
    ]);
  });

  it('keeps calls of custom tools as calls', () => {
    const input = [
      { type: 'custom_tool_call', call_id: 'a', name: 'apply_patch', input: '*** "x"' },
      { type: 'custom_tool_call_output', call_id: 'a', output: 'done' },
    ];
    expect(decode({ input }).turns.map(({ parts }) => parts[0])).toEqual([
      { type: 'tool_call', id: 'a', name: 'apply_patch', arguments: '{"input":"*** \\"x\\""}' },
      { type: 'tool_result', callId: 'a', content: [{ type: 'text', text: 'done' }], isError: false },
    ]);
  });

  it('names records of the vendor and refuses what it cannot leave out', () => {
    expect(decode({ input: [{ type: 'web_search_call', id: 'ws' }] }).unsupported).toEqual(['input.web_search_call']);
    for (const item of [{ type: 'item_reference', id: 'x' }, { id: 'x' }]) {
      expect(thrownBy(() => decode({ input: [item] })).param).toBe('input[0]');
    }
    expect(thrownBy(() => decode({ input: [{ type: 'compaction', encrypted_content: 'x' }] })).param).toBe(
      'input[0].type',
    );
  });
});

describe('validation', () => {
  it.each([
    [{}, 'input'],
    [{ input: 5 }, 'input'],
    [{ input: ['x'] }, 'input[0]'],
    [{ input: [{ role: 'robot', content: 'x' }] }, 'input[0].role'],
    [{ input: [{ role: 'user' }] }, 'input[0].content'],
    [{ input: [{ role: 'user', content: [{ type: 'input_text' }] }] }, 'input[0].content[0].text'],
    [{ input: [{ role: 'user', content: [{}] }] }, 'input[0].content[0].type'],
    [{ input: [{ type: 'function_call', call_id: 'a', name: 'b' }] }, 'input[0].arguments'],
    [{ input: [{ type: 'function_call_output', output: 'b' }] }, 'input[0].call_id'],
    [{ input: [{ type: 'reasoning', summary: 'x' }] }, 'input[0].summary'],
    [{ input: 'x', tools: [{ type: 'function' }] }, 'tools[0].name'],
    [{ input: 'x', text: { format: { type: 'json_schema' } } }, 'text.format.schema'],
    [{ input: 'x', tool_choice: { type: 'function' } }, 'tool_choice.name'],
    [{ input: 'x', max_output_tokens: 0 }, 'max_output_tokens'],
    [{ input: 'x', temperature: 'hot' }, 'temperature'],
    [{ input: 'x', reasoning: { effort: 3 } }, 'reasoning.effort'],
  ])('%j: %s', (body, param) => {
    const error = thrownBy(() => openaiResponses.validateRequest({ model: 'm', ...body }));
    expect([error.code, error.param]).toEqual(['invalid_request', param]);
  });

  it('never shows the value', () => {
    expect(thrownBy(() => openaiResponses.validateRequest({ model: 'm', input: 'x', user: ['secret'] })).message).toBe(
      'user must be a string, not an array',
    );
  });
});
