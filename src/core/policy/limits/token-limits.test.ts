import { describe, expect, it } from 'vitest';
import type { ParsedTokenLimit, ParsedTokenRate } from '../../config/resolve-limits.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import type { Principal } from '../../exchange/principal.ts';
import { openRecord } from '../../exchange/record.ts';
import type { Usage } from '../../exchange/usage.ts';
import { MemoryCounters } from '../../stores/memory-counters.ts';
import { type ProviderTokenRates, TokenLimits, type TokenUser } from './token-limits.ts';

const MINUTE = 60_000;
const HELLO = 8;

const caller = (id: string, group?: string): Principal => ({ id, group, claims: {}, token: undefined });
const rule = (limit: number, groups: Record<string, number> = {}, shared = false): ParsedTokenRate => ({
  standard: { limit, interval: MINUTE },
  groups: Object.fromEntries(Object.entries(groups).map(([name, of]) => [name, { limit: of, interval: MINUTE }])),
  shared,
});
const named = (limit: Partial<ParsedTokenLimit>): ParsedTokenLimit => ({
  name: 'all',
  limit: 100,
  interval: MINUTE,
  by: 'client',
  count: ['input', 'output'],
  groups: undefined,
  models: undefined,
  ...limit,
});

interface Asked {
  readonly principal?: Principal | undefined;
  readonly provider?: string;
  readonly model?: string;
  readonly prompt?: number;
  readonly input?: number;
  readonly output?: number;
  readonly prefix?: string;
  /** Of an earlier call: the request goes on to another target. */
  readonly after?: TokenUser;
}

function create(options: {
  providers?: Record<string, ProviderTokenRates>;
  limits?: ParsedTokenLimit[];
  tells?: boolean;
}) {
  const clock = { now: 0 };
  const limits = new TokenLimits({
    providers: options.providers ?? {},
    limits: options.limits ?? [],
    tells: options.tells ?? false,
    store: new MemoryCounters({ now: () => clock.now }),
  });
  const call = (asked: Asked = {}) => {
    const { principal, provider = 'openai', model = 'gpt-5', prompt = HELLO, prefix = '' } = asked;
    const user = asked.after ?? { record: openRecord('id', 0, 'test', undefined), principal, booking: undefined };
    try {
      const told = limits.admit({
        user,
        provider,
        model,
        promptTokens: () => prompt,
        inputTokens: () => asked.input ?? prompt,
        outputBound: () => asked.output ?? 0,
        prefix,
      });
      return { user, told: told as readonly string[] | undefined, error: undefined };
    } catch (error) {
      if (!NexusError.is(error)) throw error;
      return { user, told: undefined, error };
    }
  };
  const passes = (count: number, asked: Asked = {}): number =>
    Array.from({ length: count }, () => call(asked)).filter(({ error }) => error === undefined).length;
  return { clock, limits, call, passes };
}

const usage = (input: number, output: number): Usage => ({ input, output, cacheRead: 0, cacheWrite: 0, reasoning: 0 });
const openai = (tokenRate?: ParsedTokenRate, models: ProviderTokenRates['models'] = {}) => ({
  openai: { tokenRate, models },
});

