import { describe, expect, it } from 'vitest';
import { NexusError } from '../../../errors/nexus-error.ts';
import { anthropicMessages } from './index.ts';

const base = { model: 'm', max_tokens: 64, messages: [{ role: 'user', content: 'Hi' }] };
const address = { model: 'target', stream: true, streamUsage: true };

function decode(fields: object) {
  return anthropicMessages.decodeRequest(anthropicMessages.validateRequest({ ...base, ...fields }), address);
}

function refusal(fields: object): NexusError {
  try {
    decode(fields);
  } catch (thrown) {
    if (NexusError.is(thrown)) return thrown;
    throw thrown;
  }
  throw new Error('the request was accepted');
}

const said = (...content: object[]) => decode({ messages: [{ role: 'user', content }] }).turns[0]?.parts;

describe('decodeRequest', () => {
  it('reads the least there can be', () => {
    expect(decode({})).toEqual({
      model: 'target',
      system: [],
      turns: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
      tools: [],
      maxTokens: 64,
      stream: true,
      unsupported: [],
    });
  });

  it('reads everything', () => {
    const schema = { type: 'object', properties: {} };
    const request = decode({
      system: [
        { type: 'text', text: 'one', cache_control: { type: 'ephemeral' } },
        { type: 'text', text: 'two' },
      ],
      temperature: 0,
      top_p: 0.5,
      top_k: 0,
      stop_sequences: ['END'],
      metadata: { user_id: 'u' },
      tools: [
        {
          name: 'f',
          description: 'd',
          input_schema: schema,
          strict: true,
          cache_control: { type: 'ephemeral', ttl: '1h' },
        },
        { type: 'custom', name: 'g', defer_loading: true },
      ],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
      thinking: { type: 'enabled', budget_tokens: 2000 },
      output_config: { effort: 'high', format: { type: 'json_schema', schema } },
      service_tier: 'standard_only',
      container: 'c',
      mcp_servers: [],
      context_management: {},
      cache_control: { type: 'ephemeral' },
      speed: 'standard',
      brand_new: 1,
    });
    expect(request).toEqual({
      model: 'target',
      system: [
        { type: 'text', text: 'one', cache: {} },
        { type: 'text', text: 'two' },
      ],
      turns: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
      tools: [{ name: 'f', description: 'd', parameters: schema, strict: true, cache: { ttl: '1h' } }, { name: 'g' }],
      toolChoice: { type: 'required' },
      parallelToolCalls: false,
      maxTokens: 64,
      temperature: 0,
      topP: 0.5,
      topK: 0,
      stop: ['END'],
      responseFormat: { type: 'json_schema', schema },
      reasoning: { effort: 'high', budget: 2000, visible: true },
      user: 'u',
      stream: true,
      unsupported: ['tools.defer_loading', 'service_tier', 'container', 'context_management', 'brand_new'],
    });
  });

  it.each([
    [{ thinking: { type: 'disabled' } }, { effort: 'none' }, []],
    [{ thinking: { type: 'adaptive', display: 'omitted' } }, { adaptive: true, visible: false }, []],
    [{ output_config: { effort: 'max' } }, { effort: 'max' }, []],
    [{ output_config: { effort: 'heroic' } }, undefined, ['output_config.effort']],
    [
      { thinking: { type: 'disabled' }, output_config: { effort: 'low' } },
      { effort: 'none' },
      ['output_config.effort'],
    ],
    [{ thinking: { type: 'between_tools' } }, undefined, ['thinking']],
    [{ output_config: { task_budget: {} } }, undefined, ['output_config.task_budget']],
  ])('reads the wish to think in %j', (fields, reasoning, unsupported) => {
    const request = decode(fields);
    expect(request.reasoning).toEqual(reasoning);
    expect(request.unsupported).toEqual(unsupported);
  });

  it.each([
    ['tools[0].type', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
    ['tools[1].type', { tools: [{ name: 'f' }, { type: 'bash_20250124', name: 'bash' }] }],
    [
      'messages[0].content[1].type',
      {
        messages: [
          {
            role: 'assistant',
            content: [
              { type: 'text', text: 'x' },
              { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
            ],
          },
        ],
      },
    ],
    [
      'messages[0].content[0].type',
      { messages: [{ role: 'user', content: [{ type: 'container_upload', file_id: 'f' }] }] },
    ],
    ['messages[0].content[0].type', { messages: [{ role: 'system', content: [{ type: 'tool_addition', tool: {} }] }] }],
    [
      'messages[0].content[0].content[1].type',
      {
        messages: [
          {
            role: 'user',
            content: [
              {
                type: 'tool_result',
                tool_use_id: 'a',
                content: [
                  { type: 'text', text: '' },
                  { type: 'browser_state', tabs: [] },
                ],
              },
            ],
          },
        ],
      },
    ],
  ])('refuses what only Anthropic can do: %s', (param, fields) => {
    const error = refusal(fields);
    expect([error.code, error.param]).toEqual(['invalid_request', param]);
  });

  it('reads media from wherever they are', () => {
    expect(
      said(
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA' } },
        { type: 'image', source: { type: 'file', file_id: 'file_1' } },
        { type: 'document', title: 'T', source: { type: 'url', url: 'https://host/a.pdf' } },
        { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'words' } },
        {
          type: 'document',
          source: {
            type: 'content',
            content: [
              { type: 'text', text: 'a' },
              { type: 'text', text: 'b' },
            ],
          },
        },
        { type: 'search_result', source: 's', title: 'R', content: [{ type: 'text', text: 'found' }] },
      ),
    ).toEqual([
      { type: 'media', kind: 'image', mediaType: 'image/png', data: 'AA' },
      { type: 'media', kind: 'image', fileId: 'file_1' },
      { type: 'media', kind: 'document', mediaType: 'application/pdf', url: 'https://host/a.pdf', name: 'T' },
      { type: 'media', kind: 'document', mediaType: 'text/plain', text: 'words' },
      { type: 'media', kind: 'document', mediaType: 'text/plain', text: 'a\n\nb' },
      { type: 'media', kind: 'document', mediaType: 'text/plain', text: 'found', name: 'R' },
    ]);
    const document = { type: 'document', citations: { enabled: true }, source: { type: 'text', data: 'x' } };
    expect(decode({ messages: [{ role: 'user', content: [document] }] }).unsupported).toEqual(['document.citations']);
  });

  it('leaves references to tools out that are loaded anyway', () => {
    const content = [
      { type: 'tool_reference', tool_name: 'f' },
      { type: 'text', text: 'x' },
    ];
    const result = { type: 'tool_result', tool_use_id: 'a', content };
    const request = decode({ messages: [{ role: 'user', content: [result] }] });
    expect(request.turns[0]?.parts).toMatchObject([{ content: [{ type: 'text', text: 'x' }] }]);
    expect(request.unsupported).toEqual(['tool_result.tool_reference']);
  });

  it('knows whose thoughts come back', () => {
    expect(
      said(
        { type: 'thinking', thinking: 'a', signature: 'c2ln' },
        { type: 'thinking', thinking: 'b', signature: '' },
        { type: 'thinking', thinking: 'c', signature: 'nexus:google::g:1' },
        { type: 'redacted_thinking', data: 'nexus:openai:rs_1:e' },
        { type: 'redacted_thinking', data: 'ZGF0' },
      ),
    ).toEqual([
      { type: 'reasoning', text: 'a', signature: 'c2ln', origin: 'anthropic' },
      { type: 'reasoning', text: 'b' },
      { type: 'reasoning', text: 'c', signature: 'g:1', origin: 'google' },
      { type: 'reasoning', text: '', redacted: 'e', origin: 'openai', id: 'rs_1' },
      { type: 'reasoning', text: '', redacted: 'ZGF0', origin: 'anthropic' },
    ]);
  });
});

describe('what Claude Code sends', () => {
  it('mixes plain and block contents, results and words, neighbours and a first word of the assistant', () => {
    const result = (id: string, content: unknown) => ({ type: 'tool_result', tool_use_id: id, content });
    const input = { path: null, deep: { list: [1, { x: null }] } };
    const { turns } = decode({
      messages: [
        { role: 'assistant', content: 'Hello' },
        { role: 'user', content: 'one' },
        { role: 'user', content: [{ type: 'text', text: 'two', cache_control: { type: 'ephemeral' } }] },
        {
          role: 'assistant',
          content: [
            { type: 'tool_use', id: 'a', name: 'f', input },
            { type: 'tool_use', id: 'b', name: 'f', input: {} },
          ],
        },
        {
          role: 'user',
          content: [{ type: 'text', text: 'note' }, result('a', 'plain'), { type: 'text', text: 'more' }],
        },
        { role: 'user', content: [{ ...result('b', [{ type: 'text', text: 'block' }]), is_error: true }] },
      ],
    });
    expect(turns).toEqual([
      { role: 'assistant', parts: [{ type: 'text', text: 'Hello' }] },
      {
        role: 'user',
        parts: [
          { type: 'text', text: 'one' },
          { type: 'text', text: 'two', cache: {} },
        ],
      },
      {
        role: 'assistant',
        parts: [
          { type: 'tool_call', id: 'a', name: 'f', arguments: JSON.stringify(input) },
          { type: 'tool_call', id: 'b', name: 'f', arguments: '{}' },
        ],
      },
      {
        role: 'user',
        parts: [
          { type: 'tool_result', callId: 'a', content: [{ type: 'text', text: 'plain' }], isError: false },
          { type: 'tool_result', callId: 'b', content: [{ type: 'text', text: 'block' }], isError: true },
          { type: 'text', text: 'note' },
          { type: 'text', text: 'more' },
        ],
      },
    ]);
  });

  it('repeats ids of calls: they are handed on as they are', () => {
    const call = { type: 'tool_use', id: 'same', name: 'f', input: {} };
    const { turns } = decode({ messages: [...base.messages, { role: 'assistant', content: [call, call] }] });
    expect(turns[1]?.parts.map((part) => part.type === 'tool_call' && part.id)).toEqual(['same', 'same']);
  });

  it('puts system messages behind the system prompt', () => {
    const request = decode({
      system: 'first',
      messages: [...base.messages, { role: 'system', content: 'later' }, { role: 'user', content: 'more' }],
    });
    expect(request.system.map(({ text }) => text)).toEqual(['first', 'later']);
    expect(request.turns).toHaveLength(1);
  });
});
