import { describe, expect, it } from 'vitest';
import { quote } from './json-text.ts';

describe('quote', () => {
  it('writes what the serialiser writes, for every character and pair of them', () => {
    for (let code = 0; code <= 0xffff; code++) {
      const text = `a${String.fromCharCode(code)}b`;
      if (quote(text) !== JSON.stringify(text)) throw new Error(`differs at ${code}`);
    }
    for (const text of ['', 'plain', '😀', '\ud800', '\udc00\ud800', 'é\u2028\u2029', '\u007f']) {
      expect(quote(text)).toBe(JSON.stringify(text));
    }
  });
});