describe('limits of providers and models', () => {
  it('100 a minute, Hello: 12 pass, the 13th does not; other models and other clients have their own', () => {
    const { call, passes } = create({ providers: openai(rule(100)) });
    const ann = { principal: caller('ann') };
    expect(passes(12, ann)).toBe(12);
    expect(call(ann).error).toMatchObject({
      status: 429,
      code: 'rate_limited',
      message: 'Token rate limit exceeded. Please try again later.',
      headers: undefined,
    });
    expect(passes(20, { ...ann, model: 'gpt-5-mini' })).toBe(12);
    expect(passes(20, { principal: caller('bob') })).toBe(12);
    expect(passes(20)).toBe(12);
  });

  it.each<[string, Asked, number]>([
    ['the group of the model', { principal: caller('a', 'free'), model: 'big' }, 1],
    ['the model, for a group it does not name', { principal: caller('a', 'paying'), model: 'big' }, 2],
    ['the model, for callers without a group', { principal: caller('a'), model: 'big' }, 2],
    ['the group of the provider', { principal: caller('a', 'paying') }, 8],
    ['the provider, for a group it does not name', { principal: caller('a', 'free') }, 4],
    ['the provider, for nobody', {}, 4],
    ['nothing at another provider', { principal: caller('a', 'free'), provider: 'other' }, 50],
    ['nothing where the limit is 0', { principal: caller('a'), model: 'open' }, 50],
  ])('hierarchy: %s', (_, asked, expected) => {
    const models = { big: { tokenRate: rule(16, { free: 8 }) }, open: { tokenRate: rule(0) } };
    const { passes } = create({ providers: openai(rule(32, { paying: 64 }), models) });
    expect(passes(50, asked)).toBe(expected);
  });

  it('shared: the models of the provider have one counter', () => {
    const { passes } = create({ providers: openai(rule(100, {}, true)) });
    expect([passes(6), passes(20, { model: 'other' })]).toEqual([6, 6]);
  });

  it('nothing is given back: the record changes nothing', () => {
    const { call, passes } = create({ providers: openai(rule(16)) });
    expect(call().user.booking).toBeUndefined();
    expect(passes(5)).toBe(1);
  });

  it('no tokens are not limited', () => {
    expect(create({ providers: openai(rule(1)) }).passes(9, { prompt: 0 })).toBe(9);
  });

  it('a request larger than the limit cannot be helped by waiting', () => {
    const { call } = create({ providers: openai(rule(100)), tells: true });
    const { error } = call({ prompt: 101, prefix: 'Rate limit exceeded: ' });
    expect(error?.message).toBe(
      'Rate limit exceeded: The request requires more tokens than the configured limit allows and cannot be fulfilled.',
    );
    expect(error?.headers).toEqual(['x-should-retry', 'false']);
    expect(call({ prompt: 100 }).error).toBeUndefined();
  });

  it('tells where that is on', () => {
    const { call, clock } = create({ providers: openai(rule(20)), tells: true });
    expect(call().told?.slice(0, 4)).toEqual(['x-ratelimit-limit-tokens', '20', 'x-ratelimit-remaining-tokens', '12']);
    clock.now = 10_000;
    call();
    expect(call().error?.headers?.slice(0, 2)).toEqual(['retry-after', '50']);
  });
});

