import { describe, expect, it } from 'vitest';
import { baseUrl, endpointPath, parseListenAddress, pathPrefix, size } from './values.ts';

describe('parseListenAddress', () => {
  it.each([
    ['127.0.0.1:8000', { host: '127.0.0.1', port: 8000 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
    ['my-host.example:65535', { host: 'my-host.example', port: 65_535 }],
    ['[::1]:80', { host: '::1', port: 80 }],
    [' 0.0.0.0:1 ', { host: '0.0.0.0', port: 1 }],
  ])('reads %j', (text, address) => {
    expect(parseListenAddress(text)).toEqual(address);
  });

  it.each([
    '',
    '8000',
    ':8000',
    'host',
    'host:',
    'host:65536',
    'host:-1',
    'host:8o',
    '::1:80',
    '[::1]',
    'a b:1',
    'h:1/x',
  ])('refuses %j', (text) => {
    expect(parseListenAddress(text)).toBeUndefined();
  });
});

describe('paths', () => {
  it.each([
    ['/llm', '/llm', '/llm'],
    ['llm/', '/llm', '/llm'],
    ['/a/b.c/%20', '/a/b.c/%20', '/a/b.c/%20'],
    ['/', '', '/'],
    ['', '', '/'],
  ])('%j becomes %j as a prefix and %j as an endpoint', (text, prefix, endpoint) => {
    expect(pathPrefix().parse(text)).toBe(prefix);
    expect(endpointPath().parse(text)).toBe(endpoint);
  });
});

describe('size', () => {
  it.each(['1b', '1GiB', 1])('accepts %j', (value) => {
    expect(size().safeParse(value).success).toBe(true);
  });

  it.each([0, '0', '2GiB', -1, 'x', true, null])('refuses %j', (value) => {
    expect(size().safeParse(value).success).toBe(false);
  });
});

describe('baseUrl', () => {
  it.each([
    ['http://localhost:1/v1/', 'http://localhost:1/v1'],
    ['https://EXAMPLE.com', 'https://example.com'],
    ['http://[::1]:8080//', 'http://[::1]:8080'],
    ['https://h/a/b///', 'https://h/a/b'],
  ])('%j becomes %j', (text, url) => {
    expect(baseUrl().parse(text)).toBe(url);
  });
});
