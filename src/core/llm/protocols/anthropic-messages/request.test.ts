import { describe, expect, it } from 'vitest';
import { writesDeepJson } from '../../../../../test/support/engine.ts';
import { NexusError } from '../../../errors/nexus-error.ts';
import type { CanonicalRequest, Part, TextPart } from '../../canonical/request.ts';
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
const texts = (...said: string[]): TextPart[] => said.map((text) => ({ type: 'text', text }));

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
        system: [
          { type: 'text', text: 'one' },
          { type: 'text', text: 'two' },
        ],
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
          { type: 'media', kind: 'image', url: 'https://host/c.png' },
        ],
        isError: false,
      },
      { type: 'text', text: 'and' },
      { type: 'text', text: ' \n' },
      { type: 'media', kind: 'image', mediaType: 'image/jpg', data: 'AAAA' },
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
    const request = encode({ turns: [], system: texts('Say', 'hi') });
    expect(request.messages).toEqual([{ role: 'user', content: 'Say\n\nhi' }]);
    expect('system' in request).toBe(false);
  });

  it('refuses a request that says nothing', () => {
    expect(refusal({ turns: [] }).param).toBe('messages');
    expect(refusal({ ...userTurn({ type: 'text', text: '\n' }), system: texts(' ') }).param).toBe('messages');
  });

  it.each(['image/tiff', 'text/html'])('refuses images of type %s', (mediaType) => {
    expect(refusal(userTurn({ type: 'media', kind: 'image', mediaType, data: 'AAAA' })).code).toBe('invalid_request');
  });

  // Skipped where the engine has no such limit.
  it.skipIf(writesDeepJson)('refuses nesting that cannot be written', () => {
    const depth = 200_000;
    const parameters = { type: 'object', deep: JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`) };
    expect(refusal({ tools: [{ name: 'f', parameters }] }).code).toBe('invalid_request');
  });

  it('writes cache marks where they stand', () => {
    const request = encode({
      system: [
        { type: 'text', text: 'one' },
        { type: 'text', text: 'two', cache: { ttl: '1h' } },
      ],
      tools: [{ name: 'f', cache: {} }],
      ...userTurn(
        { type: 'tool_result', callId: 'a', content: texts('A'), isError: false, cache: {} },
        { type: 'text', text: 'hi', cache: { ttl: '5m' } },
      ),
    });
    expect(request.system).toEqual([
      { type: 'text', text: 'one' },
      { type: 'text', text: 'two', cache_control: { type: 'ephemeral', ttl: '1h' } },
    ]);
    expect(request.tools[0].cache_control).toEqual({ type: 'ephemeral' });
    expect(request.messages[0].content).toEqual([
      { type: 'tool_result', tool_use_id: 'a', content: 'A', cache_control: { type: 'ephemeral' } },
      { type: 'text', text: 'hi', cache_control: { type: 'ephemeral', ttl: '5m' } },
    ]);
    expect(encode(userTurn({ type: 'text', text: 'hi', cache: {} })).messages[0].content).toHaveLength(1);
  });

  it('writes documents and pictures from wherever they are', () => {
    const document = (where: object) => encode(userTurn({ type: 'media', kind: 'document', ...where } as Part));
    const source = (where: object) => document(where).messages[0].content[0].source;
    expect(source({ mediaType: 'application/pdf', data: 'JVBE' })).toEqual({
      type: 'base64',
      media_type: 'application/pdf',
      data: 'JVBE',
    });
    expect(source({ url: 'https://host/a.pdf' })).toEqual({ type: 'url', url: 'https://host/a.pdf' });
    expect(source({ fileId: 'file_1' })).toEqual({ type: 'file', file_id: 'file_1' });
    const plain = { type: 'text', media_type: 'text/plain', data: 'Grüße' };
    expect(source({ text: 'Grüße', mediaType: 'text/plain' })).toEqual(plain);
    expect(source({ data: Buffer.from('Grüße').toString('base64'), mediaType: 'text/markdown' })).toEqual(plain);
    expect(document({ text: 'x', name: 'notes' }).messages[0].content[0].title).toBe('notes');
    const picture = encode(userTurn({ type: 'media', kind: 'image', fileId: 'file_2' })).messages[0].content[0];
    expect(picture).toEqual({ type: 'image', source: { type: 'file', file_id: 'file_2' } });
  });

  it.each([
    { kind: 'audio', mediaType: 'audio/wav', data: 'AAAA' },
    { kind: 'video', mediaType: 'video/mp4', data: 'AAAA' },
    { kind: 'document', mediaType: 'application/zip', data: 'AAAA' },
  ] as const)('refuses %j', (media) => {
    const error = refusal(userTurn({ type: 'media', ...media }));
    expect([error.code, error.param]).toEqual(['invalid_request', 'messages']);
  });

  it('sends Anthropic’s own thoughts back as they were and leaves all others out', () => {
    const parts: Part[] = [
      { type: 'reasoning', text: 'hm ', signature: 'c2ln+/=', origin: 'anthropic' },
      { type: 'reasoning', text: '', redacted: 'ZGF0YQ==', origin: 'anthropic' },
      { type: 'reasoning', text: '', signature: 'only', origin: 'anthropic' },
      { type: 'reasoning', text: 'unsigned', origin: 'anthropic' },
      { type: 'reasoning', text: 'other', signature: 'g', origin: 'google' },
      { type: 'reasoning', text: '', redacted: 'o', origin: 'openai', id: 'rs_1' },
      { type: 'text', text: 'Hi' },
      { type: 'refusal', text: 'No' },
    ];
    const dropped: string[] = [];
    const request = encode({ turns: [{ role: 'assistant', parts }] }, dropped);
    expect(request.messages[0].content).toEqual([
      { type: 'thinking', thinking: 'hm ', signature: 'c2ln+/=' },
      { type: 'redacted_thinking', data: 'ZGF0YQ==' },
      { type: 'thinking', thinking: '', signature: 'only' },
      { type: 'text', text: 'Hi' },
      { type: 'text', text: 'No' },
    ]);
    expect(dropped).toEqual([]);
  });

  it('repeats citations of its own kinds without what answers add', () => {
    const cited = {
      type: 'char_location',
      cited_text: 'x',
      document_index: 0,
      document_title: null,
      start_char_index: 0,
      end_char_index: 1,
    };
    const citations = [
      { ...cited, file_id: 'file_1' },
      { type: 'url_citation', url: 'https://host' },
    ];
    const turns = [{ role: 'assistant' as const, parts: [{ type: 'text' as const, text: 'x', citations }] }];
    expect(encode({ turns }).messages[0].content).toEqual([{ type: 'text', text: 'x', citations: [cited] }]);
  });

  it('names what the format cannot say', () => {
    const dropped: string[] = [];
    const request = encode(
      { frequencyPenalty: 1, presencePenalty: 0, seed: 0, topK: 5, responseFormat: { type: 'json_object' } },
      dropped,
    );
    expect(dropped).toEqual(['frequencyPenalty', 'seed', 'responseFormat']);
    expect(Object.keys(request).toSorted()).toEqual(['max_tokens', 'messages', 'model', 'top_k']);
  });

  it('writes the schema of the answer', () => {
    const schema = { type: 'object' };
    const { output_config } = encode({ responseFormat: { type: 'json_schema', name: 'n', schema, strict: true } });
    expect(output_config).toEqual({ format: { type: 'json_schema', schema } });
  });

  it.each([
    [{ effort: 'none' }, undefined, 4096, undefined, []],
    [{ budget: 0 }, undefined, 4096, undefined, []],
    [{ effort: 'low' }, undefined, 4096, { type: 'enabled', budget_tokens: 2048 }, []],
    [{ effort: 'medium' }, undefined, 8192, { type: 'enabled', budget_tokens: 4096 }, []],
    [{ effort: 'max' }, undefined, 28_672, { type: 'enabled', budget_tokens: 24_576 }, []],
    [{ effort: 'high' }, 20_000, 20_000, { type: 'enabled', budget_tokens: 8192 }, []],
    [{ effort: 'minimal' }, 1024, 2048, { type: 'enabled', budget_tokens: 1024 }, ['maxTokens']],
    [{ budget: 10 }, 3000, 3000, { type: 'enabled', budget_tokens: 1024 }, []],
    [{ budget: 3000 }, 3000, 6000, { type: 'enabled', budget_tokens: 3000 }, ['maxTokens']],
    [{ visible: true }, 100, 100, { type: 'adaptive', display: 'summarized' }, []],
    [{ visible: false, budget: 2000 }, 2001, 2001, { type: 'enabled', budget_tokens: 2000, display: 'omitted' }, []],
  ] as const)('thinks %j of %s tokens', (reasoning, maxTokens, max_tokens, thinking, names) => {
    const dropped: string[] = [];
    const request = encode({ reasoning, ...(maxTokens !== undefined && { maxTokens }) }, dropped);
    expect(request.max_tokens).toBe(max_tokens);
    expect(request.thinking).toEqual(thinking);
    expect(dropped).toEqual(names);
  });

  it('leaves the measure to a model that may decide, and gives it the advice', () => {
    const request = encode({ reasoning: { effort: 'xhigh', adaptive: true }, maxTokens: 100 });
    expect(request).toMatchObject({
      thinking: { type: 'adaptive' },
      output_config: { effort: 'xhigh' },
      max_tokens: 100,
    });
  });

  it('neither samples nor forces a call while it thinks', () => {
    const dropped: string[] = [];
    const reasoning = { effort: 'high', budget: 2000 } as const;
    const request = encode(
      { reasoning, temperature: 0.3, topP: 0.5, topK: 3, tools, toolChoice: { type: 'required' } },
      dropped,
    );
    expect(dropped).toEqual(['toolChoice', 'temperature', 'topP', 'topK']);
    expect(request.tool_choice).toEqual({ type: 'auto' });
    expect(request.output_config).toEqual({ effort: 'high' });
    expect(['temperature', 'top_p', 'top_k'].filter((name) => name in request)).toEqual([]);
    const kept: string[] = [];
    expect(encode({ reasoning, temperature: 1, topP: 0.95 }, kept)).toMatchObject({ temperature: 1, top_p: 0.95 });
    expect(kept).toEqual([]);
  });

  it('cannot begin to think between a call and its result', () => {
    const call: Part = { type: 'tool_call', id: 'c1', name: 'f', arguments: '{}' };
    const result: Part = { type: 'tool_result', callId: 'c1', content: [], isError: false };
    const turns = (...before: Part[]): CanonicalRequest['turns'] => [
      ...base.turns,
      { role: 'assistant', parts: [...before, call] },
      { role: 'user', parts: [result] },
    ];
    const dropped: string[] = [];
    const reasoning = { effort: 'low' } as const;
    expect(encode({ turns: turns(), reasoning }, dropped).thinking).toBeUndefined();
    const foreign: Part = { type: 'reasoning', text: 'x', signature: 's', origin: 'google' };
    expect(encode({ turns: turns(foreign), reasoning }, dropped).thinking).toBeUndefined();
    expect(dropped).toEqual(['reasoning', 'reasoning']);
    const own: Part = { type: 'reasoning', text: 'x', signature: 's', origin: 'anthropic' };
    expect(encode({ turns: turns(foreign, own), reasoning }).thinking.budget_tokens).toBe(2048);
    expect(encode({ turns: turns(), reasoning: { visible: true } }).thinking.type).toBe('adaptive');
  });
});
