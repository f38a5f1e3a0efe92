import { describe, expect, it } from 'vitest';
import { ChunkedBody } from './chunked-body.ts';

interface Outcome {
  readonly data: string;
  /** Where in the whole text the body ended; -1 when it did not. */
  readonly end: number;
  readonly code: unknown;
}

/** Pushes `text` cut at `cuts`. */
function read(text: string, ...cuts: number[]): Outcome {
  const bytes = Buffer.from(text, 'latin1');
  const body = new ChunkedBody();
  let data = '';
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    try {
      const end = body.push(bytes.subarray(from, to), (piece) => {
        data += piece.toString('latin1');
      });
      if (end >= 0) return { data, end: from + end, code: undefined };
    } catch (error) {
      return { data, end: -1, code: (error as { code?: unknown }).code };
    }
    from = to;
  }
  return { data, end: -1, code: undefined };
}

function everyCut(length: number): number[][] {
  const cuts: number[][] = [];
  for (let first = 0; first <= length; first++) {
    cuts.push([first]);
    for (let second = first; second <= length; second++) cuts.push([first, second]);
  }
  return cuts;
}

const oneByOne = (length: number): number[] => Array.from({ length }, (_, index) => index);

const good: [string, string, string][] = [
  ['one chunk', '5\r\nhello\r\n0\r\n\r\n', 'hello'],
  ['no chunk', '0\r\n\r\n', ''],
  ['several chunks', '5\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\n\r\n', 'hello world'],
  ['an extension', '5;a=b;c\r\nhello\r\n0;last\r\n\r\n', 'hello'],
  ['a quoted extension', '2;a="x;y"\r\nhi\r\n0\r\n\r\n', 'hi'],
  ['blanks before an extension', '2 \t;a = b\r\nhi\r\n0 ;x\r\n\r\n', 'hi'],
  ['a trailer', '2\r\nhi\r\n0\r\nx-sum: 1\r\n\r\n', 'hi'],
  ['trailers', '2\r\nhi\r\n0\r\na: 1\r\nb:\r\n\r\n', 'hi'],
  [
    'digits of both cases',
    `a\r\n${'x'.repeat(10)}\r\nB\r\n${'y'.repeat(11)}\r\n0\r\n\r\n`,
    `${'x'.repeat(10)}${'y'.repeat(11)}`,
  ],
  ['two digits', `1F\r\n${'z'.repeat(31)}\r\n0\r\n\r\n`, 'z'.repeat(31)],
  ['zeros before the size', '0002\r\nhi\r\n0000\r\n\r\n', 'hi'],
  ['data that looks like an end', '9\r\n\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n', '\r\n0\r\n\r\n\r\n'],
  ['data of any byte', '4\r\n\0\n\xff\r\r\n0\r\n\r\n', '\0\n\xff\r'],
];

describe('a chunked body', () => {
  it.each(good)('with %s is read, however it is cut', (_, text, data) => {
    const expected = { data, end: text.length, code: undefined };
    expect(read(text)).toEqual(expected);
    expect(read(text, ...oneByOne(text.length))).toEqual(expected);
    for (const cuts of everyCut(text.length)) expect(read(text, ...cuts), String(cuts)).toEqual(expected);
  });

  it.each(good)('with %s leaves what follows it', (_, text, data) => {
    for (const rest of ['HTTP/1.1 200 OK\r\n\r\n', '\r\n', '0\r\n\r\n', '\0']) {
      for (let cut = 0; cut <= text.length; cut++) {
        expect(read(text + rest, cut)).toEqual({ data, end: text.length, code: undefined });
      }
    }
  });

  it.each(good)('with %s is not over before its last byte', (_, text) => {
    for (let length = 0; length < text.length; length++) {
      expect(read(text.slice(0, length))).toMatchObject({ end: -1, code: undefined });
    }
  });

  it('hands on all data of one push at once, and nothing where there is none', () => {
    const pieces: string[] = [];
    const body = new ChunkedBody();
    for (const text of ['1\r\na\r\n2\r\nbc\r\n3', '\r\n', 'def', '\r\n0\r\n\r\n']) {
      body.push(Buffer.from(text), (data) => pieces.push(String(data)));
    }
    expect(pieces).toEqual(['abc', 'def']);
  });

  it('takes the largest size it can count', () => {
    expect(read('fffffffffffff\r\nhi')).toEqual({ data: 'hi', end: -1, code: undefined });
  });

  it('may say a lot in all its extensions together', () => {
    const chunks = `1;${'x'.repeat(10_000)}\r\na\r\n`.repeat(10);
    expect(read(`${chunks}0\r\n\r\n`)).toMatchObject({ data: 'a'.repeat(10), code: undefined });
  });
});

