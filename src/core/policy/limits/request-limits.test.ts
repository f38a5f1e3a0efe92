import { describe, expect, it } from 'vitest';
import type { ParsedRateLimits } from '../../config/resolve-limits.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import type { Principal } from '../../exchange/principal.ts';
import { MemoryCounters } from '../../stores/memory-counters.ts';
import { stampHeaders } from './limit-headers.ts';
import { RequestLimits } from './request-limits.ts';
import { ToolLimits } from './tool-limits.ts';

const caller = (id: string, group?: string): Principal => ({ id, group, claims: {}, token: undefined });
const rate = (limit: number, seconds: number) => ({ limit, interval: seconds * 1000 });

function createLimits(rates: Partial<ParsedRateLimits>) {
  const clock = { now: 0 };
  const store = new MemoryCounters({ now: () => clock.now });
  const given: ParsedRateLimits = {
    enabled: true,
    headers: false,
    storage: { type: 'memory' },
    global: undefined,
    perIp: undefined,
    perClient: undefined,
    ...rates,
  };
  const limits = new RequestLimits(given, store);
  const call = (address?: string, principal?: Principal): NexusError | undefined => {
    try {
      limits.admit(address, principal);
      return undefined;
    } catch (error) {
      if (NexusError.is(error)) return error;
      throw error;
    }
  };
  const statuses = (count: number, address?: string, principal?: Principal) =>
    Array.from({ length: count }, () => call(address, principal)?.status ?? 200);
  return { clock, limits, call, statuses, store };
}

describe('scopes', () => {
  it('per_ip 2 in 10 s: 200, 200, 429', () => {
    expect(createLimits({ perIp: rate(2, 10) }).statuses(3, '203.0.113.7')).toEqual([200, 200, 429]);
  });

  it('per_ip 5 and global 10: five, then 429', () => {
    const { statuses } = createLimits({ global: rate(10, 60), perIp: rate(5, 60) });
    expect(statuses(8, '203.0.113.7')).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
  });

  it('what the address refuses stays counted for all, as the scope before it had admitted it', () => {
    const { statuses } = createLimits({ global: rate(6, 60), perIp: rate(2, 60) });
    expect(statuses(5, 'a')).toEqual([200, 200, 429, 429, 429]);
    expect(statuses(2, 'b')).toEqual([200, 429]);
  });

  it('two addresses do not share; callers without one do', () => {
    const { statuses } = createLimits({ perIp: rate(1, 10) });
    expect([...statuses(1, 'a'), ...statuses(1, 'b'), ...statuses(2), ...statuses(1, 'a')]).toEqual([
      200, 200, 200, 429, 429,
    ]);
  });

  it('after an interval calls pass again', () => {
    const { clock, statuses } = createLimits({ global: rate(3, 2) });
    expect(statuses(6)).toEqual([200, 200, 200, 429, 429, 429]);
    clock.now = 2000;
    expect(statuses(1)).toEqual([200]);
  });

  it('clients have limits of their own, and their groups others', () => {
    const groups = Object.assign(Object.create(null), { paying: rate(4, 60), free: rate(1, 60) });
    const perClient = { standard: rate(2, 60), groups };
    const { statuses } = createLimits({ perClient });
    expect(statuses(3, 'a', caller('ann'))).toEqual([200, 200, 429]);
    expect(statuses(3, 'a', caller('bob', 'free'))).toEqual([200, 429, 429]);
    expect(statuses(5, 'a', caller('cyd', 'paying'))).toEqual([200, 200, 200, 200, 429]);
    expect(statuses(3, 'a', caller('dan', 'unheard of'))).toEqual([200, 200, 429]);
    expect(statuses(3, 'a', caller('eve', '__proto__'))).toEqual([200, 200, 429]);
    expect(statuses(3, 'a')).toEqual([200, 200, 429]);
  });

  it('limits groups alone where there is no general limit', () => {
    const { statuses } = createLimits({ perClient: { standard: undefined, groups: { free: rate(1, 60) } } });
    expect(statuses(3, 'a', caller('ann'))).toEqual([200, 200, 200]);
    expect(statuses(2, 'a', caller('bob', 'free'))).toEqual([200, 429]);
  });
});

describe('what is told', () => {
  it('is the bare refusal, unless headers are on', () => {
    const { call } = createLimits({ global: rate(1, 60) });
    call();
    const error = call();
    expect([error?.code, error?.message, error?.headers]).toEqual(['rate_limited', 'Rate limit exceeded', undefined]);
  });

  it('is the tightest limit, and when to come back', () => {
    const { call, clock, limits } = createLimits({ headers: true, global: rate(100, 60), perIp: rate(2, 10) });
    expect(limits.admit('a', undefined)).toEqual([
      'x-ratelimit-limit-requests',
      '2',
      'x-ratelimit-remaining-requests',
      '1',
      'x-ratelimit-reset-requests',
      '10s',
    ]);
    clock.now = 2500;
    call('a');
    expect(call('a')?.headers?.slice(0, 6)).toEqual([
      'retry-after',
      '8',
      'x-ratelimit-limit-requests',
      '2',
      'x-ratelimit-remaining-requests',
      '0',
    ]);
  });

  it('stands in the place of what a provider told', () => {
    const headers = ['X-RateLimit-Limit-Requests', '9', 'content-type', 'x', 'x-ratelimit-limit-requests', '8'];
    stampHeaders(headers, ['x-ratelimit-limit-requests', '2']);
    expect(headers).toEqual(['content-type', 'x', 'x-ratelimit-limit-requests', '2']);
  });
});

describe('MCP servers', () => {
  const createTools = () => {
    const store = new MemoryCounters({ now: () => 0 });
    const rates = {
      ...rate(2, 60),
      tools: Object.assign(Object.create(null), { slow: rate(1, 60), fast: rate(5, 60) }),
    };
    const limits = new ToolLimits([['files', rates]], store);
    return (tool: string | undefined, server = 'files'): boolean => {
      try {
        void limits.admit(server, tool);
        return true;
      } catch {
        return false;
      }
    };
  };

  it('tools share the limit of their server', () => {
    const admits = createTools();
    expect(['read', 'write', 'read', undefined].map((tool) => admits(tool))).toEqual([true, true, false, false]);
  });

  it("a tool's own limit stands in the place of the server's, be it lower or higher", () => {
    const admits = createTools();
    expect(['read', 'read', 'read'].map((tool) => admits(tool))).toEqual([true, true, false]);
    expect(['slow', 'slow'].map((tool) => admits(tool))).toEqual([true, false]);
    expect(Array.from({ length: 6 }, () => admits('fast'))).toEqual([true, true, true, true, true, false]);
    expect(admits('__proto__')).toBe(false);
  });

  it('servers without limits are free', () => {
    const admits = createTools();
    expect(Array.from({ length: 20 }, () => admits('read', 'other')).every(Boolean)).toBe(true);
  });
});
