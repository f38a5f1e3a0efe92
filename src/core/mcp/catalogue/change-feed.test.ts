import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChangeFeed } from './change-feed.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function feed() {
  const told: string[] = [];
  let refreshed = 0;
  const changes = new ChangeFeed(
    () => Date.now(),
    () => {
      refreshed++;
    },
  );
  changes.listen((server, change) => void told.push(`${server} ${change.kind}`));
  return { changes, told, refreshes: () => refreshed };
}

describe('changes', () => {
  it('are told once per burst', () => {
    const { changes, told, refreshes } = feed();
    for (let i = 0; i < 50; i++) changes.take('a', { kind: 'tools' });
    changes.take('b', { kind: 'prompts' });
    expect(told).toEqual([]);
    vi.advanceTimersByTime(100);
    expect(told).toEqual(['a tools', 'b prompts']);
    expect(refreshes()).toBe(1);
  });

  it('are told at most once a second', () => {
    const { changes, told } = feed();
    for (let i = 0; i < 300; i++) {
      changes.take('a', { kind: 'tools' });
      vi.advanceTimersByTime(10);
    }
    expect(told.length).toBeLessThanOrEqual(4);
    expect(told.length).toBeGreaterThanOrEqual(3);
  });

  it('of a server that comes or goes are those of all lists', () => {
    const { changes, told } = feed();
    changes.take('a', { kind: 'state' });
    vi.advanceTimersByTime(100);
    expect(told).toEqual(['a tools', 'a prompts', 'a resources']);
  });

  it('of a watched resource are told at once', () => {
    const { changes, told } = feed();
    changes.take('a', { kind: 'resource', uri: 'x' });
    expect(told).toEqual(['a resource']);
  });

  it('end with the feed', () => {
    const { changes, told } = feed();
    changes.take('a', { kind: 'tools' });
    changes.close();
    changes.take('a', { kind: 'resource', uri: 'x' });
    vi.advanceTimersByTime(5000);
    expect(told).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
