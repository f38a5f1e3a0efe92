import { describe, expect, it } from 'vitest';
import { StderrLines } from './stderr-lines.ts';

function write(text: string, secrets: readonly string[] = [], elapsed: () => number = () => 0): string[] {
  const lines: string[] = [];
  const stderr = new StderrLines((line) => lines.push(line), secrets, elapsed);
  stderr.push(text);
  stderr.end();
  return lines;
}

describe('StderrLines', () => {
  it('hands on lines without their ends', () => {
    expect(write('one\r\ntwo  \n\nthree')).toEqual(['one', 'two', 'three']);
  });

  it.each([
    ['a configured value', 'key=open-sesame!', ['open-sesame'], 'key=[redacted]!'],
    ['the longer of two', 'open-sesame-more', ['open-sesame', 'open-sesame-more'], '[redacted]'],
    ['a token of any vendor', 'Authorization: Bearer abcdefghijklmnop', [], 'Authorization: [redacted]'],
    ['a key by its look', 'using sk-ant-0123456789abcdef now', [], 'using [redacted] now'],
    ['nothing of short values', 'DEBUG=1 is on', ['1', 'on'], 'DEBUG=1 is on'],
  ])('takes out %s', (_, text, secrets, shown) => {
    expect(write(text, secrets)).toEqual([shown]);
  });

  it('cuts long lines', () => {
    const [line] = write('x'.repeat(5000));
    expect(line).toHaveLength(2001);
    const [huge] = write('y'.repeat(100_000));
    expect(huge?.length).toBeLessThan(2001);
  });

  it('drops what is too much for ten seconds, and says how much', () => {
    let now = 0;
    const lines: string[] = [];
    const stderr = new StderrLines(
      (line) => lines.push(line),
      [],
      () => now,
    );
    stderr.push('a\n'.repeat(1000));
    expect(lines).toHaveLength(200);
    now = 10_000;
    stderr.push('b\n');
    expect(lines.slice(200)).toEqual(['(800 more lines)', 'b']);
  });
});
