import { describe, expect, it } from 'vitest';
import { configIssues, formatIssue } from './issues.ts';
import { judgeConfig, parseConfig } from './parse.ts';
import type { KnownKind } from './schema/kinds.ts';

const providers = { openai: { type: 'openai' } };

function problems(input: unknown): string[] {
  try {
    parseConfig(input);
  } catch (error) {
    return configIssues(error).map(formatIssue);
  }
  return [];
}

describe('nothing to serve', () => {
  it.each([{}, { llm: {} }, { llm: { providers: {} } }, { llm: { enabled: false, providers } }, { demo: {} }])(
    'refuses %j with a sample',
    (input) => {
      const lines = problems(input);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toContain('nothing is configured');
      expect(lines[0]).toContain(
        "{ llm: { providers: { openai: { type: 'openai', apiKey: process.env.OPENAI_API_KEY } } } }",
      );
    },
  );

  it('shows TOML to those who write TOML', () => {
    expect(judgeConfig({}, 'toml').issues[0]?.message).toContain('llm.providers.openai = { type = "openai"');
  });

  it('refuses providers nobody can reach', () => {
    const off = { enabled: false };
    expect(problems({ llm: { providers, protocols: { openai: off, anthropic: off, google: off } } })).toEqual([
      'llm.protocols: no protocol is enabled, so nobody could reach the providers',
    ]);
  });
});

describe('paths', () => {
  const paths = (llm: object) => parseConfig({ llm: { providers, ...llm } }).config.llm.protocols.openai.paths;

  it.each([
    [{}, ['/llm', '/llm/openai']],
    [{ legacyPaths: false }, ['/llm/openai']],
    [{ protocols: { openai: { path: 'ai' } } }, ['/ai']],
    [{ protocols: { openai: { path: '/' } } }, ['']],
    [{ path: '/old/' }, ['/old']],
    [{ path: '/same', protocols: { openai: { path: 'same/' } } }, ['/same']],
  ])('%j mounts %j', (llm, expected) => {
    expect(paths(llm)).toEqual(expected);
  });

  it.each(['/a b', '/a?b', '/a#b', '//a//b', '/a/../b', '/:id', '/*', '///'])('refuses %j', (path) => {
    expect(problems({ llm: { providers, protocols: { openai: { path } } } })[0]).toMatch(
      /^llm\.protocols\.openai\.path: must be a path/,
    );
  });

  it.each([
    [{}, ['/llm', '/llm/anthropic'], ['/llm/google']],
    [{ legacyPaths: false }, ['/llm/anthropic'], ['/llm/google']],
    [{ protocols: { anthropic: { path: 'claude' }, google: { path: '/gemini/' } } }, ['/claude'], ['/gemini']],
    [{ path: '/old' }, ['/llm', '/llm/anthropic'], ['/llm/google']],
  ])('%j mounts the other protocols', (llm, anthropic, google) => {
    const { protocols } = parseConfig({ llm: { providers, ...llm } }).config.llm;
    expect([protocols.anthropic.paths, protocols.google.paths]).toEqual([anthropic, google]);
  });

  it('warns about the old key and makes models_only the default', () => {
    const { config, warnings } = parseConfig({
      llm: { path: '/llm', providers: { a: { type: 'openai' }, b: { type: 'openai', modelsOnly: false } } },
    });
    expect(warnings).toEqual(['llm.path: is deprecated; use llm.protocols.openai.path']);
    expect(config.llm.providers['a']?.modelsOnly).toBe(true);
    expect(config.llm.providers['b']?.modelsOnly).toBe(false);
  });

  it('refuses two different paths', () => {
    expect(problems({ llm: { path: '/a', protocols: { openai: { path: '/b' } }, providers } })).toEqual([
      'llm.path: is the old name of llm.protocols.openai.path, and the two differ; keep one of them',
    ]);
  });

  it.each([
    ['/llm', {}],
    ['/llm/openai', {}],
    ['/llm/v1/models', {}],
    ['/llm/openai/chat/completions', {}],
    ['/v1/models', { protocols: { openai: { path: '/' } } }],
    ['/', { protocols: { openai: { path: '/' } } }],
    ['/llm/anthropic/v1/messages', {}],
    ['/llm/google/v1beta/models', {}],
  ])('refuses health at %j beside %j', (path, llm) => {
    const lines = problems({ server: { health: { path } }, llm: { providers, ...llm } });
    expect(lines).toHaveLength(path === '/' ? 0 : 1);
    if (path !== '/') expect(lines[0]).toContain(`server.health.path: "${path}" is already a path`);
  });

  it.each([
    ['/llm', { legacyPaths: false }],
    ['/llmhealth', {}],
    ['/health', { protocols: { openai: { path: '/' } } }],
    ['/llm/health', {}],
  ])('accepts health at %j beside %j', (path, llm) => {
    expect(problems({ server: { health: { path } }, llm: { providers, ...llm } })).toEqual([]);
  });

  it('ignores the path of a health endpoint that is off', () => {
    expect(problems({ server: { health: { enabled: false, path: '/llm' } }, llm: { providers } })).toEqual([]);
  });
});

