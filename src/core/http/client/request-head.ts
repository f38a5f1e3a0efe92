// The head of an HTTP/1.1 request. Format: RFC 9112 (sections 3, 6.2 and 9.3), RFC 9110 (5.1 and 5.5).
import type { UpstreamRequest } from '../transport.ts';
import { ConnectionError } from './connection-error.ts';

const TARGET = /^\/[!-~\x80-\xff]*$/;
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t -~\x80-\xff]*$/;
/** What is said here, once. */
const FRAMING = /^(?:connection|content-length|host|keep-alive|te|trailer|transfer-encoding|upgrade)$/i;

/**
 * `host` is the origin's name and port, `length` that of the body in bytes; the request's own `host`, which a signature
 * may cover, comes before `host`. Throws `HTTP_UNSENDABLE` at what the server would read as something else.
 */
export function requestHead({ method, path, headers, body }: UpstreamRequest, host: string, length: number): string {
  if (!TARGET.test(path)) throw unsendable('path');
  let named = host;
  let lines = '';
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? '';
    const value = headers[i + 1] ?? '';
    if (!NAME.test(name)) throw unsendable('header name');
    if (!VALUE.test(value)) throw unsendable(`value for the header '${name}'`);
    if (!FRAMING.test(name)) lines += `${name}: ${value}\r\n`;
    else if (name.toLowerCase() === 'host') named = value;
    else if (name.toLowerCase() !== 'content-length' || value !== String(length))
      throw unsendable(`header '${name}' of its own`);
  }
  const counted = body === null && method !== 'POST' ? '' : `content-length: ${length}\r\n`;
  return `${method} ${path} HTTP/1.1\r\nhost: ${named}\r\nconnection: keep-alive\r\n${lines}${counted}\r\n`;
}

/** A value itself stays out: it may be a key. */
function unsendable(what: string): ConnectionError {
  return new ConnectionError('HTTP_UNSENDABLE', `HTTP/1.1 does not allow the request's ${what}`);
}
