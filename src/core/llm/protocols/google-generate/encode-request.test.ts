import { describe, expect, it } from 'vitest';
import { writesDeepJson } from '../../../../../test/support/engine.ts';
import type { CanonicalRequest, Part, ToolResultPart } from '../../canonical/request.ts';
import { googleGenerate } from './index.ts';

const base: CanonicalRequest = {
  model: 'gemini-2.5-flash',
  system: [],
  turns: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
  tools: [],
  stream: false,
  unsupported: [],
};

function encode(fields: Partial<CanonicalRequest>, dropped: string[] = []) {
  return JSON.parse(googleGenerate.encodeRequest({ ...base, ...fields }, dropped));
}

const contents = (model: string, ...parts: Part[]) =>
  encode({ model, turns: [{ role: 'assistant', parts }] }).contents[0].parts;
const call = (id: string, rest: { arguments?: string; signature?: string } = {}): Part => ({
  type: 'tool_call',
  id,
  name: 'f',
  arguments: '{}',
  ...rest,
});

describe('encodeRequest', () => {
  it('writes the least it can', () => {
    expect(encode({ stream: true })).toEqual({ contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] });
  });

  it('writes everything, and names what gets lost', () => {
    const dropped: string[] = [];
    const schema = {
      $schema: 'x',
      type: 'object',
      additionalProperties: false,
      properties: { additionalProperties: { type: 'array', items: { additionalProperties: {}, type: 'object' } } },
      enum: [{ $schema: 'kept' }],
    };
    const request = encode(
      {
        system: [
          { type: 'text', text: 'one' },
          { type: 'text', text: 'two' },
        ],
        tools: [{ name: 'f', description: 'd', parameters: schema, strict: true }, { name: 'g' }],
        toolChoice: { type: 'tool', name: 'f' },
        parallelToolCalls: false,
        maxTokens: 7,
        temperature: 1.5,
        topP: 0.9,
        topK: 3,
        seed: 1,
        presencePenalty: 0.1,
        frequencyPenalty: 0.2,
        stop: ['END', ''],
        responseFormat: { type: 'json_schema', schema: { $schema: 'x', type: 'object', additionalProperties: false } },
        reasoning: { budget: 9, visible: true },
        user: 'u',
      },
      dropped,
    );
    expect(request).toEqual({
      systemInstruction: { parts: [{ text: 'one' }, { text: 'two' }] },
      contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
      tools: [
        {
          functionDeclarations: [
            {
              name: 'f',
              description: 'd',
              parametersJsonSchema: {
                type: 'object',
                properties: { additionalProperties: { type: 'array', items: { type: 'object' } } },
                enum: [{ $schema: 'kept' }],
              },
            },
            { name: 'g' },
          ],
        },
      ],
      toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['f'] } },
      generationConfig: {
        maxOutputTokens: 7,
        temperature: 1.5,
        topP: 0.9,
        topK: 3,
        stopSequences: ['END'],
        seed: 1,
        presencePenalty: 0.1,
        frequencyPenalty: 0.2,
        responseMimeType: 'application/json',
        responseJsonSchema: { type: 'object', additionalProperties: false },
        thinkingConfig: { includeThoughts: true, thinkingBudget: 9 },
      },
    });
    expect(dropped).toEqual(['tools.strict', 'parallelToolCalls', 'stop']);
  });

  it.each([
    ['gemini-2.5-pro', 'low', undefined, { thinkingBudget: 1024 }, []],
    ['gemini-2.5-pro', 'high', 3000, { thinkingBudget: 1500 }, []],
    ['gemini-flash-latest', 'none', undefined, { thinkingBudget: 0 }, []],
    ['gemini-3-pro-preview', 'minimal', undefined, { thinkingLevel: 'LOW' }, []],
    ['gemini-3-flash', 'none', undefined, { thinkingLevel: 'MINIMAL' }, ['reasoning']],
    ['gemini-3.5-flash', 'max', 10, { thinkingLevel: 'HIGH' }, []],
  ] as const)('asks %s for %s effort', (model, effort, maxTokens, thinkingConfig, lost) => {
    const dropped: string[] = [];
    const request = encode({ model, reasoning: { effort }, ...(maxTokens && { maxTokens }) }, dropped);
    expect(request.generationConfig.thinkingConfig).toEqual(thinkingConfig);
    expect(dropped).toEqual(lost);
  });

  it.each([
    ['auto', 'AUTO'],
    ['none', 'NONE'],
    ['required', 'ANY'],
  ] as const)('says the choice %s', (type, mode) => {
    const request = encode({ tools: [{ name: 'f' }], toolChoice: { type } });
    expect(request.toolConfig.functionCallingConfig).toEqual({ mode });
  });

  it('puts signatures back on the part they came on, and leaves foreign thoughts out', () => {
    const google = { type: 'reasoning', origin: 'google' } as const;
    expect(
      contents(
        'gemini-2.5-pro',
        { type: 'reasoning', text: 'theirs', signature: 's0', origin: 'anthropic' },
        { type: 'reasoning', text: 'nameless' },
        { ...google, text: 'hm' },
        { ...google, text: '', signature: 's1' },
        { type: 'text', text: 'A' },
        { ...google, text: '', signature: 's2' },
        call('x', { signature: 's3' }),
        { ...google, text: '', signature: 's4' },
      ),
    ).toEqual([
      { text: 'hm', thought: true },
      { text: 'A', thoughtSignature: 's1' },
      { text: '', thoughtSignature: 's2' },
      { functionCall: { id: 'x', name: 'f', args: {} }, thoughtSignature: 's3' },
      { text: '', thoughtSignature: 's4' },
    ]);
  });

  it('signs the first of calls without proof for models that insist, and no other', () => {
    const dummy = Buffer.from('skip_thought_signature_validator').toString('base64');
    const signatures = (model: string, ...parts: Part[]) =>
      contents(model, ...parts).map((part: { thoughtSignature?: string }) => part.thoughtSignature);
    expect(signatures('gemini-3-flash', call('a'), call('b'))).toEqual([dummy, undefined]);
    expect(signatures('gemini-3-flash', call('a', { signature: 's' }), call('b'))).toEqual(['s', undefined]);
    expect(signatures('gemini-2.5-flash', call('a'))).toEqual([undefined]);
  });

  it('finds the name of a result, wraps it, and keeps minted ids at home', () => {
    const result = (callId: string, content: ToolResultPart['content'], isError = false): Part => ({
      type: 'tool_result',
      callId,
      content,
      isError,
    });
    const text = (words: string) => ({ type: 'text', text: words }) as const;
    const { contents: written } = encode({
      turns: [
        { role: 'assistant', parts: [call('call_nexus_1'), call('x', { arguments: ' ' })] },
        {
          role: 'user',
          parts: [
            result('call_nexus_1', [text('{"a":1}')]),
            result('x', [text('12345678901234567890'), text('[1]')]),
            result('x', [text('bad')], true),
            result('gone', [{ type: 'media', kind: 'image', mediaType: 'image/png', data: 'QQ==' }]),
            { type: 'text', text: 'next' },
          ],
        },
      ],
    });
    expect(written[0].parts[0]).toEqual({ functionCall: { name: 'f', args: {} } });
    expect(written[1].parts).toEqual([
      { functionResponse: { name: 'f', response: { a: 1 } } },
      { functionResponse: { id: 'x', name: 'f', response: { result: ['12345678901234567890', [1]] } } },
      { functionResponse: { id: 'x', name: 'f', response: { error: 'bad' } } },
      { functionResponse: { id: 'gone', name: 'gone', response: { result: '' } } },
      { inlineData: { mimeType: 'image/png', data: 'QQ==' } },
      { text: 'next' },
    ]);
  });

  it('writes media wherever they are, and refuses files at another vendor', () => {
    const media = (where: object): Part => ({ type: 'media', kind: 'image', ...where });
    expect(
      contents(
        'm',
        media({ url: 'https://a.test/b.JPG?c=d' }),
        media({ fileId: 'gs://bucket/x', mediaType: 'video/mp4' }),
        media({ text: 'plain' }),
      ),
    ).toEqual([
      { fileData: { mimeType: 'image/jpeg', fileUri: 'https://a.test/b.JPG?c=d' } },
      { fileData: { mimeType: 'video/mp4', fileUri: 'gs://bucket/x' } },
      { text: 'plain' },
    ]);
    expect(() => contents('m', media({ fileId: 'file-abc' }))).toThrow('stored at another provider');
  });

  it('takes instructions alone for what the user said, and refuses nothing at all', () => {
    expect(encode({ turns: [], system: [{ type: 'text', text: 'Be' }] })).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'Be' }] }],
    });
    expect(() => encode({ turns: [] })).toThrow('must hold some content');
  });

  it.each(['{', '[1]', '"x"'])('refuses the arguments %s without repeating them', (args) => {
    expect(() => contents('m', call('x', { arguments: args }))).toThrow(/^The arguments of tool call x must be/);
  });

  // Skipped where the engine has no such limit.
  it.skipIf(writesDeepJson)('refuses what is nested too deeply to write', () => {
    let schema = {};
    for (let depth = 0; depth < 100_000; depth++) schema = { items: schema };
    expect(() => encode({ tools: [{ name: 'f', parameters: schema }] })).toThrow('nested too deeply');
  });
});
