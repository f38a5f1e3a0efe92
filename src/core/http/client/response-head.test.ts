import { describe, expect, it } from 'vitest';
import { CHUNKED, parseResponseHead, type ResponseHead, UNTIL_CLOSE } from './response-head.ts';

/** `text` without the empty line that ends a head. */
function parse(text: string): ResponseHead {
  const bytes = Buffer.from(`${text}\r\n\r\nbody`, 'latin1');
  return parseResponseHead(bytes, bytes.indexOf('\r\n\r\n'));
}

const headersOf = (...lines: string[]) => ({ ...parse(['HTTP/1.1 200 OK', ...lines].join('\r\n')).headers });

describe('the status line', () => {
  it.each([
    ['HTTP/1.1 200 OK', 200],
    ['HTTP/1.1 404 Not Found', 404],
    ['HTTP/1.1 200 ', 200],
    ['HTTP/1.1 200', 200],
    ['HTTP/1.1 200 \r\nx: 1', 200],
    // RFC 9112, 4 wants the space; servers leave it out, and nothing can be misread for it.
    ['HTTP/1.1 200\r\nx: 1', 200],
    ['HTTP/1.0 200 OK', 200],
    ['HTTP/1.1 299 No such status', 299],
    ['HTTP/1.1 599 The last', 599],
    ['HTTP/1.1 200 in\xe9dit\tand a tab', 200],
    ['HTTP/1.1 100 Continue', 100],
  ])('reads %j', (line, status) => {
    expect(parse(line).status).toBe(status);
  });

  it.each([
    ['HTTP/0.9', 'HTTP/0.9 200 OK'],
    ['no version', '200 OK'],
    ['HTTP/2', 'HTTP/2 200'],
    ['HTTP/2.0', 'HTTP/2.0 200 OK'],
    ['HTTP/1.11', 'HTTP/1.11 200 OK'],
    ['lower case', 'http/1.1 200 OK'],
    ['two spaces', 'HTTP/1.1  200 OK'],
    ['a space before it', ' HTTP/1.1 200 OK'],
    ['status 099', 'HTTP/1.1 099 Early'],
    ['status 600', 'HTTP/1.1 600 Late'],
    ['status of two digits', 'HTTP/1.1 20 OK'],
    ['status of four digits', 'HTTP/1.1 2000 OK'],
    ['status in words', 'HTTP/1.1 OK'],
    ['status and a reason without a space', 'HTTP/1.1 200OK'],
    ['a page', '<html>'],
    ['nothing', ''],
    ['an empty line first', '\r\nHTTP/1.1 200 OK'],
    ['NUL in the reason', 'HTTP/1.1 200 O\0K'],
    ['DEL in the reason', 'HTTP/1.1 200 O\x7fK'],
    ['a bare LF behind it', 'HTTP/1.1 200 OK\nx: 1'],
    ['a bare CR in it', 'HTTP/1.1 200 O\rK'],
  ])('refuses %s', (_, line) => {
    expect(() => parse(line)).toThrow(expect.objectContaining({ code: 'HTTP_INVALID' }));
  });
});

