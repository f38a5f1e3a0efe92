import { describe, expect, it } from 'vitest';
import { writesDeepJson } from '../../../../../test/support/engine.ts';
import type { CanonicalRequest, Part, Turn } from '../../canonical/request.ts';
import type { Quirks } from '../quirks.ts';
import { encodeConverseRequest } from './request.ts';

const CLAUDE = 'us.anthropic.claude-sonnet-4-20250514-v1:0';
const user = (...parts: Part[]): Turn => ({ role: 'user', parts });
const assistant = (...parts: Part[]): Turn => ({ role: 'assistant', parts });
const text = (words: string): Part => ({ type: 'text', text: words });
const call = (id: string, json: string, name = 'f'): Part => ({ type: 'tool_call', id, name, arguments: json });
const result = (callId: string, words = 'r'): Part => ({
  type: 'tool_result',
  callId,
  content: [{ type: 'text', text: words }],
  isError: false,
});

// biome-ignore lint/suspicious/noExplicitAny: bodies are looked into without asking at every step what is there
function encode(more: Partial<CanonicalRequest>, quirks?: Quirks): { body: any; dropped: string[] } {
  const dropped: string[] = [];
  const request = { model: CLAUDE, system: [], turns: [user(text('Hi'))], tools: [], stream: false, unsupported: [] };
  return { body: JSON.parse(encodeConverseRequest({ ...request, ...more }, dropped, quirks)), dropped };
}

const messages = (...turns: Turn[]) => encode({ turns }).body.messages;

describe('turns', () => {
  it('lose blank texts, and meet where one is left empty', () => {
    expect(messages(user(text('a')), assistant(text(' \n')), user(text(''), text('b')))).toEqual([
      { role: 'user', content: [{ text: 'a' }, { text: 'b' }] },
    ]);
  });

  it('become what the user said where there are instructions only', () => {
    const { body } = encode({ turns: [], system: [{ type: 'text', text: 'Greet.' }] });
    expect(body).toEqual({ messages: [{ role: 'user', content: [{ text: 'Greet.' }] }] });
  });

  it('must say something', () => {
    expect(() => encode({ turns: [user(text(' '))] })).toThrow('messages must contain');
  });

  it.each([
    ['', {}],
    [' ', {}],
    ['null', {}],
    ['{"a":1}', { a: 1 }],
    ['[1]', { value: [1] }],
    ['7', { value: 7 }],
    ['"x"', { value: 'x' }],
    ['{"a":', { value: '{"a":' }],
  ])('write the arguments %j as an object', (json, input) => {
    const [, second] = messages(user(text('a')), assistant(call('t', json)), user(result('t')));
    expect(second.content).toEqual([{ toolUse: { toolUseId: 't', name: 'f', input } }]);
  });

  it('mark a failed result, and leave an empty one empty', () => {
    const failed: Part = { type: 'tool_result', callId: 't', content: [], isError: true };
    const [, , third] = messages(user(text('a')), assistant(call('t', '')), user(failed));
    expect(third.content).toEqual([{ toolResult: { toolUseId: 't', content: [], status: 'error' } }]);
  });

  it('give a call and its result the same lawful id', () => {
    const long = `call|${'x'.repeat(80)}`;
    const [, calls, results] = messages(
      user(text('a')),
      assistant(call(long, ''), call(`${long}2`, ''), call('a/b', '')),
      user(result(long), result(`${long}2`), result('a/b')),
    );
    const given = calls.content.map((block: { toolUse: { toolUseId: string } }) => block.toolUse.toolUseId);
    expect(new Set(given).size).toBe(3);
    for (const id of given) expect(id).toMatch(/^[a-zA-Z0-9_.:-]{1,64}$/);
    expect(results.content.map((block: { toolResult: { toolUseId: string } }) => block.toolResult.toolUseId)).toEqual(
      given,
    );
  });
});

