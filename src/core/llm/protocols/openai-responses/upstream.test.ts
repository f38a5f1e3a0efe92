import { describe, expect, it } from 'vitest';
import type { CanonicalEvent } from '../../canonical/event.ts';
import type { CanonicalRequest } from '../../canonical/request.ts';
import { openaiResponses } from './index.ts';

const newId = () => 'minted';
const request: CanonicalRequest = {
  model: 'm',
  system: [],
  turns: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
  tools: [],
  stream: false,
  unsupported: [],
};
const encode = (change: Partial<CanonicalRequest>, dropped: string[] = []) =>
  JSON.parse(openaiResponses.encodeRequest({ ...request, ...change }, dropped));

describe('encodeRequest', () => {
  it('leaves nothing at the vendor', () => {
    expect(encode({})).toEqual({
      model: 'm',
      input: [{ role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }],
      store: false,
    });
  });

  it('says what is not strict, because silence means strict here', () => {
    const { tool_choice, tools } = encode({ tools: [{ name: 'a' }], toolChoice: { type: 'tool', name: 'a' } });
    expect(tools).toEqual([
      { type: 'function', name: 'a', parameters: { type: 'object', properties: {} }, strict: false },
    ]);
    expect(tool_choice).toEqual({ type: 'function', name: 'a' });
  });

  it("sends back its own vendor's thoughts only", () => {
    const own = { type: 'reasoning', text: 'x', redacted: 'gAAAA', origin: 'openai', id: 'rs_1' } as const;
    const foreign = { type: 'reasoning', text: 'y', signature: 's', origin: 'anthropic' } as const;
    const body = encode({ turns: [{ role: 'assistant', parts: [own, foreign, { type: 'text', text: 'z' }] }] });
    expect(body.input).toEqual([
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'x' }], encrypted_content: 'gAAAA' },
      { role: 'assistant', content: 'z' },
    ]);
    expect(body.include).toEqual(['reasoning.encrypted_content']);
  });

  it('names what it has no field for', () => {
    const dropped: string[] = [];
    encode(
      { stop: ['x'], topK: 3, seed: 1, frequencyPenalty: 0.5, presencePenalty: 0, toolChoice: { type: 'required' } },
      dropped,
    );
    expect(dropped.sort()).toEqual(['frequencyPenalty', 'seed', 'stop', 'toolChoice', 'topK']);
  });

  it('refuses nothing at all, and what has no form', () => {
    expect(() => encode({ turns: [] })).toThrow('no content');
    const audio = { type: 'media', kind: 'audio', mediaType: 'audio/wav', data: 'AAAA' } as const;
    expect(() => encode({ turns: [{ role: 'user', parts: [audio] }] })).toThrow('audio');
  });

  it.each([
    [{ budget: 0 }, { effort: 'none' }],
    [
      { budget: 4000, visible: true },
      { effort: 'medium', summary: 'auto' },
    ],
    [{ effort: 'xhigh', budget: 1 }, { effort: 'xhigh' }],
  ] as const)('%j', (reasoning, expected) => {
    expect(encode({ reasoning }).reasoning).toEqual(expected);
  });
});

describe('the stream decoder', () => {
  const read = (...events: readonly Record<string, unknown>[]) => {
    const decoder = openaiResponses.createStreamDecoder({ newId });
    const said: CanonicalEvent[] = [];
    for (const event of events) decoder.decode(JSON.stringify(event), undefined, (one) => said.push(one));
    return said;
  };
  const created = { type: 'response.created', response: { id: 'resp_1', model: 'm-1' } };
  const added = (at: number, name: string) => ({
    type: 'response.output_item.added',
    output_index: at,
    item: { type: 'function_call', call_id: `c${at}`, name },
  });

  it('tells calls apart that are open together', () => {
    const piece = (at: number, delta: string) => ({
      type: 'response.function_call_arguments.delta',
      output_index: at,
      delta,
    });
    const said = read(created, added(2, 'a'), added(4, 'b'), piece(4, '{}'), piece(2, '{"x"'), piece(2, ':1}'));
    expect(said.slice(1)).toEqual([
      { type: 'tool_call', index: 0, id: 'c2', name: 'a' },
      { type: 'tool_call', index: 1, id: 'c4', name: 'b' },
      { type: 'tool_arguments', index: 1, json: '{}' },
      { type: 'tool_arguments', index: 0, json: '{"x"' },
      { type: 'tool_arguments', index: 0, json: ':1}' },
    ]);
  });

  it('takes arguments that come whole, once', () => {
    const item = { type: 'function_call', call_id: 'c0', name: 'a', arguments: '{"x":1}' };
    const done = { type: 'response.output_item.done', output_index: 0, item };
    expect(read(created, added(0, 'a'), done).filter(({ type }) => type === 'tool_arguments')).toEqual([
      { type: 'tool_arguments', index: 0, json: '{"x":1}' },
    ]);
  });

  it('takes the proof of a thought from its end only', () => {
    const item = { type: 'reasoning', id: 'rs_1', summary: [] };
    const said = read(
      created,
      { type: 'response.output_item.added', output_index: 0, item: { ...item, encrypted_content: 'early' } },
      { type: 'response.output_item.done', output_index: 0, item: { ...item, encrypted_content: 'valid' } },
    );
    expect(said.slice(1)).toEqual([{ type: 'reasoning_end', redacted: 'valid', origin: 'openai', id: 'rs_1' }]);
  });

  it('keeps the border between two texts, whichever item they are in', () => {
    const delta = (text: string) => ({ type: 'response.output_text.delta', delta: text });
    const done = (type: string) => ({ type: 'response.content_part.done', part: { type } });
    const said = read(
      created,
      delta('a'),
      done('output_text'),
      delta('b'),
      done('output_text'),
      done('reasoning_text'),
    );
    expect(said.slice(1)).toEqual([
      { type: 'text', text: 'a' },
      { type: 'text_end' },
      { type: 'text', text: 'b' },
      { type: 'text_end' },
    ]);
  });

  it('ends once', () => {
    const completed = { type: 'response.completed', response: { id: 'resp_1', output: [] } };
    expect(read(created, completed, completed, created).map(({ type }) => type)).toEqual(['start', 'finish', 'end']);
  });

  it.each([
    ['no object', '[]'],
    ['arguments of no call', '{"type":"response.function_call_arguments.delta","output_index":0,"delta":"{"}'],
    ['a failure', '{"type":"response.failed","response":{"error":{"code":"server_error","message":"no"}}}'],
    ['an error', '{"type":"error","message":"no"}'],
    ['a text that is none', '{"type":"response.output_text.delta","delta":5}'],
  ])('reports %s and falls silent', (_, data) => {
    const decoder = openaiResponses.createStreamDecoder({ newId });
    const said: CanonicalEvent[] = [];
    decoder.decode(data, undefined, (one) => said.push(one));
    decoder.decode('{"type":"response.output_text.delta","delta":"x"}', undefined, (one) => said.push(one));
    expect(said.map(({ type }) => type)).toEqual(['error']);
  });
});