describe('headers', () => {
  it.each<[string, string[], Record<string, string | string[]>]>([
    ['one', ['a: 1'], { a: '1' }],
    ['none', [], {}],
    ['names of any case', ['X-Mixed: 1', 'ALL: 2'], { 'x-mixed': '1', all: '2' }],
    ['every character a name may have', ["!#$%&'*+-.^_`|~09azAZ: 1"], { "!#$%&'*+-.^_`|~09azaz": '1' }],
    ['one that comes twice', ['a: 1', 'b: 2', 'A: 3'], { a: ['1', '3'], b: '2' }],
    ['one that comes three times', ['a: 1', 'a: 2', 'a:'], { a: ['1', '2', ''] }],
    ['a cookie', ['set-cookie: a=1; path=/'], { 'set-cookie': 'a=1; path=/' }],
    ['cookies, never joined', ['set-cookie: a=1, b', 'Set-Cookie: c=2'], { 'set-cookie': ['a=1, b', 'c=2'] }],
    ['an empty value', ['a:', 'b: ', 'c: \t '], { a: '', b: '', c: '' }],
    ['blanks around a value', ['a:1', 'b: \t 2 \t ', 'c:3\t'], { a: '1', b: '2', c: '3' }],
    ['blanks and colons within a value', ['a: 1 \t 2', 'b: ::'], { a: '1 \t 2', b: '::' }],
    ['bytes above ASCII, as Latin-1', ['a: \x80\xe9\xff'], { a: '\x80\xe9\xff' }],
    ['a long name', [`${'n'.repeat(200)}: 1`], { ['n'.repeat(200)]: '1' }],
  ])('reads %s', (_, lines, expected) => {
    expect(headersOf(...lines)).toEqual(expected);
  });

  it.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString'])('reads one named %s like any other', (name) => {
    const { headers } = parse(`HTTP/1.1 200 OK\r\n${name}: 1\r\n${name}: 2`);
    expect(Object.entries(headers)).toEqual([[name.toLowerCase(), ['1', '2']]]);
    expect(({} as Record<string, unknown>)['1']).toBeUndefined();
  });

  it.each(['__proto__', 'constructor', 'toString'])('has no %s that was not sent', (name) => {
    expect(parse('HTTP/1.1 200 OK').headers[name]).toBeUndefined();
  });

  it('remembers names without mixing them up', () => {
    for (let i = 0; i < 2000; i++) expect(headersOf(`X-${i}: ${i}`)).toEqual({ [`x-${i}`]: `${i}` });
    expect(headersOf('X-7: a', 'X-1999: b')).toEqual({ 'x-7': 'a', 'x-1999': 'b' });
  });

  it.each([
    ['a bare LF between two', 'a: 1\nb: 2'],
    ['a bare CR between two', 'a: 1\rb: 2'],
    ['CR CR LF', 'a: 1\r\r\nb: 2'],
    ['NUL', 'a: 1\x002'],
    ['a control character', 'a: 1\x1b2'],
    ['DEL', 'a: 1\x7f'],
    ['a space before the colon', 'a : 1'],
    ['a tab before the colon', 'a\t: 1'],
    ['a space before the name', ' a: 1'],
    ['a folded line', 'a: 1\r\n 2'],
    ['a line folded with a tab', 'a: 1\r\n\t2'],
    ['an empty name', ': 1'],
    ['no colon', 'a'],
    ['no colon, then a header', 'a\r\nb: 1'],
    ['a name above ASCII', 'n\xe9: 1'],
    ['a name in quotes', '"a": 1'],
    ['a control character in a name', 'a\x01: 1'],
  ])('refuses %s', (_, lines) => {
    expect(() => headersOf(lines)).toThrow(expect.objectContaining({ code: 'HTTP_INVALID' }));
  });
});