describe('what is no chunked body', () => {
  it.each<[string, string, string]>([
    ['no size', '\r\nhello', ''],
    ['an extension without a size', ';a\r\nhello', ''],
    ['a blank before the size', ' 5\r\nhello', ''],
    ['a plus', '+5\r\nhello', ''],
    ['a minus', '-5\r\nhello', ''],
    ['0x', '0x5\r\nhello', ''],
    ['a size that is no number', '5g\r\nhello', ''],
    ['an underscore', '1_0\r\nhello', ''],
    ['a second number', '5 6\r\nhello', ''],
    ['too many digits', '10000000000000\r\nhello', ''],
    ['too many zeros', `${'0'.repeat(20)}5\r\nhello`, ''],
    ['a bare LF behind the size', '5\nhello', ''],
    ['a bare CR behind the size', '5\rhello', ''],
    ['a bare LF behind an extension', '5;a\nhello', ''],
    ['a bare CR in an extension', '5;a\rb\r\nhello', ''],
    ['NUL in an extension', '5;a\0\r\nhello', ''],
    ['data longer than its size', '5\r\nhello!\r\n0\r\n\r\n', 'hello'],
    ['data shorter than its size', '6\r\nhello\r\n0\r\n\r\n', 'hello\r'],
    ['no line end behind the data', '5\r\nhello0\r\n\r\n', 'hello'],
    ['a bare LF behind the data', '5\r\nhello\n0\r\n\r\n', 'hello'],
    ['a bare CR behind the data', '5\r\nhello\r0\r\n\r\n', 'hello'],
    ['a defect in the second chunk', '5\r\nhello\r\n1\r\n!\r\nx', 'hello!'],
    ['a bare LF for the last line', '2\r\nhi\r\n0\r\n\n', 'hi'],
    ['a bare CR for the last line', '2\r\nhi\r\n0\r\n\rx', 'hi'],
    ['a bare LF behind a trailer', '2\r\nhi\r\n0\r\na: 1\n\r\n', 'hi'],
    ['a bare CR in a trailer', '2\r\nhi\r\n0\r\na: \r1\r\n\r\n', 'hi'],
    ['NUL in a trailer', '2\r\nhi\r\n0\r\na: \0\r\n\r\n', 'hi'],
    ['an endless extension', `2\r\nhi\r\n1;${'x'.repeat(20_000)}`, 'hi'],
    ['an endless last extension', `2\r\nhi\r\n0;${'x'.repeat(20_000)}`, 'hi'],
    ['an endless trailer', `2\r\nhi\r\n0\r\na: ${'x'.repeat(20_000)}`, 'hi'],
    ['endless trailers', `2\r\nhi\r\n0\r\n${'a: 1\r\n'.repeat(5000)}`, 'hi'],
  ])('is refused for %s, and what came before it is handed on', (_, text, data) => {
    const expected = { data, end: -1, code: 'HTTP_INVALID' };
    expect(read(text)).toEqual(expected);
    expect(read(text, ...oneByOne(text.length))).toEqual(expected);
    for (let cut = 0; cut < Math.min(text.length, 100); cut++)
      expect(read(text, cut), `cut at ${cut}`).toEqual(expected);
  });
});
