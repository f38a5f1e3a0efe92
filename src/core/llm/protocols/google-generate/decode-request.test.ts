import { describe, expect, it } from 'vitest';
import { NexusError } from '../../../errors/nexus-error.ts';
import { googleGenerate, validateCountTokens } from './index.ts';

const hello = [{ role: 'user', parts: [{ text: 'Hello' }] }];

function decode(body: object) {
  const validated = googleGenerate.validateRequest({ contents: hello, ...body });
  return googleGenerate.decodeRequest(validated, { model: 'm', stream: true, streamUsage: true });
}

function paramOf(act: () => unknown): string | undefined {
  try {
    act();
  } catch (thrown) {
    if (NexusError.is(thrown)) {
      expect(thrown.code).toBe('invalid_request');
      return thrown.param;
    }
    throw thrown;
  }
  throw new Error('the request was accepted');
}

describe('decodeRequest', () => {
  it('takes model and stream from the address', () => {
    expect(decode({ model: 'ignored' })).toEqual({
      model: 'm',
      system: [],
      turns: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
      tools: [],
      stream: true,
      unsupported: [],
    });
  });

  it('reads both spellings, lone objects for lists, and null as absent', () => {
    const decoded = decode({
      system_instruction: { parts: { text: 'Be' } },
      tools: {
        function_declarations: {
          name: 'f',
          description: null,
          parameters: { type: 'OBJECT', properties: { a_b: { type: 'STRING', nullable: true, min_length: '2' } } },
        },
      },
      tool_config: { function_calling_config: { mode: 'ANY', allowed_function_names: ['f'] } },
      generation_config: {
        max_output_tokens: 5,
        stop_sequences: ['x'],
        temperature: null,
        response_mime_type: 'application/json',
        response_schema: { type: 'OBJECT', any_of: [{ type: 'INTEGER' }], property_ordering: ['a'] },
        thinking_config: { include_thoughts: true, thinking_budget: 0 },
      },
      safety_settings: null,
    });
    expect(decoded).toMatchObject({
      system: [{ type: 'text', text: 'Be' }],
      tools: [
        {
          name: 'f',
          parameters: { type: 'object', properties: { a_b: { type: ['string', 'null'], minLength: 2 } } },
        },
      ],
      toolChoice: { type: 'tool', name: 'f' },
      maxTokens: 5,
      stop: ['x'],
      responseFormat: { type: 'json_schema', schema: { type: 'object', anyOf: [{ type: 'integer' }] } },
      reasoning: { effort: 'none', visible: true },
      unsupported: [],
    });
    expect(decoded.temperature).toBeUndefined();
  });

  it('pairs calls and results without ids by name and order', () => {
    const call = (name: string, id?: string) => ({ functionCall: { name, args: { n: 1 }, id } });
    const result = (name: string, response: object, id?: string) => ({ functionResponse: { name, response, id } });
    const { turns } = decode({
      contents: [
        { role: 'model', parts: [call('f'), call('g'), call('f'), call('f', 'given')] },
        {
          parts: [
            { text: 'after' },
            result('f', { output: 'one' }),
            result('f', { error: 'no' }, 'given'),
            result('f', { x: 1 }),
          ],
        },
        { role: 'function', parts: [result('g', { result: 'two' })] },
      ],
    });
    expect(turns[0]?.parts.map((part) => part.type === 'tool_call' && part.id)).toEqual([
      'call_nexus_1',
      'call_nexus_2',
      'call_nexus_3',
      'given',
    ]);
    const results = turns[1]?.parts.flatMap((part) => (part.type === 'tool_result' ? [part] : []));
    expect(results?.map(({ callId, content, isError }) => [callId, content[0], isError])).toEqual([
      ['call_nexus_1', { type: 'text', text: 'one' }, false],
      ['given', { type: 'text', text: 'no' }, true],
      ['call_nexus_3', { type: 'text', text: '{"x":1}' }, false],
      ['call_nexus_2', { type: 'text', text: 'two' }, false],
    ]);
    expect(turns[1]?.parts.at(-1)).toEqual({ type: 'text', text: 'after' });
  });

  it('keeps every signature and the order of things', () => {
    const parts = [
      { text: 'hm', thought: true },
      { text: 'A', thoughtSignature: 's1' },
      { text: '', thought_signature: 's2' },
      { functionCall: { name: 'f' }, thoughtSignature: 's3' },
    ];
    const decoded = decode({ contents: [{ role: 'model', parts }] });
    const written = JSON.parse(googleGenerate.encodeRequest(decoded, []));
    expect(written.contents[0].parts).toEqual([
      parts[0],
      parts[1],
      { text: '', thoughtSignature: 's2' },
      { functionCall: { name: 'f', args: {} }, thoughtSignature: 's3' },
    ]);
  });

  it('names what no other format can say, in the words of the caller, unless it says nothing', () => {
    const { unsupported } = decode({
      contents: [{ parts: [{ text: 'x', video_metadata: {} }] }],
      safetySettings: [{}],
      labels: {},
      generation_config: { responseModalities: ['TEXT'], speech_config: {}, responseMimeType: 'text/x.enum' },
      toolConfig: { functionCallingConfig: { mode: 'VALIDATED' }, retrievalConfig: {} },
      newest: 1,
    });
    expect([...unsupported].sort()).toEqual([
      'contents.parts.video_metadata',
      'generationConfig.responseMimeType',
      'generationConfig.speech_config',
      'newest',
      'safetySettings',
      'toolConfig.functionCallingConfig.mode',
      'toolConfig.retrievalConfig',
    ]);
  });

  it.each([
    [{ cachedContent: 'cachedContents/1' }, 'cachedContent'],
    [{ tools: [{ googleSearch: {} }] }, 'tools[0].googleSearch'],
    [{ generationConfig: { candidateCount: 2 } }, 'generationConfig.candidateCount'],
    [{ contents: [{ parts: [{ functionCall: { name: 'f' } }] }] }, 'contents[0].parts[0].functionCall'],
  ])('refuses %j', (body, param) => {
    expect(paramOf(() => decode(body))).toBe(param);
  });
});

