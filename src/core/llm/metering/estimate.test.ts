import { describe, expect, it } from 'vitest';
import { estimateInput, estimateTokens } from './estimate.ts';

const LETTER =
  'Dear Ms. Alvarez, thank you for your letter of the 14th. Unfortunately, we cannot refund the subscription because ' +
  "the cancellation arrived after the renewal date; however, we'd be glad to offer you three additional months at no " +
  'charge. Please let us know whether that would be acceptable. ';
const BYTES = Buffer.from(Array.from({ length: 400 }, (_, i) => (i * 7919 + 13) % 256));

// The last number is the count of the o200k vocabulary, taken with gpt-tokenizer 3.
const SAMPLES: [string, string, number][] = [
  ['an English letter', LETTER.repeat(4), 229],
  [
    'code',
    'export function add(first: number, second: number): number {\n  return first + second;\n}\n'.repeat(8),
    160,
  ],
  ['minified JSON', `[${'{"id":12345,"name":"Ada","tags":["a","b"]},'.repeat(10)}{}]`, 164],
  ['Chinese', '今天天气很好，我们一起去公园散步吧。'.repeat(10), 130],
  ['Russian', 'Сегодня хорошая погода, и мы пойдём гулять в парк. '.repeat(10), 161],
  ['base64', BYTES.toString('base64'), 365],
];

describe('estimateTokens', () => {
  it.each(SAMPLES.map(([name, text, real]) => ({ name, text, real })))('$name', ({ text, real }) => {
    expect(estimateTokens(text)).toBeGreaterThanOrEqual(Math.floor(real * 0.85));
    expect(estimateTokens(text)).toBeLessThanOrEqual(Math.ceil(real * 1.6));
  });

  it('is nothing for nothing, and grows with the text', () => {
    expect(estimateTokens('')).toBe(0);
    expect(estimateTokens('Hello')).toBe(1);
    const letters = 'a'.repeat(1000);
    expect(estimateTokens(letters.repeat(100)) / estimateTokens(letters)).toBeCloseTo(100, 0);
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
