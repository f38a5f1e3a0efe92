import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../config/parse.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import { defineProvider, type ProviderDefinition } from './definition.ts';
import { Provider } from './provider.ts';
import { PROVIDERS } from './registry.ts';

function provider(table: { type: string } & Record<string, unknown>, own?: ProviderDefinition): Provider {
  const { config } = parseConfig({ llm: { providers: { main: table } } }, { kinds: own === undefined ? [] : [own] });
  const definition = own ?? PROVIDERS.get(table.type);
  const parsed = config.llm.providers['main'];
  if (definition === undefined || parsed === undefined) throw new Error('no such provider');
  return new Provider(definition, parsed);
}

function exchange(headers: Record<string, string> = {}): Exchange {
  return {
    method: 'POST',
    path: '/',
    query: '',
    host: { mountPath: '' },
    closed: false,
    header: (name) => headers[name],
    headerNames: () => Object.keys(headers),
    bytes: async () => new Uint8Array(),
    onClose: () => () => {},
  };
}

/** Headers by name; fails when one is sent twice. */
function sent(headers: readonly string[]): Record<string, string> {
  const names = headers.filter((_, index) => index % 2 === 0);
  expect(new Set(names).size).toBe(names.length);
  return Object.fromEntries(names.map((name, index) => [name, headers[index * 2 + 1] ?? '']));
}

const GROUND = { 'content-type': 'application/json', 'user-agent': 'nexus-ai' };

function refusal(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (NexusError.is(error)) return `${error.code} ${error.status}: ${error.message}`;
    throw error;
  }
  throw new Error('accepted');
}

describe('paths', () => {
  it.each([
    ['openai', undefined, {}, 'https://api.openai.com', '/v1/chat/completions'],
    ['openai', 'http://h:81/a/b/', {}, 'http://h:81', '/a/b/chat/completions'],
    ['anthropic', undefined, {}, 'https://api.anthropic.com', '/v1/messages'],
    ['perplexity', undefined, {}, 'https://api.perplexity.ai', '/chat/completions'],
    ['google', undefined, {}, 'https://generativelanguage.googleapis.com', '/v1beta/models/m%3A1%3F:generateContent'],
    [
      'azure',
      'https://r.openai.azure.com',
      {},
      'https://r.openai.azure.com',
      '/openai/deployments/m%3A1%3F/chat/completions?api-version=2024-10-21',
    ],
    [
      'azure',
      'https://r.openai.azure.com/openai',
      { apiVersion: '2024-02-01' },
      'https://r.openai.azure.com',
      '/openai/deployments/m%3A1%3F/chat/completions?api-version=2024-02-01',
    ],
    ['azure', 'https://r.openai.azure.com/openai/v1/', {}, 'https://r.openai.azure.com', '/openai/v1/chat/completions'],
    [
      'azure',
      'https://r.openai.azure.com/openai/v1',
      { apiVersion: 'preview' },
      'https://r.openai.azure.com',
      '/openai/v1/chat/completions?api-version=preview',
    ],
  ])('of %s at %j with %j', (type, baseUrl, more, url, path) => {
    const main = provider({ type, ...(baseUrl === undefined ? {} : { baseUrl }), ...more });
    expect(main.url).toBe(url);
    expect(main.path(main.primary, 'm:1?', false)).toBe(path);
  });

  it.each([
    ['gemini-2.5', true, '/v1beta/models/gemini-2.5:streamGenerateContent?alt=sse'],
    ['publishers/x/m', false, '/v1beta/models/publishers/x/m:generateContent'],
    ['a?key=b#c', false, '/v1beta/models/a%3Fkey%3Db%23c:generateContent'],
  ])('of google, for %s', (model, stream, path) => {
    expect(provider({ type: 'google' }).path('google-generate', model, stream)).toBe(path);
  });

  it.each(['..', '../../v1/x', 'a/./b', 'a/..', '\ud800'])('refuse the model %j', (model) => {
    const call = () => provider({ type: 'google' }).path('google-generate', model, false);
    expect(refusal(call)).toMatch(/^invalid_request 400: The name of the model/);
  });

  it.each(['..', '\ud800'])('refuse the deployment %j', (model) => {
    const call = () => provider({ type: 'azure', baseUrl: 'https://r' }).path('openai-chat', model, false);
    expect(refusal(call)).toMatch(/^invalid_request 400: The name of the model/);
  });

  it('keep a deployment in its segment', () => {
    const main = provider({ type: 'azure', baseUrl: 'https://r' });
    expect(main.path('openai-chat', '../x', false)).toMatch(/^\/openai\/deployments\/\.\.%2Fx\/chat/);
  });

  it('tell which protocols are spoken', () => {
    const speaks = (main: Provider) =>
      (['openai-chat', 'openai-responses', 'anthropic-messages', 'google-generate'] as const).filter((id) =>
        main.speaks(id),
      );
    expect(speaks(provider({ type: 'openai' }))).toEqual(['openai-chat', 'openai-responses']);
    expect(speaks(provider({ type: 'groq' }))).toEqual(['openai-chat']);
    expect(speaks(provider({ type: 'azure', baseUrl: 'https://r/openai/v1' }))).toEqual([
      'openai-chat',
      'openai-responses',
    ]);
    expect(speaks(provider({ type: 'azure', baseUrl: 'https://r' }))).toEqual(['openai-chat']);
    expect(() => provider({ type: 'groq' }).path('google-generate', 'm', false)).toThrow(NexusError);
  });

  it('take a service at a base URL of its own for one that only knows max_tokens', () => {
    const field = (baseUrl?: string) =>
      provider({ type: 'openai', ...(baseUrl === undefined ? {} : { baseUrl }) }).definition.maxTokensField;
    expect(field()).toBeUndefined();
    expect(field('https://api.openai.com/v1')).toBeUndefined();
    expect(field('https://eu.api.openai.com/v1')).toBeUndefined();
    expect(field('https://notapi.openai.com/v1')).toBe('max_tokens');
    expect(field('http://localhost:9/v1')).toBe('max_tokens');
    expect(provider({ type: 'mistral' }).definition.maxTokensField).toBe('max_tokens');
  });
});

