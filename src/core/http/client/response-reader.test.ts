import { describe, expect, it } from 'vitest';
import { ResponseReader } from './response-reader.ts';

/** What was told, in short; data that came in pieces is one. */
class Told {
  readonly reader = new ResponseReader({
    onHead: (status) => this.events.push(`head ${status}`),
    onBody: (bytes) => this.#addData(bytes.toString('latin1')),
    onComplete: (persistent) => this.events.push(persistent ? 'kept' : 'spent'),
  });
  readonly events: string[] = [];

  push(text: string, ...cuts: number[]): this {
    let from = 0;
    for (const to of [...cuts, text.length]) {
      this.reader.push(Buffer.from(text.slice(from, to), 'latin1'));
      from = to;
    }
    return this;
  }

  #addData(text: string): void {
    const last = this.events.at(-1);
    if (last?.startsWith('data ') === true) this.events[this.events.length - 1] = last + text;
    else this.events.push(`data ${text}`);
  }
}

const read = (text: string, ...cuts: number[]): string[] => new Told().push(text, ...cuts).events;
const bytesOf = (text: string): number[] => Array.from(text, (_, index) => index);

const OK = 'HTTP/1.1 200 OK\r\n';
const counted = `${OK}content-length: 5\r\n\r\nhello`;
const chunked = `${OK}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n1;x\r\n!\r\n0\r\nsum: 1\r\n\r\n`;
const empty = 'HTTP/1.1 204 No Content\r\n\r\n';
const interim = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n';

const whole: [string, string, string[]][] = [
  ['counted', counted, ['head 200', 'data hello', 'kept']],
  ['counted and last', counted.replace('\r\n', '\r\nconnection: close\r\n'), ['head 200', 'data hello', 'spent']],
  ['empty by its length', `${OK}content-length: 0\r\n\r\n`, ['head 200', 'kept']],
  ['empty by its status', empty, ['head 204', 'kept']],
  ['not modified, with a length', 'HTTP/1.1 304 X\r\ncontent-length: 5\r\n\r\n', ['head 304', 'kept']],
  ['chunked', chunked, ['head 200', 'data hello!', 'kept']],
  ['chunked and empty', `${OK}transfer-encoding: chunked\r\n\r\n0\r\n\r\n`, ['head 200', 'kept']],
  ['counted, after interim ones', interim + counted, ['head 200', 'data hello', 'kept']],
  ['empty, after interim ones', interim + empty, ['head 204', 'kept']],
  ['until the end', `${OK}\r\nhello`, ['head 200', 'data hello']],
  ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nhi', ['head 200', 'data hi', 'spent']],
];

describe('a response', () => {
  it.each(whole)('%s is told alike however it is cut', (_, text, events) => {
    expect(read(text)).toEqual(events);
    expect(read(text, ...bytesOf(text))).toEqual(events);
    for (let cut = 0; cut <= text.length; cut++) expect(read(text, cut), `cut at ${cut}`).toEqual(events);
  });

  it('follows another on the same connection, whatever each is', () => {
    const told = new Told();
    const parts = whole.filter(([, , events]) => events.at(-1) === 'kept');
    for (const [, text] of [...parts, ...parts.reverse()]) told.push(text);
    expect(told.events).toEqual(
      parts
        .map(([, , events]) => events)
        .toReversed()
        .concat(parts.map(([, , e]) => e))
        .flat(),
    );
  });

  it('is told as soon as its head is there', () => {
    expect(read(`${OK}content-length: 5\r\n\r\n`)).toEqual(['head 200']);
    expect(read(`${OK}\r\n`)).toEqual(['head 200']);
    expect(read(`${OK}content-length: 5\r\n\r`)).toEqual([]);
  });

  it.each([
    ['counted', counted, ['head 200', 'data hello', 'spent']],
    ['chunked', chunked, ['head 200', 'data hello!', 'spent']],
    ['empty', empty, ['head 204', 'spent']],
  ])('that is %s spends the connection when bytes follow it', (_, text, events) => {
    for (const rest of ['\r\n', '\0', 'HTTP/1.1 200 OK\r\n\r\n']) {
      expect(read(text + rest)).toEqual(events);
      for (let cut = 0; cut < text.length; cut++) expect(read(text + rest, cut), `cut at ${cut}`).toEqual(events);
    }
  });

  it('has its data without its frame', () => {
    const text = '5\r\nhello\r\n0\r\n\r\n';
    expect(read(`${OK}content-length: ${text.length}\r\n\r\n${text}`)).toEqual(['head 200', `data ${text}`, 'kept']);
  });
});