describe('kinds of provider', () => {
  const provider = (table: object, kinds: readonly KnownKind[] = []) => {
    try {
      parseConfig({ llm: { providers: { main: table } } }, { kinds });
    } catch (error) {
      return configIssues(error).map((issue) => formatIssue(issue).replace('llm.providers.main.', ''));
    }
    return [];
  };

  it('asks for a base URL where the vendor has none of its own', () => {
    expect(provider({ type: 'azure' })).toEqual(['baseUrl: is required for a provider of type "azure"']);
    expect(provider({ type: 'azure', baseUrl: 'https://x.openai.azure.com', apiVersion: '2024-10-21' })).toEqual([]);
  });

  it('refuses an API version nobody would read, and one that is none', () => {
    expect(provider({ type: 'groq', apiVersion: '1' })).toEqual([
      'apiVersion: has no meaning for a provider of type "groq"',
    ]);
    expect(provider({ type: 'azure', baseUrl: 'https://x', apiVersion: 'a&b=c' })).toEqual([
      'apiVersion: must be a version such as "2024-10-21", found "a&b=c"',
    ]);
  });

  it('takes kinds from code, with hints among all of them', () => {
    const kinds = [{ kind: 'acme', baseUrl: 'https://acme.example/v1' }, { kind: 'inhouse' }];
    expect(provider({ type: 'acme', apiVersion: '7' }, kinds)).toEqual([]);
    expect(provider({ type: 'inhouse' }, kinds)).toEqual(['baseUrl: is required for a provider of type "inhouse"']);
    expect(provider({ type: 'inhouse', baseUrl: 'https://in.house' }, kinds)).toEqual([]);
    expect(provider({ type: 'acne' }, kinds)[0]).toMatch(/"acme", "inhouse", found "acne" \(did you mean "acme"\?\)$/);
    expect(provider({ type: 'acme' })[0]).toMatch(/^type: must be one of/);
  });

  it('takes several providers of one kind', () => {
    const { config } = parseConfig({ llm: { providers: { a: { type: 'groq' }, b: { type: 'groq' } } } });
    expect(Object.values(config.llm.providers).map(({ name, type }) => `${name} ${type}`)).toEqual([
      'a groq',
      'b groq',
    ]);
  });
});

describe('header rules without effect', () => {
  it('are warned about, on providers and models, and loaded all the same', () => {
    const { config, warnings } = parseConfig({
      llm: {
        providers: {
          a: {
            type: 'openai',
            headers: [
              { rule: 'forward', name: 'Host' },
              { rule: 'remove', name: 'host' },
            ],
            models: { m: { headers: [{ rule: 'forward', pattern: '^x-', default: 'y' }] } },
          },
        },
      },
    });
    expect(warnings).toEqual([
      'llm.providers.a.headers[0]: the header "host" is never passed on, so the rule has no effect',
      'llm.providers.a.models.m.headers[0].default: has no effect beside a pattern',
    ]);
    expect(config.llm.providers['a']?.headers).toHaveLength(2);
  });

  it.each([
    ...['accept', 'accept-charset', 'accept-encoding', 'accept-ranges', 'connection', 'content-length', 'content-type'],
    ...['keep-alive', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
    ...['origin', 'host', 'sec-websocket-key', 'sec-websocket-version', 'content-encoding', 'expect'],
  ])('include those for %s', (name) => {
    const headers = [{ rule: 'forward', name }];
    expect(parseConfig({ llm: { providers: { a: { type: 'openai', headers } } } }).warnings).toHaveLength(1);
  });

  it.each(['authorization', 'x-accept', 'hostname', 'accept-language', 'team'])(
    'do not include those for %s',
    (name) => {
      const headers = [{ rule: 'forward', name }];
      expect(parseConfig({ llm: { providers: { a: { type: 'openai', headers } } } }).warnings).toEqual([]);
    },
  );
});

describe('models', () => {
  const warnings = (models: object) =>
    parseConfig({ llm: { providers: { openai: { type: 'openai', models } } } }).warnings;

  it.each([
    { 'gpt-5': { rename: 'smart-model' } },
    { 'claude-opus-4-5': { rename: 'best' } },
    { fast: { rename: 'quick' }, quick: {} },
  ])('warns when %j looks reversed', (models) => {
    expect(warnings(models)).toEqual([
      expect.stringMatching(/^llm\.providers\.openai\.models\..*swap the two names, or/),
    ]);
  });

  it.each([
    { smart: { rename: 'gpt-5' } },
    { 'gpt-4': { rename: 'gpt-5' } },
    { 'gpt-5': {} },
    { 'gpt-5': { rename: 'gpt-5' } },
    { mine: { rename: 'yours' } },
    { quick: { rename: 'gpt-5' }, 'gpt-5': {} },
    { 'gpt-5': { upstream: 'my-own' }, 'my-own': {} },
    { mine: { rename: 'constructor' } },
  ])('says nothing about %j', (models) => {
    expect(warnings(models)).toEqual([]);
  });

  it('accepts max_tokens of older files with a warning, in their spelling', () => {
    expect(warnings({ a: { max_tokens: 100 } })).toEqual([
      'llm.providers.openai.models.a.max_tokens: has no effect and can be removed',
    ]);
  });
});
