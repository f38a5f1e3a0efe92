import { inspect } from 'node:util';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type * as z from 'zod';
import { NexusError } from '../errors/nexus-error.ts';
import { configIssues, formatIssue } from './issues.ts';
import { parseConfig } from './parse.ts';
import { PROVIDER_KINDS } from './schema/kinds.ts';
import { configSchema } from './schema/root.ts';
import { Secret } from './secret.ts';
import type { NexusConfig } from './types.ts';

const KINDS = PROVIDER_KINDS.map((kind) => `"${kind}"`).join(', ');

const TABLES = Object.keys(configSchema.shape).join(', ');

const minimal = { llm: { providers: { openai: { type: 'openai' } } } };

function problems(input: unknown): string[] {
  try {
    parseConfig(input);
  } catch (error) {
    expect(NexusError.is(error) && error.code).toBe('config_invalid');
    return configIssues(error).map(formatIssue);
  }
  throw new Error('The configuration was accepted');
}

/** Problems of a provider table, without the path to it. */
function providerProblems(provider: unknown): string[] {
  return problems({ llm: { providers: { main: provider } } }).map((line) => line.replace('llm.providers.main', '~'));
}

describe('parseConfig', () => {
  it('fills in the defaults', () => {
    const { config, warnings } = parseConfig(minimal);
    expect(warnings).toEqual([]);
    // Further tables and keys have tests of their own.
    expect(config).toMatchObject({
      server: {
        listenAddress: { host: '127.0.0.1', port: 8000 },
        health: { enabled: true, path: '/health' },
        maxBody: 32 * 1024 * 1024,
      },
      llm: {
        enabled: true,
        protocols: {
          openai: { enabled: true, paths: ['/llm', '/llm/openai'] },
          anthropic: { enabled: true, paths: ['/llm', '/llm/anthropic'] },
          google: { enabled: true, paths: ['/llm/google'] },
        },
        discovery: { enabled: true, interval: 300_000, required: false, timeout: 10_000 },
        providers: {
          openai: {
            name: 'openai',
            type: 'openai',
            apiKey: undefined,
            forwardToken: false,
            baseUrl: undefined,
            apiVersion: undefined,
            headers: [],
            timeout: 600_000,
            firstByteTimeout: 120_000,
            idleTimeout: 60_000,
            modelsOnly: false,
            modelFilter: undefined,
            models: {},
          },
        },
      },
      demo: undefined,
    });
  });

  it('reads every key, in either spelling', () => {
    const camel = parseConfig({
      server: { listenAddress: '[::1]:80', health: { enabled: false, path: 'up/' }, maxBody: '1MB' },
      llm: {
        legacyPaths: false,
        protocols: { openai: { path: '/ai/' } },
        idleTimeout: 5,
        providers: {
          my_provider: {
            type: 'anthropic',
            apiKey: ' sk-1 ',
            baseUrl: 'HTTPS://Example.com/v1//',
            firstByteTimeout: '2*30s',
            modelsOnly: true,
            models: { fast_model: { rename: 'big_model' }, smart: { upstream: 'wise' }, plain: {} },
          },
        },
      },
    }).config;
    const snake = parseConfig({
      server: { listen_address: '[::1]:80', health: { enabled: false, path: 'up/' }, max_body: '1MB' },
      llm: {
        legacy_paths: false,
        protocols: { openai: { path: '/ai/' } },
        idle_timeout: 5,
        providers: {
          my_provider: {
            type: 'anthropic',
            api_key: ' sk-1 ',
            base_url: 'HTTPS://Example.com/v1//',
            first_byte_timeout: '2*30s',
            models_only: true,
            models: { fast_model: { rename: 'big_model' }, smart: { upstream: 'wise' }, plain: {} },
          },
        },
      },
    }).config;
    expect(snake).toEqual(camel);
    expect(camel.server).toMatchObject({
      listenAddress: { host: '::1', port: 80 },
      health: { enabled: false, path: '/up' },
      maxBody: 1_000_000,
    });
    expect(camel.llm.protocols.openai.paths).toEqual(['/ai']);
    const provider = camel.llm.providers['my_provider'];
    expect(provider?.apiKey?.reveal()).toBe('sk-1');
    expect(provider).toMatchObject({
      baseUrl: 'https://example.com/v1',
      timeout: 600_000,
      firstByteTimeout: 60_000,
      idleTimeout: 5000,
      modelsOnly: true,
      models: { fast_model: { upstream: 'big_model' }, smart: { upstream: 'wise' }, plain: { upstream: 'plain' } },
    });
  });

  it('keeps providers and models in the order they were written', () => {
    const { config } = parseConfig({
      llm: {
        providers: {
          zulu: { type: 'openai', models: { b: {}, a: {}, c: {} } },
          alpha: { type: 'anthropic' },
        },
      },
    });
    expect(Object.keys(config.llm.providers)).toEqual(['zulu', 'alpha']);
    expect(Object.keys(config.llm.providers['zulu']?.models ?? {})).toEqual(['b', 'a', 'c']);
  });

  it('freezes what it returns, at every depth', () => {
    const { config } = parseConfig({ ...minimal, demo: { rules: [{ reply: { text: 'hi' } }] } });
    const seen: unknown[] = [];
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      seen.push(value);
      expect(Object.isFrozen(value)).toBe(true);
      Object.values(value).forEach(visit);
    };
    visit(config);
    expect(seen.length).toBeGreaterThan(10);
  });

  it('does not touch the input', () => {
    const input = structuredClone({ ...minimal, demo: { rules: [{ reply: { text: 'hi' } }] } });
    const copy = structuredClone(input);
    parseConfig(input);
    expect(input).toEqual(copy);
    expect(Object.isFrozen(input)).toBe(false);
    expect(Object.isFrozen(input.demo.rules)).toBe(false);
  });

  it('takes an empty key for none and wraps any other', () => {
    const { config } = parseConfig({
      llm: { providers: { a: { type: 'openai', apiKey: '' }, b: { type: 'openai', apiKey: 'sk-abc' } } },
    });
    expect(config.llm.providers['a']?.apiKey).toBeUndefined();
    expect(config.llm.providers['b']?.apiKey).toBeInstanceOf(Secret);
    expect(`${inspect(config, { depth: 9 })}${JSON.stringify(config)}`).not.toContain('sk-abc');
  });

  it('reports all problems at once', () => {
    const lines = problems({
      server: { listenAdress: 'x', maxBody: 'big' },
      llm: { timeout: 0, providers: { a: { type: 'opnai' }, b: { type: 'openai', api_key: 7, basUrl: 'u' } } },
      vault: {},
    });
    expect(lines.sort()).toEqual([
      `llm.providers.a.type: must be one of ${KINDS}, found "opnai" (did you mean "openai"?)`,
      'llm.providers.b.api_key: must be text, found a number',
      'llm.providers.b.basUrl: unknown key (did you mean "baseUrl"?)',
      'llm.timeout: must be longer than zero, found 0',
      'server.listenAdress: unknown key (did you mean "listenAddress"?)',
      'server.maxBody: must be a size such as "32MiB" or a whole number of bytes, found "big"',
      `vault: unknown key; known here: ${TABLES}`,
    ]);
  });

  it('puts every problem into the message', () => {
    expect(() => parseConfig({ llm: { timeout: 'soon', idleTimeout: true } })).toThrow(
      'The configuration has 2 problems:\n' +
        '  llm.timeout: must be a duration such as "30s" or "1h30m", found "soon"\n' +
        '  llm.idleTimeout: must be text or a number, found true',
    );
  });

  it.each([new Date(0), new Map()])('refuses %j, in which nothing is configured', (input) => {
    expect(problems(input)).toEqual([expect.stringContaining('nothing is configured')]);
  });

  it.each([undefined, null, 7, 'text', []])('refuses %j as a whole', (input) => {
    expect(problems(input)).toEqual([expect.stringMatching(/^config: (?:is required and )?must be a table/)]);
  });

  it.each([
    ['a missing type', {}, `~.type: is required: one of ${KINDS}`],
    [
      'everything beside an unknown type',
      { type: 'x', timout: 1, models: { a: 1 } },
      [
        `~.type: must be one of ${KINDS}, found "x"`,
        '~.models.a: must be a table, found a number',
        '~.timout: unknown key (did you mean "timeout"?)',
      ],
    ],
    ['text for a provider', 'sk-misplaced', '~: must be a table, found a text of 12 characters'],
    ['a list for a provider', [], '~: must be a table, found a list'],
    [
      'a relative URL',
      { type: 'openai', baseUrl: '/v1' },
      '~.baseUrl: must be an absolute URL that starts with http:// or https://, found "/v1"',
    ],
    [
      'another scheme',
      { type: 'openai', baseUrl: 'file:///etc' },
      '~.baseUrl: must be an absolute URL that starts with http:// or https://, found "file:///etc"',
    ],
    [
      'no host',
      { type: 'openai', baseUrl: 'http://' },
      '~.baseUrl: must be an absolute URL that starts with http:// or https://, found "http://"',
    ],
    [
      'a password in a URL',
      { type: 'openai', baseUrl: 'http://me:pw@h/v1' },
      '~.baseUrl: must not contain a user name or password, found "http://[redacted]@h/v1"',
    ],
    [
      'a query in a URL',
      { type: 'openai', baseUrl: 'http://h/v1?k=1' },
      '~.baseUrl: must not contain a query or a fragment, found "http://h/v1?k=1"',
    ],
    ['a zero timeout', { type: 'openai', timeout: '0s' }, '~.timeout: must be longer than zero, found "0s"'],
    [
      'a wait timers cannot keep',
      { type: 'openai', timeout: '30d' },
      '~.timeout: must be shorter than 25 days, found "30d"',
    ],
    [
      'a key that splits headers',
      { type: 'openai', apiKey: 'a\r\nb: c' },
      '~.apiKey: must not contain blanks or special characters, found a text of 7 characters',
    ],
    ['a word for a switch', { type: 'openai', modelsOnly: 'yes' }, '~.modelsOnly: must be true or false, found "yes"'],
    [
      'both names of a rename',
      { type: 'openai', models: { a: { rename: 'b', upstream: 'c' } } },
      '~.models.a: rename and upstream say the same thing; give one of them',
    ],
    [
      'an empty rename',
      { type: 'openai', models: { 'gpt-4.1': { rename: '' } } },
      '~.models."gpt-4.1".rename: must not be empty, found ""',
    ],
    [
      'an unknown key of a model',
      { type: 'openai', models: { a: { rate_limitz: {} } } },
      '~.models.a.rate_limitz: unknown key (did you mean "rate_limits"?)',
    ],
    ['a list of models', { type: 'openai', models: ['a'] }, '~.models: must be a table, found a list'],
    [
      'text for a model',
      { type: 'openai', models: { a: 'b' } },
      '~.models.a: must be a table, found a text of 1 character',
    ],
  ])('refuses %s', (_name, provider, line) => {
    expect(providerProblems(provider)).toEqual([line].flat());
  });

  it.each([
    ['', 'llm.providers."": a name must not be empty'],
    ['a/b', 'llm.providers."a/b": a provider name must not contain "/"'],
  ])('refuses %j as the name of a provider', (name, line) => {
    expect(problems({ llm: { providers: { [name]: { type: 'openai' } } } })).toEqual([line]);
  });

  it('treats the names of JavaScript itself as names', () => {
    const { config } = parseConfig({
      llm: { providers: { constructor: { type: 'openai', models: { toString: {}, constructor: { rename: 'x' } } } } },
    });
    expect(Object.keys(config.llm.providers)).toEqual(['constructor']);
    expect(config.llm.providers['constructor']?.models['constructor']).toEqual({ upstream: 'x', headers: [] });
    expect(config.llm.providers['hasOwnProperty']).toBeUndefined();
    expect(config.llm.providers['constructor']?.models['valueOf']).toBeUndefined();
  });

  it.each([
    ['at the top', '{"__proto__": {"polluted": true}}', `__proto__: unknown key; known here: ${TABLES}`],
    [
      'among providers',
      '{"llm": {"providers": {"__proto__": {"type": "openai"}, "a": {"type": "openai"}}}}',
      'llm.providers: "__proto__" cannot be used as a name',
    ],
    [
      'among models',
      '{"llm": {"providers": {"a": {"type": "openai", "models": {"__proto__": {}}}}}}',
      'llm.providers.a.models: "__proto__" cannot be used as a name',
    ],
  ])('refuses __proto__ %s', (_name, json, line) => {
    expect(problems(JSON.parse(json))).toEqual([line]);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it('refuses a key that is given in both spellings', () => {
    expect(problems({ ...minimal, server: { max_body: 1, maxBody: 2 } })).toEqual([
      'server.maxBody: is given twice, also as max_body',
    ]);
  });

  it('never shows a value that may be a secret', () => {
    const secret = 'sk-proj-0123456789abcdefghijklmnopqrstuvwxyz';
    const inputs = [
      { llm: { providers: { a: { type: 'openai', apiKey: [secret] } } } },
      { llm: { providers: { a: { type: 'openai', apiKey: `${secret} ${secret}` } } } },
      { llm: { providers: { a: { type: 'openai', apikey: secret } } } },
      { llm: { providers: { a: { type: 'openai', baseUrl: secret } } } },
      { llm: { providers: { a: { type: secret } } } },
      { llm: { providers: { a: secret } } },
      { llm: { providers: { a: { type: 'openai', baseUrl: `ftp://u:${secret}@h` } } } },
      { llm: secret },
      secret,
    ];
    for (const input of inputs) expect(problems(input).join()).not.toContain('0123456789');
  });

  it('reports a wrong rule of the demo where it stands', () => {
    expect(
      problems({
        ...minimal,
        demo: { rules: [{ reply: { tool_calls: [{ name: 'x', arguments: 7 }] } }, { repli: {} }] },
      }),
    ).toEqual([
      'demo.rules[0].reply.tool_calls[0].arguments: must be a table or text, found 7',
      'demo.rules[1].reply: is required and must be a table',
      'demo.rules[1].repli: unknown key (did you mean "reply"?)',
    ]);
  });

  it('leaves the arguments of a scripted tool call as they are written', () => {
    const rules = [
      { match: { has_tools: true }, reply: { tool_calls: [{ name: 'a_b', arguments: { tool_calls: 1 } }] } },
    ];
    const { config } = parseConfig({ ...minimal, demo: { rules } });
    expect(config.demo?.rules[0]).toMatchObject({
      match: { hasTools: true },
      reply: { toolCalls: [{ name: 'a_b', arguments: { tool_calls: 1 } }] },
    });
  });

  it('takes many unknown keys in linear time', () => {
    const many = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`key${index}`, index]));
    expect(problems({ ...minimal, ...many })).toHaveLength(2000);
  });
});

describe('NexusConfig', () => {
  it('is what the schema takes', () => {
    expectTypeOf<z.input<typeof configSchema>>().toExtend<NexusConfig>();
    expectTypeOf<NexusConfig>().toExtend<z.input<typeof configSchema>>();
  });
});
