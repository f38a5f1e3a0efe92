import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Link } from './link.ts';
import { LinkPool } from './link-pool.ts';

const FOREVER = Number.POSITIVE_INFINITY;
const OWNER = {};

let opened: string[];
let closed: string[];
let now: number;

/** The part of a link the pool knows. */
function fakeLink(name: string, more: { isWatching?: boolean } = {}): Link {
  const connection = { closed: false };
  const link = {
    connection,
    isWatching: false,
    ...more,
    onGone: undefined as (() => void) | undefined,
    close: async () => {
      if (connection.closed) return;
      connection.closed = true;
      closed.push(name);
      link.onGone?.();
    },
  };
  return link as unknown as Link;
}

function poolOf(maxSize: number): LinkPool {
  return new LinkPool({ maxSize, idleTimeout: 60_000, now: () => now, elapsed: () => now });
}

function use(pool: LinkPool, name: string, until = FOREVER, link = fakeLink(name)): Promise<string> {
  const open = async () => {
    opened.push(name);
    return link;
  };
  return pool.use(name, OWNER, until, open, async () => name);
}

function pass(milliseconds: number): Promise<unknown> {
  now += milliseconds;
  return vi.advanceTimersByTimeAsync(milliseconds);
}

beforeEach(() => {
  vi.useFakeTimers();
  opened = [];
  closed = [];
  now = 0;
});
afterEach(() => {
  vi.useRealTimers();
});

describe('LinkPool', () => {
  it('opens once for all who ask at the same time, and keeps it', async () => {
    const pool = poolOf(5);
    await Promise.all([use(pool, 'a'), use(pool, 'a'), use(pool, 'a')]);
    await use(pool, 'a');
    expect(opened).toEqual(['a']);
    expect(pool.peek('a')).toBeDefined();
    expect(pool.peek('b')).toBeUndefined();
  });

  it('makes room by closing the one that was used longest ago', async () => {
    const pool = poolOf(2);
    await use(pool, 'a');
    await use(pool, 'b');
    await use(pool, 'a');
    await use(pool, 'c');
    await pass(0);
    expect(closed).toEqual(['b']);
  });

  it('closes none that is in use or watched, and refuses one too many', async () => {
    const pool = poolOf(2);
    let finish = (): void => {};
    const busy = pool.use(
      'busy',
      OWNER,
      FOREVER,
      async () => fakeLink('busy'),
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    await use(pool, 'watching', FOREVER, fakeLink('watching', { isWatching: true }));
    await expect(use(pool, 'third')).rejects.toMatchObject({ code: -32603 });
    finish();
    await busy;
    expect(await use(pool, 'third')).toBe('third');
    await pass(0);
    expect(closed).toEqual(['busy']);
  });

  it('closes what nobody has used for the idle time', async () => {
    const pool = poolOf(5);
    await use(pool, 'a');
    await pass(40_000);
    await use(pool, 'a');
    await pass(40_000);
    expect(closed).toEqual([]);
    await pass(60_000);
    expect(closed).toEqual(['a']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not keep one longer than its token', async () => {
    const pool = poolOf(5);
    await use(pool, 'a', 10_000);
    await pass(10_000);
    expect(pool.peek('a')).toBeUndefined();
    await use(pool, 'a', 50_000);
    await pass(0);
    expect(opened).toEqual(['a', 'a']);
    expect(closed).toEqual(['a']);
  });

  it('tries one that failed again after five seconds', async () => {
    const pool = poolOf(5);
    let attempts = 0;
    const open = async (): Promise<Link> => {
      attempts += 1;
      throw new Error('refused');
    };
    const attempt = () => pool.use('a', OWNER, FOREVER, open, async () => 'up');
    await expect(attempt()).rejects.toThrow('refused');
    await pass(4999);
    await expect(attempt()).rejects.toThrow('refused');
    expect(attempts).toBe(1);
    await pass(1);
    await expect(attempt()).rejects.toThrow('refused');
    expect(attempts).toBe(2);
  });

  it('opens anew what was lost', async () => {
    const pool = poolOf(5);
    const link = fakeLink('a');
    await use(pool, 'a', FOREVER, link);
    await link.close();
    expect(pool.peek('a')).toBeUndefined();
    await use(pool, 'a');
    expect(opened).toEqual(['a', 'a']);
  });

  it('closes those of one owner, also one that is still being opened', async () => {
    const pool = poolOf(5);
    await use(pool, 'a');
    const other = {};
    await pool.use(
      'b',
      other,
      FOREVER,
      async () => fakeLink('b'),
      async () => 'b',
    );
    let arrive = (_: Link): void => {};
    const late = pool.use(
      'c',
      OWNER,
      FOREVER,
      () =>
        new Promise<Link>((resolve) => {
          arrive = resolve;
        }),
      async () => 'c',
    );
    const closing = pool.closeOf(OWNER);
    arrive(fakeLink('c'));
    await Promise.all([closing, late]);
    expect(closed.sort()).toEqual(['a', 'c']);
  });
});