describe('media', () => {
  const document = (name?: string, mediaType = 'application/pdf'): Part => ({
    type: 'media',
    kind: 'document',
    mediaType,
    data: 'AAAA',
    ...(name !== undefined && { name }),
  });

  it('gets bare formats', () => {
    const image = (mediaType: string): Part => ({ type: 'media', kind: 'image', mediaType, data: 'AA==' });
    const video: Part = { type: 'media', kind: 'video', mediaType: 'video/quicktime', data: 'AA==' };
    const [{ content }] = messages(user(image('image/jpg'), image('IMAGE/PNG; q=1'), video));
    expect(content).toEqual([
      { image: { format: 'jpeg', source: { bytes: 'AA==' } } },
      { image: { format: 'png', source: { bytes: 'AA==' } } },
      { video: { format: 'mov', source: { bytes: 'AA==' } } },
    ]);
  });

  it('gets names that are lawful and differ', () => {
    const names = ['report_v1.pdf', 'report v1 pdf', '../../etc', undefined, '日本', 'x'.repeat(300)];
    const [{ content }] = messages(user(...names.map((name) => document(name))));
    const given: string[] = content.map((block: { document: { name: string } }) => block.document.name);
    expect(given.slice(0, 5)).toEqual(['report v1 pdf', 'report v1 pdf 2', 'etc', 'document', 'document 2']);
    for (const name of given) expect(name).toMatch(/^[A-Za-z0-9()[\]-]+( [A-Za-z0-9()[\]-]+)*$/);
    expect(given.at(-1)?.length).toBeLessThanOrEqual(200);
  });

  it('may be plain text, or lie in S3', () => {
    const plain: Part = { type: 'media', kind: 'document', text: 'Grüße', name: 'n' };
    const stored: Part = { type: 'media', kind: 'video', url: 's3://bucket/film.mp4' };
    const [{ content }] = messages(user(plain, stored));
    expect(content).toEqual([
      { document: { format: 'txt', name: 'n', source: { bytes: Buffer.from('Grüße').toString('base64') } } },
      { video: { format: 'mp4', source: { s3Location: { uri: 's3://bucket/film.mp4' } } } },
    ]);
  });

  it.each([
    [{ kind: 'image', url: 'https://x.example/a.png' }, 'files by address'],
    [{ kind: 'image', fileId: 'file-1', mediaType: 'image/png' }, 'files stored at another provider'],
    [{ kind: 'image', mediaType: 'image/tiff', data: 'AA==' }, 'images of this type'],
    [{ kind: 'video', data: 'AA==' }, 'videos of unknown type'],
    [{ kind: 'document', mediaType: 'application/zip', data: 'AA==' }, 'documents of this type'],
  ] as const)('%j is refused', (part, words) => {
    expect(() => messages(user({ type: 'media', ...part } as Part))).toThrow(words);
  });
});

describe('marks for the cache', () => {
  const marked: Part = { type: 'text', text: 'a', cache: { ttl: '1h' } };

  it('stand behind what they cover', () => {
    const tools = [{ name: 'f', cache: {} }];
    const { body } = encode({
      turns: [user(marked, text('b'))],
      tools,
      system: [{ type: 'text', text: 's', cache: {} }],
    });
    expect(body.messages[0].content).toEqual([
      { text: 'a' },
      { cachePoint: { type: 'default', ttl: '1h' } },
      { text: 'b' },
    ]);
    expect(body.system.at(-1)).toEqual({ cachePoint: { type: 'default' } });
    expect(body.toolConfig.tools.at(-1)).toEqual({ cachePoint: { type: 'default' } });
  });

  it('of a part in a result count for the whole of it', () => {
    const inside: Part = {
      type: 'tool_result',
      callId: 't',
      content: [{ type: 'text', text: 'r', cache: {} }],
      isError: false,
    };
    const [, , third] = messages(user(text('a')), assistant(call('t', '')), user(inside));
    expect(third.content).toEqual([
      { toolResult: { toolUseId: 't', content: [{ text: 'r' }] } },
      { cachePoint: { type: 'default' } },
    ]);
  });

  it('never stand alone, and never at models that refuse them', () => {
    const blank: Part = { type: 'text', text: ' ', cache: {} };
    expect(messages(user(blank, text('a')))[0].content).toEqual([{ text: 'a' }]);
    const { body } = encode({ model: 'meta.llama3', turns: [user(marked)] });
    expect(body.messages[0].content).toEqual([{ text: 'a' }]);
    const nova = encode({ model: 'amazon.nova-pro-v1:0', turns: [user(marked)], tools: [{ name: 'f', cache: {} }] });
    expect(nova.body.messages[0].content).toHaveLength(2);
    expect(nova.body.toolConfig.tools).toHaveLength(1);
  });
});

