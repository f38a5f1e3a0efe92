import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { LineReader, type LongLine } from './line-reader.ts';

function read(chunks: readonly (string | Buffer)[], limit = 1000): { lines: string[]; long: LongLine[] } {
  const lines: string[] = [];
  const long: LongLine[] = [];
  const reader = new LineReader(
    limit,
    (line) => lines.push(line),
    (line) => long.push(line),
  );
  for (const chunk of chunks) reader.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  reader.end();
  return { lines, long };
}

describe('LineReader', () => {
  it.each([
    ['several in a chunk', ['a\nb\nc\n'], ['a', 'b', 'c']],
    ['one in several chunks', ['a', 'b', '\nc'], ['ab', 'c']],
    ['empty ones', ['\n\na\n'], ['', '', 'a']],
    ['a newline alone', ['a', '\n', 'b\n'], ['a', 'b']],
    ['nothing', [], []],
  ])('reads lines: %s', (_, chunks, lines) => {
    expect(read(chunks).lines).toEqual(lines);
  });

  it('reads a line cut at every byte, inside characters too', () => {
    const text = '{"a":"ü€😀"}\n{"b":1}\n';
    const bytes = [...Buffer.from(text)].map((byte) => Buffer.from([byte]));
    expect(read(bytes).lines).toEqual(['{"a":"ü€😀"}', '{"b":1}']);
  });

  it('keeps the edges of a line that is too long, and reads on', () => {
    const big = `start${'x'.repeat(5000)}end`;
    for (const size of [1, 7, 700, 10_000]) {
      const text = `${big}\nnext\n`;
      const chunks = [];
      for (let at = 0; at < text.length; at += size) chunks.push(text.slice(at, at + size));
      const { lines, long } = read(chunks);
      expect(lines).toEqual(['next']);
      expect(long).toHaveLength(1);
      expect(long[0]?.head.startsWith('startxxx')).toBe(true);
      expect(long[0]?.tail.endsWith('xxxend')).toBe(true);
      expect(long[0]?.tail.length).toBeLessThanOrEqual(512);
    }
  });

  it('takes a line at the limit and refuses one byte more', () => {
    expect(read([`${'x'.repeat(1000)}\n`]).lines).toHaveLength(1);
    expect(read([`${'x'.repeat(1001)}\n`]).long).toHaveLength(1);
  });
});
