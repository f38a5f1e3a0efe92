import { describe, expect, it } from 'vitest';
import { configIssues, formatIssue } from './issues.ts';
import { judgeConfig, parseConfig } from './parse.ts';

const RATE = { limit: 5, interval: '60s' };
const TOKENS = { inputTokenLimit: 100, interval: '1m' };

/** A configuration with these limits; callers are told apart unless `identification` says otherwise. */
function withLimits(
  rateLimits: object,
  { provider = {}, model = {}, llm = {}, mcp = {}, identification = {} }: Record<string, object> = {},
) {
  return {
    server: {
      rateLimits,
      clientIdentification: {
        enabled: true,
        clientId: { httpHeader: 'x-user' },
        groupId: { httpHeader: 'x-group' },
        validation: { groupValues: ['free', 'paying'] },
        ...identification,
      },
    },
    llm: { providers: { openai: { type: 'openai', models: { 'gpt-5': model }, ...provider } }, ...llm },
    mcp,
  };
}

function problems(input: unknown): string[] {
  try {
    parseConfig(input);
  } catch (error) {
    return configIssues(error).map(formatIssue);
  }
  return [];
}

describe('values', () => {
  it.each<[object, RegExp]>([
    [
      { global: { limit: 0, interval: '1s' } },
      /^server\.rateLimits\.global\.limit: must be at least 1; leave the limit out/,
    ],
    [{ global: { limit: -1, interval: '1s' } }, /limit: must be at least 1/],
    [{ global: { limit: 1.5, interval: '1s' } }, /limit: must be a whole number/],
    [{ perIp: { limit: 5 } }, /^server\.rateLimits\.perIp\.interval: is required/],
    [{ perIp: { interval: '1s' } }, /^server\.rateLimits\.perIp\.limit: is required/],
    [{ perIp: { limit: 5, interval: 0 } }, /interval: must be a duration above zero/],
    [{ perIp: { limit: 5, interval: '2y' } }, /interval: must be a duration above zero/],
    [{ perIp: { limit: 5, interval: 'soon' } }, /interval: must be a duration/],
    [{ perUser: RATE }, /perUser: unknown key/],
    [{ storage: { type: 'file' } }, /storage\.type: must be one of "memory", "redis"/],
    [{ storage: { type: 'redis' } }, /storage\.url: is required where the type is "redis"/],
    [{ storage: { type: 'redis', url: 'http://x' } }, /storage\.url: must be a URL that starts with redis:\/\//],
    [
      { storage: { tls: { clientCertPath: 'a.pem' } } },
      /storage\.tls: clientCertPath and clientKeyPath belong together/,
    ],
    [{ perClient: {} }, /perClient: needs a limit and an interval, or groups/],
    [{ perClient: { limit: 5 } }, /perClient: limit and interval belong together/],
    [{ onError: 'ignore' }, /onError: must be one of/],
  ])('refuses %j', (rateLimits, message) => {
    const lines = problems(withLimits(rateLimits));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(message);
  });

  it('shows no part of the address of Redis', () => {
    const lines = problems(withLimits({ storage: { type: 'redis', url: 'rediss:user:hunter2@host' } }));
    expect(lines.join()).not.toContain('hunter2');
    const { config } = parseConfig(withLimits({ storage: { type: 'redis', url: 'redis://:hunter2@host' } }));
    expect(JSON.stringify(config)).not.toContain('hunter2');
  });

  it('fills in what is not said, key by key', () => {
    const storage = { type: 'redis', url: 'redis://host', pool: { maxSize: 4 }, tls: { insecure: true } };
    const { rateLimits } = parseConfig(withLimits({ storage, enabled: true, global: RATE })).config.server;
    expect(rateLimits).toMatchObject({ enabled: true, headers: false, global: { limit: 5, interval: 60_000 } });
    expect(rateLimits.storage).toMatchObject({
      type: 'redis',
      keyPrefix: 'nexus:rate_limit:',
      responseTimeout: 100,
      connectionTimeout: 5000,
      onError: 'memory',
      tls: { insecure: true },
    });
  });

  it('wants whole seconds and more of Redis, everywhere', () => {
    const short = { limit: 5, interval: '999ms' };
    const storage = { type: 'redis', url: 'redis://host' };
    const rateLimits = { storage, global: short, perIp: short, perClient: { ...short, groups: { free: short } } };
    const tokens = { inputTokenLimit: 5, interval: '0.5s', groups: { free: { inputTokenLimit: 5, interval: '0.5s' } } };
    const config = withLimits(rateLimits, {
      provider: { rateLimits: { perUser: tokens } },
      model: { rateLimits: { perUser: tokens } },
      llm: { tokenLimits: { all: { limit: 5, interval: '0.5s' } } },
      mcp: { servers: { s: { cmd: ['x'], rateLimits: { ...short, tools: { t: short } } } } },
    });
    // `llm` replaces the providers of the frame only where it names them.
    const lines = problems(config).filter((line) => line.includes('at least one second where Redis counts'));
    expect(lines).toHaveLength(11);
    expect(problems(withLimits({ global: short, perIp: short }))).toEqual([]);
  });
});

describe('limits of callers', () => {
  const off = { identification: { enabled: false } };

  it.each<[string, object]>([
    [
      'llm.providers.openai.rateLimits.perUser',
      withLimits({}, { ...off, provider: { rateLimits: { perUser: TOKENS } } }),
    ],
    [
      'llm.providers.openai.models["gpt-5"].rateLimits.perUser',
      withLimits({}, { ...off, model: { rateLimits: { perUser: TOKENS } } }),
    ],
    ['server.rateLimits.perClient', withLimits({ enabled: true, perClient: RATE }, off)],
    ['llm.tokenLimits.all', withLimits({}, { ...off, llm: { tokenLimits: { all: RATE } } })],
  ])('%s needs identification', (path, config) => {
    const lines = problems(config);
    expect(lines.filter((line) => line.includes('set server.client_identification.enabled = true'))).toHaveLength(1);
    expect(lines.join('\n').replaceAll('"', '')).toContain(path.replaceAll('"', '').split('[')[0] ?? '');
    expect(judgeConfig(config, 'object', { identifies: true }).issues).toEqual([]);
  });

  it('a limit of everyone needs none', () => {
    const limits = { tokenLimits: { all: { ...RATE, by: 'everyone' } } };
    expect(problems(withLimits({ enabled: true, global: RATE, perIp: RATE }, { ...off, llm: limits }))).toEqual([]);
  });

  it('groups need a source, and names', () => {
    const provider = { rateLimits: { perUser: { ...TOKENS, groups: { free: TOKENS } } } };
    const without = (identification: object) => problems(withLimits({}, { provider, identification }));
    expect(without({ groupId: undefined })[0]).toMatch(
      /^llm\.providers\.openai\.rateLimits\.perUser\.groups: limits depend on groups, which nothing tells; add server\.client_identification\.group_id/,
    );
    expect(without({ validation: { groupValues: [] } })[0]).toMatch(/there are limits, but no names of groups/);
    expect(without({})).toEqual([]);
  });

  it('names every group nobody can have', () => {
    const rates = { rateLimits: { perUser: { ...TOKENS, groups: { gold: TOKENS, free: TOKENS } } } };
    const lines = problems(
      withLimits(
        { enabled: true, perClient: { ...RATE, groups: { silver: RATE } } },
        { provider: rates, model: rates, llm: { tokenLimits: { t: { ...RATE, groups: ['brass'] } } } },
      ),
    );
    expect(lines.map((line) => /"(\w+)"/.exec(line)?.[1]).sort()).toEqual(['brass', 'gold', 'gold', 'silver']);
  });
});

describe('what would do nothing', () => {
  it.each<[object, object, boolean]>([
    [{ global: RATE }, {}, true],
    [{ perIp: RATE }, {}, true],
    [{}, { servers: { s: { cmd: ['x'], rateLimits: RATE } } }, true],
    [{ global: RATE, enabled: false }, {}, false],
    [{ global: RATE, enabled: true }, {}, false],
    [{}, {}, false],
  ])('%j and %j: warned about is %s', (rateLimits, mcp, warned) => {
    const { warnings } = parseConfig(withLimits(rateLimits, { mcp }));
    expect(warnings.some((line) => line.includes('so requests are not limited'))).toBe(warned);
  });
});

it('reads the tables of older files', () => {
  const { config, issues } = judgeConfig(
    {
      server: {
        client_identification: { enabled: true, client_id: { http_header: 'x-user' } },
        rate_limits: {
          enabled: true,
          storage: {
            type: 'redis',
            url: 'redis://localhost:6379/0',
            key_prefix: 'mine:',
            response_timeout: '1s',
            connection_timeout: '5s',
            pool: { max_size: 16, min_idle: 0, timeout_create: '5s', timeout_wait: '5s', timeout_recycle: '300s' },
            tls: { enabled: false },
          },
          global: { limit: 1000, interval: '60s' },
          per_ip: { limit: 100, interval: '60s' },
        },
      },
      llm: {
        providers: {
          openai: {
            type: 'openai',
            rate_limits: { per_user: { input_token_limit: 1000, interval: '60s' } },
            models: { 'gpt-5': { rate_limits: { per_user: { input_token_limit: 500, interval: '60s' } } } },
          },
        },
      },
      mcp: {
        servers: {
          files: {
            cmd: ['x'],
            rate_limits: { limit: 20, interval: '60s', tools: { rm: { limit: 1, interval: '60s' } } },
          },
        },
      },
    },
    'toml',
  );
  expect(issues).toEqual([]);
  expect(config?.llm.providers['openai']).toMatchObject({
    tokenRate: { standard: { limit: 1000, interval: 60_000 }, shared: false },
    models: { 'gpt-5': { tokenRate: { standard: { limit: 500, interval: 60_000 } } } },
  });
  expect(config?.mcp.servers['files']?.rates).toMatchObject({ limit: 20, tools: { rm: { limit: 1 } } });
  expect(config?.server.rateLimits.storage).toMatchObject({
    keyPrefix: 'mine:',
    responseTimeout: 1000,
    tls: undefined,
  });
});

describe('limits of tokens that do not hold where one might think', () => {
  const groups = { paying: { inputTokenLimit: 1000, interval: '1m' } };
  const ownLimit = { rateLimits: { perUser: TOKENS } };

  it.each<[string, object, RegExp | undefined]>([
    ['a provider and no model', { rateLimits: { perUser: { ...TOKENS, groups } } }, undefined],
    [
      'a model for the same groups',
      {
        rateLimits: { perUser: { ...TOKENS, groups } },
        models: { m: { rateLimits: { perUser: { ...TOKENS, groups } } } },
      },
      undefined,
    ],
    [
      'a model for everybody, beside a provider with groups',
      { rateLimits: { perUser: { ...TOKENS, groups } }, models: { m: ownLimit } },
      /^llm\.providers\.openai\.models\.m\.rateLimits\.perUser: also holds for the group paying/,
    ],
    [
      'one model of two',
      { models: { m: ownLimit, n: {} } },
      /^llm\.providers\.openai: has no token limit for models of its own without one: n$/,
    ],
  ])('given for %s', (_, provider, expected) => {
    const { warnings } = parseConfig(withLimits({}, { provider }));
    const told = warnings.filter((line) => /token limit|also holds/.test(line));
    expect(told).toHaveLength(expected === undefined ? 0 : 1);
    if (expected !== undefined) expect(told[0]).toMatch(expected);
  });

  it('given for one provider of two', () => {
    const providers = { openai: { type: 'openai', ...ownLimit }, groq: { type: 'groq' } };
    const { warnings } = parseConfig(withLimits({}, { llm: { providers } }));
    expect(warnings.filter((line) => line.includes('token limit'))).toEqual([
      expect.stringMatching(/^llm\.providers\.groq: has no token limit for its clients/),
    ]);
  });
});