describe('limits by name', () => {
  const finish = ({ booking, record }: TokenUser, used?: Usage) => {
    record.usage = used;
    booking?.settle(record);
  };

  it('reserve the input and what may be written, and settle what was used', () => {
    const { call } = create({ limits: [named({})] });
    const first = call({ input: 10, output: 80 });
    expect(first.told?.[3]).toBe('10');
    expect(call({ input: 11 }).error?.headers?.slice(0, 2)).toEqual(['retry-after', '60']);
    finish(first.user, usage(12, 20));
    expect(call({ input: 1 }).told?.[3]).toBe('67');
  });

  it('give all back when nothing was used, once', () => {
    const { call } = create({ limits: [named({})] });
    const { user } = call({ input: 90 });
    finish(user);
    finish(user, usage(99, 0));
    expect(call({ input: 100 }).error).toBeUndefined();
  });

  it('book more than was reserved, over the limit too', () => {
    const { call, clock } = create({ limits: [named({})] });
    finish(call({ input: 10 }).user, usage(10, 500));
    expect(call({ input: 1 }).error?.code).toBe('rate_limited');
    clock.now = MINUTE;
    expect(call({ input: 100 }).error).toBeUndefined();
  });

  it('settle in the window of the reservation, however late', () => {
    const { call, clock } = create({ limits: [named({})] });
    const { user } = call({ input: 10 });
    clock.now = 2 * MINUTE;
    finish(user, usage(100, 100));
    expect(call({ input: 100 }).error).toBeUndefined();
  });

  it('count input or output alone', () => {
    const { call } = create({ limits: [named({ count: ['output'], limit: 50 })] });
    const { user } = call({ input: 5000, output: 50 });
    expect(call({ input: 1, output: 10 }).error).toBeDefined();
    finish(user, usage(5000, 30));
    expect(call({ output: 20 }).error).toBeUndefined();
  });

  it('a bound above the limit is no reason to refuse; an input above it is', () => {
    const { call } = create({ limits: [named({})] });
    expect(call({ input: 101 }).error?.headers).toEqual(['x-should-retry', 'false']);
    expect(call({ input: 10, output: 1_000_000 }).told?.[3]).toBe('0');
  });

  it.each<[string, Partial<ParsedTokenLimit>, Asked, Asked, boolean]>([
    [
      'client: not another one',
      { by: 'client' },
      { principal: caller('a', 'g') },
      { principal: caller('b', 'g') },
      true,
    ],
    ['group: all of it', { by: 'group' }, { principal: caller('a', 'g') }, { principal: caller('b', 'g') }, false],
    ['group: not another one', { by: 'group' }, { principal: caller('a', 'g') }, { principal: caller('a', 'h') }, true],
    ['everyone', { by: 'everyone' }, { principal: caller('a') }, { provider: 'x', model: 'y' }, false],
    [
      'groups it does not hold for',
      { groups: ['g'] },
      { principal: caller('a', 'g') },
      { principal: caller('a', 'h') },
      true,
    ],
    ['models it does not hold for', { models: ['openai/*'] }, {}, { provider: 'x' }, true],
    ['models it holds for', { models: ['openai/*', 'x/*'] }, {}, { provider: 'x' }, false],
  ])('%s', (_, limit, first, second, admitted) => {
    const { call } = create({ limits: [named(limit)] });
    expect(call({ ...first, input: 100 }).error).toBeUndefined();
    expect(call({ ...second, input: 1 }).error === undefined).toBe(admitted);
  });

  it('all or nothing: what one refuses costs the others nothing', () => {
    const limits = [named({ name: 'wide', limit: 1000, by: 'everyone' }), named({ name: 'narrow' })];
    const { call, passes } = create({ limits, providers: openai(rule(40)) });
    expect(passes(50, { principal: caller('a') })).toBe(5);
    expect(call({ principal: caller('b') }).told?.slice(0, 4)).toEqual([
      'x-ratelimit-limit-tokens',
      '100',
      'x-ratelimit-remaining-tokens',
      '92',
    ]);
    expect(passes(200, { principal: caller('c'), provider: 'x' })).toBe(12);
  });
});

describe('a request that goes on to another target', () => {
  const limits = [
    named({ name: 'all' }),
    named({ name: 'first', models: ['openai/*'] }),
    named({ name: 'second', models: ['x/*'] }),
  ];
  const left = (told: readonly string[] | undefined) => told?.[3];

  it('keeps what holds for both, gives back what does not, adds what is new, and is settled once', () => {
    const { call } = create({ limits });
    const { user } = call({ input: 40 });
    call({ after: user, provider: 'x', input: 40 });
    // Of the limit for both, 40 are booked and not 80; of the first target's own, nothing any more.
    expect(left(call({ input: 1 }).told)).toBe('59');
    expect(left(call({ provider: 'x', input: 1 }).told)).toBe('58');
    user.record.usage = usage(5, 5);
    user.booking?.settle(user.record);
    user.booking?.settle(user.record);
    expect(left(call({ provider: 'x', input: 1 }).told)).toBe('87');
  });

  it('is refused by a limit of that target alone, and keeps its booking until it is settled', () => {
    const { call } = create({ limits, providers: { x: { tokenRate: rule(HELLO), models: {} } } });
    call({ provider: 'x', input: 1 });
    const { user } = call({ input: 40 });
    expect(call({ after: user, provider: 'x', input: 40 }).error).toMatchObject({ code: 'rate_limited' });
    user.booking?.settle(user.record);
    expect(left(call({ input: 1 }).told)).toBe('98');
  });
});
