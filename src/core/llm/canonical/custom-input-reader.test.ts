import { describe, expect, it } from 'vitest';
import { CustomInputReader } from './custom-input-reader.ts';

function read(pieces: readonly string[]): string[] {
  const reader = new CustomInputReader();
  const given = pieces.map((piece) => reader.push(piece));
  return [...given, reader.end()].filter((text) => text !== '');
}

const TEXT = 'a "b" \\ \n\t{"input":"x"} é 😀 \u2028 end';

describe('CustomInputReader', () => {
  it('gives the same text however the arguments are cut', () => {
    const ascii = JSON.stringify({ input: TEXT }).replace(
      /[^\x20-\x7e]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    for (const json of [JSON.stringify({ input: TEXT }), ascii, ` {\n "input" : ${JSON.stringify(TEXT)} } `]) {
      for (let size = 1; size <= json.length; size++) {
        const pieces = json.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
        expect(read(pieces).join('')).toBe(TEXT);
      }
    }
  });

  it('gives text as it comes', () => {
    expect(read(['{"input":"one ', 'two', ' three"}'])).toEqual(['one ', 'two', ' three']);
  });

  it.each([
    ['', ''],
    ['{}', '{}'],
    ['plain words', 'plain words'],
    ['{"other":1,"input":"x"}', 'x'],
    [`{"other":"${'y'.repeat(100)}","input":"x"}`, 'x'],
    ['{"input":5}', '{"input":5}'],
    ['{"input":"cut', 'cut'],
    ['{"input":"bad \\q"}', 'bad \\q'],
  ])('makes of %j what can be made of it', (json, text) => {
    expect(read([json]).join('')).toBe(text);
  });
});