describe('how the body ends', () => {
  it.each<[string, number]>([
    ['HTTP/1.1 200 OK\r\ncontent-length: 5', 5],
    ['HTTP/1.1 200 OK\r\nContent-Length: 0', 0],
    ['HTTP/1.1 200 OK\r\ncontent-length: 007', 7],
    ['HTTP/1.1 200 OK\r\ncontent-length: 999999999999999', 999_999_999_999_999],
    ['HTTP/1.0 200 OK\r\ncontent-length: 5', 5],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked', CHUNKED],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: CHUNKED', CHUNKED],
    ['HTTP/1.1 200 OK', UNTIL_CLOSE],
    ['HTTP/1.0 200 OK', UNTIL_CLOSE],
    ['HTTP/1.1 500 Oops', UNTIL_CLOSE],
    ['HTTP/1.1 100 Continue', 0],
    ['HTTP/1.1 103 Early Hints\r\ncontent-length: 5', 0],
    ['HTTP/1.1 204 No Content', 0],
    ['HTTP/1.1 204 No Content\r\ncontent-length: 5', 0],
    ['HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked', 0],
    ['HTTP/1.1 205 Reset Content\r\ncontent-length: 0', 0],
    ['HTTP/1.1 304 Not Modified', 0],
    ['HTTP/1.1 304 Not Modified\r\ncontent-length: 5', 0],
    ['HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked', 0],
  ])('is read from %j', (text, length) => {
    expect(parse(text).length).toBe(length);
  });

  it.each([
    ['the same length twice', ['content-length: 5', 'content-length: 5']],
    ['two lengths', ['content-length: 5', 'content-length: 6']],
    ['a list of lengths', ['content-length: 5, 5']],
    ['no length', ['content-length:']],
    ['a negative length', ['content-length: -5']],
    ['a plus', ['content-length: +5']],
    ['a hexadecimal length', ['content-length: 0x10']],
    ['an exponent', ['content-length: 1e3']],
    ['a fraction', ['content-length: 5.0']],
    ['a blank within', ['content-length: 1 0']],
    ['words', ['content-length: five']],
    ['more than a number holds', ['content-length: 18446744073709551616']],
    ['length and coding', ['content-length: 5', 'transfer-encoding: chunked']],
    ['coding and length', ['transfer-encoding: chunked', 'content-length: 5']],
    ['another coding', ['transfer-encoding: gzip']],
    ['another coding first', ['transfer-encoding: gzip, chunked']],
    ['the coding twice in a list', ['transfer-encoding: chunked, chunked']],
    ['the coding twice', ['transfer-encoding: chunked', 'transfer-encoding: chunked']],
    ['the coding with something beside it', ['transfer-encoding: chunked;q=1']],
    ['no coding', ['transfer-encoding:']],
    ['a coding that almost says it', ['transfer-encoding: xchunked']],
  ])('refuses %s', (_, lines) => {
    for (const status of [200, 204, 304]) {
      expect(() => parse([`HTTP/1.1 ${status} X`, ...lines].join('\r\n'))).toThrow(
        expect.objectContaining({ code: 'HTTP_INVALID' }),
      );
    }
  });

  it('refuses a transfer coding in HTTP/1.0', () => {
    expect(() => parse('HTTP/1.0 200 OK\r\ntransfer-encoding: chunked')).toThrow(/transfer coding/);
  });
});

describe('whether the connection lives on', () => {
  const said = (version: string, ...lines: string[]): boolean =>
    parse([`HTTP/${version} 200 OK`, 'content-length: 0', ...lines].join('\r\n')).persistent;

  it.each([
    [true, '1.1', []],
    [true, '1.1', ['connection: keep-alive']],
    [true, '1.1', ['connection: x-closed, upgrade']],
    [true, '1.1', ['connection:']],
    [false, '1.1', ['connection: close']],
    [false, '1.1', ['Connection: CLOSE']],
    [false, '1.1', ['connection: upgrade,close']],
    [false, '1.1', ['connection: upgrade ,\tclose , te']],
    [false, '1.1', ['connection: keep-alive, close']],
    [false, '1.1', ['connection: keep-alive', 'connection: close']],
    [false, '1.0', []],
    [true, '1.0', ['connection: keep-alive']],
    [true, '1.0', ['Connection: Keep-Alive']],
    [true, '1.0', ['connection: upgrade, keep-alive']],
    [false, '1.0', ['connection: close']],
    // RFC 9112, 9.3: "close" is asked for first.
    [false, '1.0', ['connection: keep-alive, close']],
    [false, '1.0', ['connection: close', 'connection: keep-alive']],
  ])('%s in HTTP/%s with %j', (expected, version, lines) => {
    expect(said(version, ...lines)).toBe(expected);
  });

  it('does not when its end is the end of the body', () => {
    expect(parse('HTTP/1.1 200 OK\r\nconnection: keep-alive').persistent).toBe(false);
  });
});