describe('validateRequest', () => {
  it.each([
    [{ contents: 'Hello' }, 'contents'],
    [{ contents: [] }, 'contents'],
    [{ contents: [{ role: 'system', parts: [] }] }, 'contents[0].role'],
    [{ contents: [{ parts: ['x'] }] }, 'contents[0].parts[0]'],
    [{ contents: [{ parts: [{ text: 1 }] }] }, 'contents[0].parts[0].text'],
    [{ contents: [{ parts: [{ inline_data: { data: 'x' } }] }] }, 'contents[0].parts[0].inlineData.mimeType'],
    [{ contents: [{ parts: [{ functionCall: { name: 'f', args: [] } }] }] }, 'contents[0].parts[0].functionCall.args'],
    [{ systemInstruction: 'Be' }, 'systemInstruction'],
    [{ tools: [{ functionDeclarations: [{}] }] }, 'tools[0].functionDeclarations[0].name'],
    [{ generation_config: { top_k: 'x' } }, 'generationConfig.topK'],
    [{ generationConfig: { maxOutputTokens: 0 } }, 'generationConfig.maxOutputTokens'],
    [{ toolConfig: { functionCallingConfig: { mode: 1 } } }, 'toolConfig.functionCallingConfig.mode'],
  ])('finds what is wrong in %j', (body, param) => {
    expect(paramOf(() => googleGenerate.validateRequest({ contents: hello, ...body }))).toBe(param);
  });

  it('hands the same body back, unknown members and all', () => {
    const body = { contents: hello, newest: { a: 1 }, tools: [{ newTool: 1 }] };
    expect(googleGenerate.validateRequest(body)).toBe(body);
    expect(() => googleGenerate.validateRequest([])).toThrow('must be a JSON object, not an empty array');
    expect(() => googleGenerate.validateRequest({})).toThrow('contents must be a non-empty array, not absent');
  });

  it('checks both forms of a count', () => {
    expect(() => validateCountTokens({ contents: hello })).not.toThrow();
    expect(() => validateCountTokens({ generateContentRequest: { contents: hello } })).not.toThrow();
    expect(paramOf(() => validateCountTokens({}))).toBe('contents');
  });
});
