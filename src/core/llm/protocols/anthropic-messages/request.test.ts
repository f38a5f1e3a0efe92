import { describe, expect, it } from 'vitest';
import { writesDeepJson } from '../../../../../test/support/engine.ts';
import { NexusError } from '../../../errors/nexus-error.ts';
import type { CanonicalRequest, Part } from '../../canonical/request.ts';
import { anthropicMessages } from './index.ts';

const base: CanonicalRequest = {
  model: 'claude',
  system: [],
  turns: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
  tools: [],
  stream: false,
  unsupported: [],
};
const tools = [{ name: 'f' }];

function encode(fields: Partial<CanonicalRequest>, dropped: string[] = []) {
  return JSON.parse(anthropicMessages.encodeRequest({ ...base, ...fields }, dropped));
}

function refusal(fields: Partial<CanonicalRequest>): NexusError {
  try {
    encode(fields);
  } catch (thrown) {
    if (NexusError.is(thrown)) return thrown;
    throw thrown;
  }
  throw new Error('the request was accepted');
}

const userTurn = (...parts: Part[]) => ({ turns: [{ role: 'user' as const, parts }] });
const callTurn = (args: string) => ({
  turns: [
    { role: 'assistant' as const, parts: [{ type: 'tool_call' as const, id: 'c1', name: 'f', arguments: args }] },
  ],
});

