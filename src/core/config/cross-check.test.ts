import { describe, expect, it } from 'vitest';
import { configIssues, formatIssue } from './issues.ts';
import { judgeConfig, parseConfig } from './parse.ts';

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
    expect(problems({ llm: { providers, protocols: { openai: { enabled: false } } } })).toEqual([
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