describe('tools', () => {
  const tools = [{ name: 'f', description: ' ', parameters: { properties: {} }, strict: true }];

  it('are declared with an object for a schema', () => {
    expect(encode({ tools }).body.toolConfig).toEqual({
      tools: [{ toolSpec: { name: 'f', inputSchema: { json: { properties: {}, type: 'object' } }, strict: true } }],
    });
  });

  it.each([
    [CLAUDE, { type: 'required' }, { any: {} }, []],
    [CLAUDE, { type: 'tool', name: 'f' }, { tool: { name: 'f' } }, []],
    [CLAUDE, { type: 'auto' }, { auto: {} }, []],
    ['cohere.command-r-v1:0', { type: 'required' }, { auto: {} }, ['toolChoice']],
    ['cohere.command-r-v1:0', { type: 'tool', name: 'f' }, { tool: { name: 'f' } }, []],
    ['amazon.titan-text-v1', { type: 'tool', name: 'f' }, { auto: {} }, ['toolChoice']],
  ] as const)('%s with %j', (model, toolChoice, written, lost) => {
    const { body, dropped } = encode({ model, tools, toolChoice });
    expect(body.toolConfig.toolChoice).toEqual(written);
    expect(dropped).toEqual(lost);
  });

  it('that must not be called are left out, unless the history holds a call', () => {
    const toolChoice = { type: 'none' } as const;
    expect(encode({ tools, toolChoice }).body.toolConfig).toBeUndefined();
    const turns = [user(text('a')), assistant(call('t', '')), user(result('t'))];
    const { body } = encode({ tools, toolChoice, turns });
    expect(body.toolConfig.tools).toHaveLength(1);
    expect(body.toolConfig.toolChoice).toBeUndefined();
    expect(body.system).toEqual([{ text: 'Answer without calling any tool.' }]);
  });

  it('are made up from the history where the caller gives none', () => {
    const turns = [user(text('a')), assistant(call('1', '', 'f'), call('2', '', 'f')), user(result('1'), result('2'))];
    const { body } = encode({ turns });
    expect(body.toolConfig.tools).toEqual([
      { toolSpec: { name: 'f', inputSchema: { json: { type: 'object', properties: {} } } } },
    ]);
  });

  it('are not forced upon a model that thinks', () => {
    const reasoning = { budget: 2000 };
    const { body, dropped } = encode({ tools, toolChoice: { type: 'required' }, reasoning });
    expect(body.toolConfig.toolChoice).toEqual({ auto: {} });
    expect(dropped).toEqual(['toolChoice']);
  });
});

describe('what the vendor of the model has names for', () => {
  const fields = (more: Partial<CanonicalRequest>) => {
    const { body, dropped } = encode(more);
    return [body.additionalModelRequestFields, dropped];
  };

  it.each([
    [{ topK: 5 }, { top_k: 5 }, []],
    [{ model: 'mistral.large', topK: 5 }, { top_k: 5 }, []],
    [{ model: 'cohere.command-r', topK: 5 }, { k: 5 }, []],
    [{ model: 'amazon.nova-pro-v1:0', topK: 5 }, { inferenceConfig: { topK: 5 } }, []],
    [{ model: 'meta.llama3', topK: 5 }, undefined, ['topK']],
    [{ reasoning: { budget: 2000 } }, { thinking: { type: 'enabled', budget_tokens: 2000 } }, []],
    [{ reasoning: { budget: 2000, visible: true } }, { thinking: { type: 'enabled', budget_tokens: 2000 } }, []],
    [
      { reasoning: { adaptive: true, effort: 'low' } },
      { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } },
      [],
    ],
    [{ reasoning: { effort: 'none' } }, undefined, []],
    [{ reasoning: { budget: 2000 }, topK: 3 }, { thinking: { type: 'enabled', budget_tokens: 2000 } }, ['topK']],
    [{ model: 'openai.gpt-oss-20b-1:0', reasoning: { effort: 'minimal' } }, { reasoning_effort: 'low' }, []],
    [{ model: 'openai.gpt-oss-20b-1:0', reasoning: { effort: 'none' } }, undefined, ['reasoning']],
    [
      { model: 'us.amazon.nova-2-lite-v1:0', reasoning: { effort: 'high' } },
      { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'high' } },
      [],
    ],
    [
      { model: 'us.amazon.nova-2-lite-v1:0', reasoning: { budget: 20_000 }, maxTokens: 10 },
      { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'medium' } },
      ['reasoning'],
    ],
    [{ model: 'amazon.nova-pro-v1:0', reasoning: { effort: 'high' } }, undefined, ['reasoning']],
    [{ model: 'meta.llama3', reasoning: { effort: 'none' } }, undefined, []],
  ] as const)('%j', (more, written, lost) => {
    expect(fields(more as Partial<CanonicalRequest>)).toEqual([written, lost]);
  });

  it('leaves room for the answer beside the thoughts, where the caller set a limit', () => {
    expect(encode({ reasoning: { budget: 2000 }, maxTokens: 1000 })).toMatchObject({
      body: { inferenceConfig: { maxTokens: 3000 } },
      dropped: ['maxTokens'],
    });
    expect(encode({ reasoning: { budget: 2000 } }).body.inferenceConfig).toBeUndefined();
  });
});