describe('what is no response', () => {
  it.each([
    ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n'],
    ['another protocol, after an interim response', `${interim}HTTP/1.1 101 Switching Protocols\r\n\r\n`],
    ['garbage', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['garbage after an interim response', `${interim}hello\r\n\r\n`],
    ['a malformed interim response', 'HTTP/1.1 100 Continue\r\nx\r\n\r\n'],
  ])('is refused: %s', (_, text) => {
    const expected = expect.objectContaining({ code: 'HTTP_INVALID' });
    expect(() => read(text)).toThrow(expected);
    expect(() => read(text, ...bytesOf(text))).toThrow(expected);
  });

  it('is refused after the head, when its chunks are none', () => {
    const told = new Told();
    expect(() => told.push(`${OK}transfer-encoding: chunked\r\n\r\n2\r\nhi\r\nx`)).toThrow(/chunk/);
    expect(told.events).toEqual(['head 200', 'data hi']);
  });
});

describe('the longest head', () => {
  const LIMIT = 16 * 1024;
  const start = `${OK}content-length: 0\r\nx: `;
  const ofLength = (length: number): string => `${start}${'y'.repeat(length - start.length)}\r\n\r\n`;

  it('is 16 KB, and told alike however it is cut', () => {
    const text = ofLength(LIMIT);
    expect(read(text)).toEqual(['head 200', 'kept']);
    for (let cut = text.length - 8; cut < text.length; cut++) {
      expect(read(text, cut), `cut ${text.length - cut} bytes before its end`).toEqual(['head 200', 'kept']);
    }
  });

  it.each([
    ['a longer one', ofLength(LIMIT + 1)],
    ['one that does not end', `${start}${'y'.repeat(LIMIT)}`],
    ['one of many headers', `${OK}${'a: 1\r\n'.repeat(4000)}`],
    ['a longer one after an interim response', `${interim}${ofLength(LIMIT + 1)}`],
  ])('is not %s', (_, text) => {
    expect(() => read(text)).toThrow(/too long/);
    expect(() => read(text, ...bytesOf(text))).toThrow(/too long/);
  });

  it('is counted anew for each response', () => {
    const one = ofLength(LIMIT - 100);
    expect(new Told().push(one).push(one).events).toEqual(['head 200', 'kept', 'head 200', 'kept']);
    expect(read(interim.repeat(1000) + empty)).toEqual(['head 204', 'kept']);
  });
});

describe("the connection's end", () => {
  it('is the end of a body that has no other', () => {
    for (const text of [`${OK}\r\nhello`, 'HTTP/1.0 200 OK\r\n\r\nhello']) {
      const told = new Told().push(text);
      told.reader.close();
      expect(told.events).toEqual(['head 200', 'data hello', 'spent']);
    }
    const bare = new Told().push(`${OK}\r\n`);
    bare.reader.close();
    expect(bare.events).toEqual(['head 200', 'spent']);
  });

  it.each([
    ['before a byte has come', ''],
    ['within a head', counted.slice(0, 20)],
    ['after an interim response', interim],
    ['after the head', `${OK}content-length: 5\r\n\r\n`],
    ['within a counted body', counted.slice(0, -1)],
    ['before a chunk', `${OK}transfer-encoding: chunked\r\n\r\n`],
    ['within a chunk', `${OK}transfer-encoding: chunked\r\n\r\n5\r\nhe`],
    ['between chunks', `${OK}transfer-encoding: chunked\r\n\r\n2\r\nhe\r\n`],
    ['within the last chunk', chunked.slice(0, -1)],
    ['after a whole response', counted],
  ])('%s leaves an answer incomplete', (_, text) => {
    const told = new Told().push(text);
    const events = [...told.events];
    expect(() => told.reader.close()).toThrow(expect.objectContaining({ code: 'HTTP_CLOSED' }));
    expect(told.events).toEqual(events);
  });
});
