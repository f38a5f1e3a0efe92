import { describe, expect, it } from 'vitest';
import type { Endpoint } from './endpoint.ts';
import { empty } from './respond.ts';
import { Router } from './router.ts';

const dialect = { encodeError: () => '{}' };
const endpoint = (method: 'GET' | 'POST', ...paths: string[]): Endpoint => ({
  name: paths[0] ?? '',
  method,
  paths,
  dialect,
  handle: () => empty(200),
});
const chat = endpoint('POST', '/llm/v1/chat/completions', '/llm/chat/completions');
const router = new Router([chat, endpoint('GET', '/health')], [{ prefix: '/llm', dialect }]);

describe('Router', () => {
  it('finds an endpoint at each of its paths', () => {
    for (const path of chat.paths) expect(router.match('POST', path)).toEqual({ kind: 'endpoint', endpoint: chat });
  });

  it.each([
    ['/v1/chat/completions', '/llm/v1/chat/completions'],
    ['/v1/v1/chat/completions/', '/llm/v1/chat/completions'],
    ['/api/chat/completions', '/llm/v1/chat/completions'],
    ['/chat/nothing', undefined],
    ['/completions', undefined],
    ['/', undefined],
    ['', undefined],
  ])('knows that %j is like %j', (path, meant) => {
    expect(router.like(path)).toBe(meant);
  });

  it('names the methods a known path takes', () => {
    expect(router.match('GET', '/llm/chat/completions')).toMatchObject({
      kind: 'wrong_method',
      allow: 'POST, OPTIONS',
    });
  });

  it('takes HEAD for GET where the endpoint says so', () => {
    const list: Endpoint = { ...endpoint('GET', '/list', '/list/'), head: true };
    const mixed = new Router([list, endpoint('POST', '/list/'), endpoint('GET', '/plain')], []);
    for (const path of ['/list', '/list/one/two']) {
      expect(mixed.match('HEAD', path)).toEqual({ kind: 'endpoint', endpoint: list });
    }
    expect(mixed.match('PUT', '/list/one')).toMatchObject({ allow: 'GET, HEAD, POST, OPTIONS' });
    expect(mixed.match('HEAD', '/plain')).toMatchObject({ kind: 'wrong_method', allow: 'GET, OPTIONS' });
  });

  it.each(['/llm', '/llm/', '/llm/v1/nothing', '/llm/__proto__'])('keeps %s, below a prefix, as unknown', (path) => {
    expect(router.owns(path)).toBe(true);
    expect(router.match('GET', path).kind).toBe('unknown');
  });

  it.each(['/', '', '/llmx', '/LLM/v1/models', '/health/', '/__proto__', '/constructor'])(
    'leaves %j to the host',
    (path) => {
      expect(router.owns(path)).toBe(false);
      expect(router.match('GET', path).kind).toBe('foreign');
    },
  );

  it('gives everything below a path that ends in a slash to its endpoint, the longest first', () => {
    const models = endpoint('POST', '/llm/google/v1beta/models/');
    const inner = endpoint('POST', '/llm/google/v1beta/models/tuned/');
    const list = endpoint('GET', '/llm/google/v1beta/models');
    const paths = new Router(
      [models, inner, list],
      [
        { prefix: '/llm', dialect },
        { prefix: '/llm/google', dialect: { encodeError: () => 'google' } },
      ],
    );
    const at = (method: string, path: string) => paths.match(method, path);
    expect(at('POST', '/llm/google/v1beta/models/a/b:generateContent')).toEqual({ kind: 'endpoint', endpoint: models });
    expect(at('POST', '/llm/google/v1beta/models/tuned/x')).toEqual({ kind: 'endpoint', endpoint: inner });
    expect(at('GET', '/llm/google/v1beta/models')).toEqual({ kind: 'endpoint', endpoint: list });
    expect(at('GET', '/llm/google/v1beta/models/x').kind).toBe('wrong_method');
    expect(at('POST', '/llm/google/v1beta/models/').kind).toBe('unknown');
    const unknown = at('POST', '/llm/google/nothing');
    expect(unknown.kind === 'unknown' && unknown.dialect.encodeError(undefined as never)).toBe('google');
  });
});
