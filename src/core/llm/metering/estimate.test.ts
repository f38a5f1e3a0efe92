import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { estimateBody } from './body-tokens.ts';
import { estimateInput, estimateTokens } from './estimate.ts';
import { TextMeter } from './text-meter.ts';

const LETTER =
  'Dear Ms. Alvarez, thank you for your letter of the 14th. Unfortunately, we cannot refund the subscription because ' +
  "the cancellation arrived after the renewal date; however, we'd be glad to offer you three additional months at no " +
  'charge. Please let us know whether that would be acceptable. ';
const BYTES = Buffer.from(Array.from({ length: 400 }, (_, i) => (i * 7919 + 13) % 256));

const SAMPLES: [string, string][] = [
  ['an English letter', LETTER.repeat(4)],
  ['code', 'export function add(first: number, second: number): number {\n  return first + second;\n}\n'.repeat(8)],
  ['minified JSON', `[${'{"id":12345,"name":"Ada","tags":["a","b"]},'.repeat(10)}{}]`],
  ['Chinese', '今天天气很好，我们一起去公园散步吧。'.repeat(10)],
  ['Russian', 'Сегодня хорошая погода, и мы пойдём гулять в парк. '.repeat(10)],
  ['base64', BYTES.toString('base64')],
];

describe('estimateTokens', () => {
  it.each(SAMPLES)('%s: within -15 %% to +60 %% of the o200k vocabulary', (_, text) => {
    const real = encode(text).length;
    expect(estimateTokens(text)).toBeGreaterThanOrEqual(Math.floor(real * 0.85));
    expect(estimateTokens(text)).toBeLessThanOrEqual(Math.ceil(real * 1.6));
  });

  it('is nothing for nothing, and grows with the text', () => {
    expect(estimateTokens('')).toBe(0);
    expect(estimateTokens('Hello')).toBe(1);
    const letters = 'a'.repeat(1000);
    expect(estimateTokens(letters.repeat(100)) / estimateTokens(letters)).toBeCloseTo(100, 0);
  });

  it('takes time in proportion to the text, also to one without a blank', () => {
    const time = (text: string): number => {
      const runs = Array.from({ length: 5 }, () => {
        const begun = performance.now();
        estimateTokens(text);
        return performance.now() - begun;
      });
      return Math.min(...runs);
    };
    time('a'.repeat(200_000));
    // Eight times the text; a quadratic rule would take sixty-four times as long.
    expect(time('a'.repeat(1_600_000))).toBeLessThan(30 * Math.max(time('a'.repeat(200_000)), 0.1));
  });

  it.each(SAMPLES)('%s: the same in pieces, wherever they are cut', (_, text) => {
    for (const size of [1, 7, 64]) {
      const meter = new TextMeter();
      for (let at = 0; at < text.length; at += size) meter.add(text.slice(at, at + size));
      expect(Math.abs(meter.tokens - estimateTokens(text))).toBeLessThanOrEqual(1);
    }
  });
});

describe('estimateInput', () => {
  it('counts everything the model reads', () => {
    const empty = { model: 'x', system: [], turns: [], tools: [], stream: false, unsupported: [] };
    expect(estimateInput(empty)).toBe(0);
    const text = (words: number) => ({ type: 'text' as const, text: 'word '.repeat(words) });
    const full = {
      ...empty,
      system: [text(100)],
      turns: [
        {
          role: 'user' as const,
          parts: [text(100), { type: 'media' as const, kind: 'image' as const, url: 'https://x' }],
        },
        {
          role: 'assistant' as const,
          parts: [{ type: 'tool_call' as const, id: '1', name: 'f', arguments: '{"a":1}' }],
        },
        {
          role: 'user' as const,
          parts: [{ type: 'tool_result' as const, callId: '1', content: [text(100)], isError: false }],
        },
      ],
      tools: [{ name: 'f', description: 'Does a thing', parameters: { type: 'object' } }],
    };
    expect(estimateInput(full)).toBeGreaterThan(1600 + 240);
    expect(estimateInput(full)).toBeLessThan(1600 + 480);
  });
});

describe('estimateBody', () => {
  const words = 'word '.repeat(200);
  const BODIES: [string, object][] = [
    ['chat completions', { messages: [{ role: 'user', content: words }] }],
    ['responses', { input: words, instructions: 'x' }],
    ['messages', { max_tokens: 5, messages: [{ role: 'user', content: [{ type: 'text', text: words }] }] }],
    ['generateContent', { contents: [{ role: 'user', parts: [{ text: words }] }] }],
    ['converse', { messages: [{ role: 'user', content: [{ text: words }] }] }],
    ['embeddings', { input: [words] }],
  ];

  it.each(BODIES)('counts what the model reads in %s, and nothing beside it', (_, body) => {
    const tokens = estimateBody(JSON.stringify({ ...body, model: words, metadata: { note: words }, user: words }));
    expect(tokens).toBeGreaterThanOrEqual(estimateTokens(words));
    expect(tokens).toBeLessThan(estimateTokens(words) + 10);
  });

  it('counts media at a flat rate, but never a text that only looks long', () => {
    const data = 'A'.repeat(100_000);
    const content = (part: object) => estimateBody(JSON.stringify({ messages: [{ role: 'user', content: [part] }] }));
    expect(content({ type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } })).toBeLessThan(1700);
    expect(content({ type: 'image', source: { type: 'base64', data } })).toBeLessThan(1700);
    expect(content({ type: 'text', text: data })).toBeGreaterThan(50_000);
  });

  it.each([
    ['', 0],
    ['not json at all', 3],
    ['[]', 2],
    ['null', 1],
    ['{"messages":null}', 0],
  ])('%j', (body, tokens) => {
    expect(estimateBody(body)).toBe(tokens);
  });

  it('goes as deep as a body can', () => {
    const deep = `{"input":${'['.repeat(50_000)}"x"${']'.repeat(50_000)}}`;
    expect(estimateBody(deep)).toBeGreaterThan(0);
  });
});
