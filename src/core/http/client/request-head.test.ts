import { describe, expect, it } from 'vitest';
import type { UpstreamRequest } from '../transport.ts';
import { requestHead } from './request-head.ts';

const HOST = 'upstream.test:8080';

function head(request: Partial<UpstreamRequest> = {}, length = Buffer.byteLength(request.body ?? '')): string {
  return requestHead(
    { origin: `http://${HOST}`, path: '/', method: 'GET', headers: [], body: null, ...request },
    HOST,
    length,
  );
}

function refusal(request: Partial<UpstreamRequest>): unknown {
  try {
    return head(request);
  } catch (error) {
    return error;
  }
}

describe('the head of a request', () => {
  it('is written as one text', () => {
    expect(
      head({ path: '/v1/chat?q=%20', method: 'POST', headers: ['Content-Type', 'a/b', 'X-Two', '2'], body: '{}' }),
    ).toBe(
      'POST /v1/chat?q=%20 HTTP/1.1\r\nhost: upstream.test:8080\r\nconnection: keep-alive\r\n' +
        'Content-Type: a/b\r\nX-Two: 2\r\ncontent-length: 2\r\n\r\n',
    );
  });

  it("says the caller's own host, in its place and once", () => {
    const text = head({ headers: ['a', '1', 'Host', 'signed.test', 'b', '2'] });
    expect(text).toBe('GET / HTTP/1.1\r\nhost: signed.test\r\nconnection: keep-alive\r\na: 1\r\nb: 2\r\n\r\n');
  });

  it.each<[string, Partial<UpstreamRequest>, number, string[]]>([
    ['none for GET', {}, 0, []],
    ['none for DELETE', { method: 'DELETE' }, 0, []],
    ['none for GET, though the caller says 0', { headers: ['content-length', '0'] }, 0, []],
    ['0 for POST without a body', { method: 'POST' }, 0, ['content-length: 0']],
    ['0 for an empty body', { method: 'POST', body: '' }, 0, ['content-length: 0']],
    ['that of the body', { method: 'POST', body: 'x'.repeat(12) }, 12, ['content-length: 12']],
    ['bytes, not characters', { method: 'POST', body: 'é' }, 2, ['content-length: 2']],
    ['that of a body with GET', { body: 'x' }, 1, ['content-length: 1']],
    [
      "the caller's own once, when it is the same",
      { method: 'POST', body: 'x', headers: ['Content-Length', '1'] },
      1,
      ['content-length: 1'],
    ],
  ])('names as length %s', (_, request, length, expected) => {
    expect(head(request, length).match(/content-length: \d+/gi) ?? []).toEqual(expected);
  });

  it.each([
    ['a value above ASCII', ['x', 'caf\xe9 \xff'], 'x: caf\xe9 \xff\r\n'],
    ['an empty value', ['x', ''], 'x: \r\n'],
    ['a tab', ['x', 'a\tb'], 'x: a\tb\r\n'],
    ['a header twice', ['x', '1', 'x', '2'], 'x: 1\r\nx: 2\r\n'],
    ['every character a name may have', ["!#$%&'*+-.^_`|~09aZ", '1'], "!#$%&'*+-.^_`|~09aZ: 1\r\n"],
    [
      'names that only look like framing',
      ['x-connection', '1', 'hostname', '2', 'te2', '3'],
      'x-connection: 1\r\nhostname: 2\r\nte2: 3\r\n',
    ],
  ])('may have %s', (_, headers, expected) => {
    expect(head({ headers })).toContain(`keep-alive\r\n${expected}\r\n`);
  });
});

describe('a request that cannot be sent', () => {
  it.each<[string, Partial<UpstreamRequest>]>([
    ['an empty path', { path: '' }],
    ['a path without its slash', { path: 'secret' }],
    ['another server as path', { path: 'http://secret.test/' }],
    ['a space in the path', { path: '/secret HTTP/1.1' }],
    ['CR LF in the path', { path: '/secret\r\nx: 1' }],
    ['LF in the path', { path: '/secret\n' }],
    ['NUL in the path', { path: '/secret\0' }],
    ['a tab in the path', { path: '/\tsecret' }],
    ['DEL in the path', { path: '/\x7fsecret' }],
    ['a path beyond Latin-1', { path: '/secret\u010a' }],
    ['an empty name', { headers: ['', 'secret'] }],
    ['a space in a name', { headers: ['x y', 'secret'] }],
    ['a colon in a name', { headers: ['x:', 'secret'] }],
    ['CR LF in a name', { headers: ['x\r\ny', 'secret'] }],
    ['LF at the end of a name', { headers: ['x\n', 'secret'] }],
    ['NUL in a name', { headers: ['x\0', 'secret'] }],
    ['a name above ASCII', { headers: ['\xe9', 'secret'] }],
    ['CR LF in a value', { headers: ['x', 'secret\r\ny: 1'] }],
    ['CR in a value', { headers: ['x', 'secret\r'] }],
    ['LF at the end of a value', { headers: ['x', 'secret\n'] }],
    ['NUL in a value', { headers: ['x', 'secret\0'] }],
    ['an escape in a value', { headers: ['x', '\x1bsecret'] }],
    ['DEL in a value', { headers: ['x', 'secret\x7f'] }],
    // Its low byte is LF: in Latin-1 it would be one.
    ['a value beyond Latin-1', { headers: ['x', 'secret\u010a'] }],
    ['a value of surrogates', { headers: ['x', 'secret😀'] }],
    ['CR LF in the host', { headers: ['host', 'secret\r\nx: 1'] }],
    ['another length', { method: 'POST', body: 'xx', headers: ['content-length', '3'] }],
    ['a length that is written differently', { method: 'POST', body: 'xx', headers: ['Content-Length', '02'] }],
    ['a length without a body', { headers: ['content-length', '5'] }],
    ['connection', { headers: ['connection', 'secret'] }],
    ['Connection', { headers: ['Connection', 'close'] }],
    ['keep-alive', { headers: ['keep-alive', 'timeout=secret'] }],
    ['transfer-encoding', { method: 'POST', body: 'x', headers: ['Transfer-Encoding', 'chunked'] }],
    ['te', { headers: ['TE', 'trailers'] }],
    ['trailer', { headers: ['trailer', 'secret'] }],
    ['upgrade', { headers: ['upgrade', 'secret'] }],
  ])('is refused for %s, without telling what it says', (_, request) => {
    const error = refusal(request);
    expect(error).toMatchObject({ code: 'HTTP_UNSENDABLE', name: 'ConnectionError' });
    expect(String(error)).not.toContain('secret');
  });
});
