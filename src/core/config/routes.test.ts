import { describe, expect, it } from 'vitest';
import { configIssues } from './issues.ts';
import { judgeConfig, parseConfig } from './parse.ts';
import type { NexusConfig } from './types.ts';

type Routes = NonNullable<NonNullable<NexusConfig['llm']>['routes']>;

const llm = (routes: unknown, more: object = {}) => ({
  llm: { providers: { openai: { type: 'openai', apiKey: 'k' }, groq: { type: 'groq', apiKey: 'k' } }, routes, ...more },
});

function problems(config: unknown): string[] {
  try {
    parseConfig(config);
    return [];
  } catch (error) {
    return configIssues(error).map(({ path, message }) => `${path}: ${message}`);
  }
}

describe('llm.routes', () => {
  it('has the defaults of the reference page', () => {
    const { config } = parseConfig(llm({ r: { targets: ['openai/gpt-4o'] } }));
    expect(config.llm.routes['r']).toMatchObject({
      strategy: 'fallback',
      sticky: 'none',
      targets: [{ model: 'openai/gpt-4o', isRoute: false, weight: 1 }],
      retry: { attempts: 2, backoffInitial: 250, backoffMax: 5000, jitter: 0.2, maxRetryAfter: 10_000 },
      breaker: { failures: 5, ratio: 0.5, minRequests: 10, window: 60_000, cooldown: 30_000 },
      maxAttemptsTotal: 6,
      timeout: undefined,
    });
    expect(config.llm.retry.attempts).toBe(2);
  });

  it('takes a table as the specification writes it, in snake_case', () => {
    const given = llm({
      assistant: {
        strategy: 'weighted',
        targets: [
          { model: 'openai/gpt-4o', weight: 80 },
          { model: 'groq/llama', weight: 20 },
        ],
        fallback: ['openai/gpt-4o-mini', 'route:cheap'],
        sticky: 'header:x-tenant',
        timeout: '120s',
        first_byte_timeout: '20s',
        idle_timeout: '30s',
        retry: { attempts: 2, on: ['network'], backoff_initial: '250ms', backoff_max: '5s', max_retry_after: '10s' },
        breaker: { failures: 5, ratio: 0.5, min_requests: 10, window: '60s', cooldown: '30s' },
      },
      cheap: { strategy: 'single', targets: ['groq/llama'] },
    });
    expect(parseConfig(given).config.llm.routes['assistant']).toMatchObject({
      fallback: [{ isRoute: false }, { model: 'cheap', isRoute: true }],
      sticky: { header: 'x-tenant' },
      timeout: 120_000,
      retry: { on: ['network'] },
    });
  });

  it('takes llm.retry where a route has none, and fails over not at all with ab unless told to', () => {
    const routes: Routes = {
      r: { targets: ['openai/a'] },
      test: { strategy: 'ab', targets: ['openai/a', 'openai/b'] },
      safe: { strategy: 'ab', failover: true, targets: ['openai/a', 'openai/b'] },
    };
    const { config } = parseConfig(llm(routes, { retry: { attempts: 3 } }));
    expect(config.llm.routes['r']?.retry.attempts).toBe(3);
    expect(config.llm.routes['test']).toMatchObject({ fallbackOn: [], sticky: 'default', experiment: 'test' });
    expect(config.llm.routes['safe']?.fallbackOn).toContain('server');
  });

  it.each<[string, unknown, RegExp]>([
    ['a circle, which is printed', { a: { targets: ['b'] }, b: { targets: ['route:a'] } }, /circle: a -> b -> a/],
    ['a circle through a fallback', { a: { targets: ['openai/x'], fallback: ['a'] } }, /circle: a -> a/],
    ['an unknown provider', { r: { targets: ['opnai/x'] } }, /no provider "opnai" \(did you mean "openai"\?\)/],
    [
      'an unknown route',
      { r: { targets: ['route:cheep'] }, cheap: { targets: ['openai/x'] } },
      /no route "cheep" \(did/,
    ],
    ['a name that is neither', { r: { targets: ['gpt-4o'] } }, /neither provider\/model nor a route/],
    ['weights that are all 0', { r: { targets: [{ model: 'openai/x', weight: 0 }] } }, /all weights are 0/],
    ['a negative weight', { r: { targets: [{ model: 'openai/x', weight: -1 }] } }, /must not be negative/],
    ['a slash in a name', { 'a/b': { targets: ['openai/x'] } }, /must not contain "\/"/],
    ['no targets', { r: {} }, /at least one target/],
    [
      'two targets of a single one',
      { r: { strategy: 'single', targets: ['openai/x', 'openai/y'] } },
      /takes one target/,
    ],
    ['a conditional without branches', { r: { strategy: 'conditional', default: 'openai/x' } }, /at least one branch/],
    ['branches elsewhere', { r: { targets: ['openai/x'], default: 'openai/y' } }, /has no meaning for fallback/],
    ['an unknown strategy', { r: { strategy: 'failover', targets: ['openai/x'] } }, /must be one of/],
    ['too many attempts', { r: { targets: ['openai/x'], retry: { attempts: 6 } } }, /at most 5/],
    ['an odd stickiness', { r: { targets: ['openai/x'], sticky: 'ip' } }, /none, key, user, session or header/],
    [
      'a condition nobody can judge',
      { r: { strategy: 'conditional', branches: [{ when: { 'request.size': 1 }, use: 'openai/x' }] } },
      /"request.size" is no field/,
    ],
  ])('refuses %s', (_, routes, message) => {
    expect(problems(llm(routes))).toEqual([expect.stringMatching(message)]);
  });

  it('knows which models a provider has, where only listed ones may be called', () => {
    const providers = { openai: { type: 'openai', apiKey: 'k', modelsOnly: true, models: { quick: {} } } };
    expect(problems(llm({ r: { targets: ['openai/quick'] } }, { providers }))).toEqual([]);
    expect(problems(llm({ r: { targets: ['openai/slow'] } }, { providers }))).toEqual([
      expect.stringMatching(/has no model "slow"/),
    ]);
  });

  it('warns of a condition that never holds', () => {
    const branches = [{ when: { 'guardrails.tags': { contains: 'pii' } }, use: 'openai/x' }];
    const { warnings } = judgeConfig(llm({ r: { strategy: 'conditional', branches } }), 'object');
    expect(warnings).toEqual([expect.stringContaining('guardrails.tags')]);
  });

  it('takes a key or a list of keys, not both', () => {
    const provider = (more: object) => ({ llm: { providers: { openai: { type: 'openai', ...more } } } });
    const { config } = parseConfig(provider({ apiKeys: ['a', 'b'] }));
    expect(config.llm.providers['openai']?.apiKeys.map((key) => key.reveal())).toEqual(['a', 'b']);
    expect(problems(provider({ apiKey: 'a', apiKeys: ['b'] }))).toEqual([expect.stringContaining('beside api_key')]);
    expect(JSON.stringify(parseConfig(provider({ apiKeys: ['sk-secret'] })).config)).not.toContain('sk-secret');
  });
});

describe('llm.routes of the strategy smart', () => {
  const targets = [
    { model: 'openai/gpt-4o', tier: 'large', tasks: ['code'] },
    { model: 'groq/llama', tier: 'small' },
  ];
  const smart = { strategy: 'smart', targets, default: 'groq/llama' };

  it('take tiers, tasks, a default and a classifier', () => {
    const { config, warnings } = parseConfig(llm({ r: { ...smart, classifier: 'openai/gpt-4o-mini' } }) as NexusConfig);
    expect(config.llm.routes['r']).toMatchObject({
      targets: [{ model: 'openai/gpt-4o', tier: 'large', tasks: ['code'] }, { tier: 'small' }],
      default: { model: 'groq/llama' },
      classifier: { model: 'openai/gpt-4o-mini', isRoute: false },
      callerPriority: false,
    });
    expect(warnings).toEqual([]);
    expect(parseConfig(llm({ r: smart }) as NexusConfig).config.llm.routes['r']?.classifier).toBeUndefined();
  });

  it.each([
    ['without a default', { ...smart, default: undefined }, 'llm.routes.r.default: is required for smart'],
    [
      'with a default that is no target',
      { ...smart, default: 'groq/lama' },
      'llm.routes.r.default: "groq/lama" is not among the targets of "r" (did you mean "groq/llama"?)',
    ],
    [
      'with a drained default',
      { ...smart, targets: [targets[0], { model: 'groq/llama', weight: 0 }] },
      'llm.routes.r.default: "groq/llama" is drained',
    ],
    [
      'with an unknown task',
      { ...smart, targets: [{ model: 'groq/llama', tasks: ['codes'] }] },
      'tasks[0]: must be one of "code", "maths"',
    ],
    [
      'with an unknown tier',
      { ...smart, targets: [{ model: 'groq/llama', tier: 'larg' }] },
      'tier: must be one of "small", "medium", "large"',
    ],
    [
      'with a classifier nobody has',
      { ...smart, classifier: 'opnai/x' },
      'llm.routes.r.classifier: there is no provider "opnai"',
    ],
    ['with itself as its classifier', { ...smart, classifier: 'r' }, 'llm.routes.r: goes round in a circle: r -> r'],
    ['with sticky', { ...smart, sticky: 'user' }, 'llm.routes.r.sticky: has no meaning for smart'],
    [
      'of another kind with a classifier',
      { targets: ['groq/x'], classifier: 'groq/y' },
      'llm.routes.r.classifier: has no meaning',
    ],
  ])('are refused %s', (_, route, message) => {
    expect(problems(llm({ r: route })).join('\n')).toContain(message);
  });

  it.each([
    ['of an ab test', { strategy: 'ab', targets: ['groq/x', 'groq/y'], callerPriority: true }, 'choose the arm'],
    [
      'of branches',
      {
        strategy: 'conditional',
        callerPriority: true,
        branches: [{ when: { 'request.priority': 'cost' }, use: 'groq/x' }],
      },
      'ask for request.priority',
    ],
  ])('caller_priority is refused %s', (_, route, message) => {
    expect(problems(llm({ r: route })).join('\n')).toContain(message);
  });

  it('warn where labels are missing or mean nothing', () => {
    const warnings = (route: object) => parseConfig(llm({ r: route }) as NexusConfig).warnings.join('\n');
    expect(warnings({ ...smart, targets: ['openai/gpt-4o', 'groq/llama'] })).toContain('neither tier nor tasks');
    expect(warnings({ targets })).toContain('mean nothing to fallback');
    expect(warnings({ targets, callerPriority: true })).toBe('');
  });
});