describe('the rest', () => {
  it('is written or named', () => {
    const { body, dropped } = encode({
      temperature: 1.5,
      topP: 0.5,
      stop: ['\n', 'END'],
      seed: 1,
      frequencyPenalty: 1,
      presencePenalty: 0,
      user: 'u-1',
      responseFormat: { type: 'json_object' },
    });
    expect(body.inferenceConfig).toEqual({ temperature: 1, topP: 0.5, stopSequences: ['END'] });
    expect(body.additionalModelResponseFieldPaths).toEqual(['/stop_sequence']);
    expect(body.requestMetadata).toEqual({ user: 'u-1' });
    expect(dropped.toSorted()).toEqual(['frequencyPenalty', 'responseFormat', 'seed', 'stop', 'temperature']);
  });

  it.each(['flex', 'priority', 'reserved'] as const)('asks for the class of service %s', (serviceTier) => {
    const { body, dropped } = encode({ serviceTier });
    expect(body.serviceTier).toEqual({ type: serviceTier });
    expect(dropped).toEqual([]);
  });

  it('names the guardrail, and to streams how they wait for it', () => {
    const guardrail = { identifier: 'abc', version: '3', trace: 'enabled', streamProcessingMode: 'async' } as const;
    const named = { guardrailIdentifier: 'abc', guardrailVersion: '3', trace: 'enabled' };
    expect(encode({}, { guardrail }).body.guardrailConfig).toEqual(named);
    expect(encode({ stream: true }, { guardrail }).body.guardrailConfig).toEqual({
      ...named,
      streamProcessingMode: 'async',
    });
    const least = { guardrail: { identifier: 'abc', version: 'DRAFT' } };
    expect(encode({ stream: true }, least).body.guardrailConfig).toEqual({
      guardrailIdentifier: 'abc',
      guardrailVersion: 'DRAFT',
    });
    expect(encode({}).body).not.toHaveProperty('guardrailConfig');
  });

  it('keeps blank stop sequences for those who take them', () => {
    const { body, dropped } = encode({ model: 'meta.llama3', stop: ['\n', ''] });
    expect(body.inferenceConfig.stopSequences).toEqual(['\n']);
    expect(dropped).toEqual(['stop']);
  });

  it('has the schema of an answer as text', () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } } };
    const { body } = encode({ responseFormat: { type: 'json_schema', name: 'n', schema } });
    expect(body.outputConfig).toEqual({
      textFormat: { type: 'json_schema', structure: { jsonSchema: { schema: JSON.stringify(schema), name: 'n' } } },
    });
  });

  it('does not put just any user into the log of the account', () => {
    const { body, dropped } = encode({ user: 'x'.repeat(300) });
    expect(body.requestMetadata).toBeUndefined();
    expect(dropped).toEqual(['user']);
  });

  it.skipIf(writesDeepJson)('that is nested too deeply is refused', () => {
    let parameters = {};
    for (let depth = 0; depth < 100_000; depth++) parameters = { a: parameters };
    expect(() => encode({ tools: [{ name: 'f', parameters }] })).toThrow('nested too deeply');
  });
});

describe('models that decide themselves how long to think', () => {
  const quirks = { adaptiveThinking: /claude-opus-4-7/ };
  const fields = (model: string, reasoning: CanonicalRequest['reasoning']) => {
    const request = { model, system: [], turns: [user(text('Hi'))], tools: [], stream: false, unsupported: [] };
    const body = encodeConverseRequest({ ...request, ...(reasoning && { reasoning }) }, [], quirks);
    return JSON.parse(body).additionalModelRequestFields;
  };

  it('are told an effort, also where a budget was asked for', () => {
    expect(fields('us.anthropic.claude-opus-4-7-v1:0', { budget: 9000 })).toEqual({
      thinking: { type: 'adaptive' },
      output_config: { effort: 'high' },
    });
    expect(fields('us.anthropic.claude-opus-4-7-v1:0', { effort: 'none' })).toBeUndefined();
  });

  it('are told apart from those that are told a budget', () => {
    expect(fields(CLAUDE, { budget: 9000 })).toEqual({ thinking: { type: 'enabled', budget_tokens: 9000 } });
  });
});