describe('keys', () => {
  const forwarding = { type: 'openai', forwardToken: true };
  const key = { 'x-provider-api-key': 'sk-caller' };

  it.each<
    [string, { type: string } & Record<string, unknown>, Record<string, string>, string, boolean, string | undefined]
  >([
    ['configured', { type: 'openai', apiKey: 'sk-1' }, {}, 'sk-1', false, 'Bearer sk-1'],
    ['configured, the caller’s ignored', { type: 'openai', apiKey: 'sk-1' }, key, 'sk-1', false, 'Bearer sk-1'],
    ['the caller’s', forwarding, key, 'sk-caller', true, 'Bearer sk-caller'],
    [
      'the caller’s before the configured',
      { ...forwarding, apiKey: 'sk-1' },
      key,
      'sk-caller',
      true,
      'Bearer sk-caller',
    ],
    ['configured where the caller has none', { ...forwarding, apiKey: 'sk-1' }, {}, 'sk-1', false, 'Bearer sk-1'],
    ['whatever the caller sends', { ...forwarding, apiKey: 'sk-1' }, { 'x-provider-api-key': '' }, '', true, 'Bearer '],
    ['none, where none is needed', { type: 'ollama' }, {}, '', false, undefined],
    ['none, at a base URL', { type: 'vllm', baseUrl: 'http://gpu:8000/v1', apiKey: '' }, {}, '', false, undefined],
    ['configured, where none is needed', { type: 'vllm', apiKey: 'k' }, {}, 'k', false, 'Bearer k'],
    [
      'the caller’s, where none is needed',
      { type: 'lm_studio', forwardToken: true },
      key,
      'sk-caller',
      true,
      'Bearer sk-caller',
    ],
  ])('%s', (_name, table, headers, secret, forwarded, authorization) => {
    const credentials = provider(table).credentials(exchange({ authorization: 'Bearer client', ...headers }), 'm');
    expect(credentials).toMatchObject({ secret, forwarded });
    expect(sent(credentials.headers)).toEqual(authorization === undefined ? GROUND : { ...GROUND, authorization });
  });

  it.each<[{ type: string } & Record<string, unknown>, Record<string, string>, string]>([
    [{ type: 'openai' }, key, 'no API key configured'],
    [{ type: 'openai', apiKey: ' ' }, {}, 'no API key configured'],
    [{ type: 'openai', baseUrl: 'http://localhost:9/v1' }, {}, 'no API key configured'],
    [forwarding, {}, 'token forwarding is enabled but no API key was provided'],
    [
      { ...forwarding, apiKey: '' },
      { authorization: 'Bearer x' },
      'token forwarding is enabled but no API key was provided',
    ],
  ])('are missing with %j and %j', (table, headers, words) => {
    const text = refusal(() => provider(table).credentials(exchange(headers), 'm'));
    expect(text).toMatch(/^key_missing 401: Provider 'main'/);
    expect(text).toContain(words);
  });

  it.each([
    ['anthropic', { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' }],
    ['google', { 'x-goog-api-key': 'k' }],
    ['azure', { 'api-key': 'k' }],
    ['groq', { authorization: 'Bearer k' }],
  ])('go to %s in its own way', (type, expected) => {
    const { headers } = provider({ type, apiKey: 'k', baseUrl: 'https://h' }).credentials(exchange(), 'm');
    expect(sent(headers)).toEqual({ ...GROUND, ...expected });
  });
});

describe('headers', () => {
  const table = (headers: unknown[], more: Record<string, unknown> = {}) =>
    provider({ type: 'openai', apiKey: 'sk-1', headers, ...more });

  it('pass on what means something to the vendor, unless a rule takes it out', () => {
    const client = exchange({ 'anthropic-beta': 'b1,b2', 'openai-beta': 'o', 'x-other': '1' });
    const anthropic = { type: 'anthropic', apiKey: 'k' };
    expect(sent(provider(anthropic).credentials(client, 'm').headers)['anthropic-beta']).toBe('b1,b2');
    expect(sent(provider(anthropic).credentials(client, 'm').headers)).not.toHaveProperty('x-other');
    const headers = [{ rule: 'remove', name: 'anthropic-beta' }];
    expect(sent(provider({ ...anthropic, headers }).credentials(client, 'm').headers)).not.toHaveProperty(
      'anthropic-beta',
    );
  });

  it('apply the rules of the provider, then those of the model by the name clients use', () => {
    const headers = [
      { rule: 'insert', name: 'x-team', value: 'all' },
      { rule: 'insert', name: 'x-a', value: '1' },
    ];
    const models = { fast: { upstream: 'gpt-5', headers: [{ rule: 'insert', name: 'x-team', value: 'fast' }] } };
    const main = table(headers, { models });
    expect(sent(main.credentials(exchange(), 'fast').headers)).toMatchObject({ 'x-team': 'fast', 'x-a': '1' });
    expect(sent(main.credentials(exchange(), 'gpt-5').headers)).toMatchObject({ 'x-team': 'all', 'x-a': '1' });
    expect(sent(main.credentials(exchange(), 'constructor').headers)).toMatchObject({ 'x-team': 'all' });
  });

  it('replace the key only where a rule names its header', () => {
    const client = exchange({ authorization: 'Bearer caller', 'x-auth': 'Basic abc' });
    const of = (...rules: unknown[]) => {
      const { headers, secret, forwarded } = table(rules).credentials(client, 'm');
      return [sent(headers)['authorization'], secret, forwarded];
    };
    expect(of({ rule: 'forward', name: 'authorization' })).toEqual(['Bearer caller', 'caller', true]);
    expect(of({ rule: 'forward', name: 'x-auth', rename: 'authorization' })).toEqual(['Basic abc', 'abc', true]);
    expect(of({ rule: 'insert', name: 'Authorization', value: 'Bearer sk-2' })).toEqual(['Bearer sk-2', 'sk-2', false]);
    expect(of({ rule: 'forward', pattern: '.' })).toEqual(['Bearer sk-1', 'sk-1', false]);
    expect(of({ rule: 'remove', pattern: '.' })).toEqual(['Bearer sk-1', 'sk-1', false]);
    expect(of({ rule: 'insert', name: 'x', value: 'y' })).toEqual(['Bearer sk-1', 'sk-1', false]);
  });

  it('know the key that a rule gives to a server that needs none', () => {
    const headers = [{ rule: 'insert', name: 'authorization', value: 'Bearer inserted' }];
    expect(provider({ type: 'vllm', headers }).credentials(exchange(), 'm').secret).toBe('inserted');
  });

  it('let a rule replace the user agent and leave what a pattern finds behind', () => {
    const client = exchange({ 'user-agent': 'theirs' });
    const agent = (rule: unknown) => sent(table([rule]).credentials(client, 'm').headers)['user-agent'];
    expect(agent({ rule: 'forward', name: 'user-agent' })).toBe('theirs');
    expect(agent({ rule: 'forward', pattern: 'agent' })).toBe('nexus-ai');
  });
});

describe('models', () => {
  const models = { alias: { upstream: 'real' }, 'gpt-4': { upstream: 'gpt-4-turbo' } };

  it.each<[Record<string, unknown>, string, string | undefined]>([
    [{}, 'any/thing', 'any/thing'],
    [{ models }, 'alias', 'real'],
    [{ models, modelsOnly: true }, 'other', undefined],
    [{ models, modelFilter: '^gpt' }, 'GPT-5', 'GPT-5'],
    [{ models, modelFilter: '^gpt' }, 'gpt-4', 'gpt-4'],
    [{ models, modelFilter: '^gpt' }, 'alias', 'real'],
    [{ models, modelFilter: '^gpt' }, 'claude', undefined],
    [{ models, modelFilter: '^gpt', modelsOnly: true }, 'gpt-5', 'gpt-5'],
    [{ modelFilter: 'org/' }, 'my/org/m', 'my/org/m'],
    [{ modelFilter: 'a' }, 'a'.repeat(600), undefined],
  ])('with %j, %s is %s', (more, id, expected) => {
    expect(provider({ type: 'openai', ...more }).resolve(id)).toBe(expected);
  });
});

describe('a definition of one’s own', () => {
  const acme: ProviderDefinition = {
    kind: 'acme',
    protocols: [{ id: 'anthropic-messages', path: (model, stream) => `/${model}/${stream ? 'sse' : 'once'}` }],
    authorize: (key) => ['x-acme', key],
    clientHeaders: ['x-acme-trace'],
    origin: 'anthropic',
  };

  it('is a provider like any other', () => {
    const main = provider({ type: 'acme', baseUrl: 'https://acme.example/api', apiKey: 'k' }, defineProvider(acme));
    expect(main.path('anthropic-messages', 'm', true)).toBe('/api/m/sse');
    expect(sent(main.credentials(exchange({ 'x-acme-trace': 't' }), 'm').headers)).toEqual({
      ...GROUND,
      'x-acme': 'k',
      'x-acme-trace': 't',
    });
  });

  it('cannot be changed afterwards', () => {
    const defined = defineProvider(acme);
    expect([defined, defined.protocols, defined.protocols[0], defined.clientHeaders].every(Object.isFrozen)).toBe(true);
    expect(Object.isFrozen(acme)).toBe(false);
  });

  it.each<[string, Record<string, unknown>]>([
    ['kind must be', { kind: 'Acme Inc' }],
    ['kind must be', { kind: undefined }],
    ['protocols must name', { protocols: [] }],
    ['protocols must be among', { protocols: [{ id: 'soap', path: '/x' }] }],
    [
      'openai-chat is given twice',
      {
        protocols: [
          { id: 'openai-chat', path: '/a' },
          { id: 'openai-chat', path: '/b' },
        ],
      },
    ],
    ['must begin with "/"', { protocols: [{ id: 'openai-chat', path: 'chat' }] }],
    ['baseUrl must be', { baseUrl: 'acme.example' }],
    ['baseUrl must be', { baseUrl: 'https://acme.example/?key=1' }],
    ['baseUrl must be', { baseUrl: 'https://user:secret@acme.example' }],
    ['authorize must be a function', { authorize: 'Bearer' }],
    ['authorize must give', { authorize: (key: string) => ['Authorization', key] }],
    ['authorize must give', { authorize: (key: string) => [key] }],
    ['authorize must give', { authorize: () => [] }],
    ['clientHeaders must be', { clientHeaders: ['X Y'] }],
  ])('is refused: %s', (words, wrong) => {
    const definition = { ...acme, ...wrong } as ProviderDefinition;
    const text = refusal(() => defineProvider(definition));
    expect(text).toMatch(/^config_invalid /);
    expect(text).toContain(words);
    expect(text).not.toContain('secret');
  });
});