describe('encodeRequest', () => {
  it('writes the least it can', () => {
    expect(encode({})).toEqual({
      model: 'claude',
      max_tokens: 4096,
      messages: [{ role: 'user', content: 'Hello' }],
    });
  });

  it('writes everything', () => {
    const dropped: string[] = [];
    const request = encode(
      {
        system: ['one', 'two'],
        tools: [
          { name: 'f', description: 'd', parameters: { type: 'object', properties: { x: {} } }, strict: true },
          { name: 'g' },
          { name: 'h', parameters: { $ref: '#/$defs/h', type: ['object', 'null'] } },
        ],
        toolChoice: { type: 'tool', name: 'f' },
        parallelToolCalls: false,
        maxTokens: 7,
        temperature: 0.3,
        topP: 0.9,
        stop: ['END'],
        user: 'u',
        stream: true,
      },
      dropped,
    );
    expect(request).toEqual({
      model: 'claude',
      max_tokens: 7,
      system: 'one\n\ntwo',
      messages: [{ role: 'user', content: 'Hello' }],
      temperature: 0.3,
      top_p: 0.9,
      stop_sequences: ['END'],
      metadata: { user_id: 'u' },
      stream: true,
      tools: [
        { name: 'f', description: 'd', input_schema: { type: 'object', properties: { x: {} } }, strict: true },
        { name: 'g', input_schema: { type: 'object', properties: {} } },
        { name: 'h', input_schema: { $ref: '#/$defs/h', type: 'object' } },
      ],
      tool_choice: { type: 'tool', name: 'f', disable_parallel_tool_use: true },
    });
    expect(dropped).toEqual([]);
  });

  it.each([
    [{}, undefined],
    [{ parallelToolCalls: true }, undefined],
    [{ parallelToolCalls: false }, { type: 'auto', disable_parallel_tool_use: true }],
    [{ toolChoice: { type: 'auto' } }, { type: 'auto' }],
    [{ toolChoice: { type: 'none' }, parallelToolCalls: false }, { type: 'none' }],
    [{ toolChoice: { type: 'required' } }, { type: 'any' }],
    [
      { toolChoice: { type: 'required' }, parallelToolCalls: false },
      { type: 'any', disable_parallel_tool_use: true },
    ],
    [{ toolChoice: { type: 'tool', name: 'f' } }, { type: 'tool', name: 'f' }],
  ] satisfies [Partial<CanonicalRequest>, unknown][])('writes the choice of tools for %j', (fields, expected) => {
    expect(encode({ ...fields, tools }).tool_choice).toEqual(expected);
    const without = encode(fields);
    expect('tool_choice' in without || 'tools' in without).toBe(false);
  });

  it.each([
    [1, 1, []],
    [1.2, 1, ['temperature']],
    [0, 0, []],
  ])('temperature %d becomes %d', (temperature, expected, names) => {
    const dropped: string[] = [];
    expect(encode({ temperature }, dropped).temperature).toBe(expected);
    expect(dropped).toEqual(names);
  });

  it('leaves blank stop sequences out and says so', () => {
    const dropped: string[] = [];
    expect(encode({ stop: ['\n', 'END', ''] }, dropped).stop_sequences).toEqual(['END']);
    expect('stop_sequences' in encode({ stop: [' '] }, dropped)).toBe(false);
    expect(dropped).toEqual(['stop', 'stop']);
  });

  it('writes content blocks, results first as they come', () => {
    const parts: Part[] = [
      { type: 'tool_result', callId: 'a', content: [{ type: 'text', text: 'A' }], isError: false },
      { type: 'tool_result', callId: 'b', content: [], isError: true },
      {
        type: 'tool_result',
        callId: 'c:1',
        content: [
          { type: 'text', text: 'C' },
          { type: 'image', url: 'https://host/c.png' },
        ],
        isError: false,
      },
      { type: 'text', text: 'and' },
      { type: 'text', text: ' \n' },
      { type: 'image', mediaType: 'image/jpg', data: 'AAAA' },
    ];
    expect(encode(userTurn(...parts)).messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: 'A' },
          { type: 'tool_result', tool_use_id: 'b', is_error: true },
          {
            type: 'tool_result',
            tool_use_id: 'c_1',
            content: [
              { type: 'text', text: 'C' },
              { type: 'image', source: { type: 'url', url: 'https://host/c.png' } },
            ],
          },
          { type: 'text', text: 'and' },
          { type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: 'AAAA' } },
        ],
      },
    ]);
  });

  it.each([
    ['', {}],
    [' ', {}],
    ['{}', {}],
    ['{"x":[1,{"y":null}]}', { x: [1, { y: null }] }],
  ])('parses the arguments %j', (args, input) => {
    expect(encode(callTurn(args)).messages[0].content).toEqual([{ type: 'tool_use', id: 'c1', name: 'f', input }]);
  });

  it.each(['{"x":', 'x', 'null', '[]', '"text"', '3'])('refuses the arguments %j', (args) => {
    const error = refusal(callTurn(args));
    expect(error.code).toBe('invalid_request');
    expect(error.param).toBe('tool_calls[c1].function.arguments');
  });

  it('keeps __proto__ in arguments and schemas a plain key', () => {
    const args = '{"__proto__":{"polluted":true}}';
    const text = anthropicMessages.encodeRequest(
      { ...base, ...callTurn(args), tools: [{ name: '__proto__', parameters: JSON.parse(args) }] },
      [],
    );
    expect(text).toContain('"input":{"__proto__":{"polluted":true}}');
    expect(text).toContain('"input_schema":{"__proto__":{"polluted":true},"type":"object"}');
    expect('polluted' in {}).toBe(false);
  });

  it('starts with the assistant if the conversation does', () => {
    const turns: CanonicalRequest['turns'] = [
      { role: 'assistant', parts: [{ type: 'text', text: 'Hi' }] },
      ...base.turns,
    ];
    expect(encode({ turns }).messages.map((message: { role: string }) => message.role)).toEqual(['assistant', 'user']);
  });

  it('takes instructions without any turn for what the user said', () => {
    const request = encode({ turns: [], system: ['Say', 'hi'] });
    expect(request.messages).toEqual([{ role: 'user', content: 'Say\n\nhi' }]);
    expect('system' in request).toBe(false);
  });

  it('refuses a request that says nothing', () => {
    expect(refusal({ turns: [] }).param).toBe('messages');
    expect(refusal({ ...userTurn({ type: 'text', text: '\n' }), system: [' '] }).param).toBe('messages');
  });

  it.each(['image/tiff', 'text/html'])('refuses images of type %s', (mediaType) => {
    expect(refusal(userTurn({ type: 'image', mediaType, data: 'AAAA' })).code).toBe('invalid_request');
  });

  // Skipped where the engine has no such limit.
  it.skipIf(writesDeepJson)('refuses nesting that cannot be written', () => {
    const depth = 200_000;
    const parameters = { type: 'object', deep: JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`) };
    expect(refusal({ tools: [{ name: 'f', parameters }] }).code).toBe('invalid_request');
  });
});
