import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Sessions } from './sessions.ts';
import type { Surface } from './surface.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const surface = { key: 'all', listen: () => () => {} } as unknown as Surface;
const facts = (owner: string) => ({ surface, owner, revision: '2025-11-25', capabilities: {}, onUnforeseen: () => {} });

describe('sessions', () => {
  it('end when nobody used them for half an hour', () => {
    const sessions = new Sessions(() => Date.now());
    const used = sessions.open(facts('id:a'))?.facts.id ?? '';
    const idle = sessions.open(facts('id:a'))?.facts.id ?? '';
    vi.advanceTimersByTime(20 * 60_000);
    expect(sessions.find(used, 'id:a', 'all')).toBeDefined();
    vi.advanceTimersByTime(15 * 60_000);
    expect(sessions.find(idle, 'id:a', 'all')).toBeUndefined();
    expect(sessions.find(used, 'id:a', 'all')).toBeDefined();
    sessions.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('of one owner make room among themselves', () => {
    const sessions = new Sessions(() => Date.now());
    const others = sessions.open(facts('id:b'))?.facts.id ?? '';
    const first = sessions.open(facts('id:a'))?.facts.id ?? '';
    for (let i = 0; i < 1000; i++) sessions.open(facts('id:a'));
    expect(sessions.find(first, 'id:a', 'all')).toBeUndefined();
    expect(sessions.find(others, 'id:b', 'all')).toBeDefined();
    expect(sessions.size).toBe(1001);
    sessions.close();
  });

  it('are found by their owner at their URL', () => {
    const sessions = new Sessions(() => Date.now());
    const id = sessions.open(facts('id:a'))?.facts.id ?? '';
    expect(sessions.find(id, 'id:b', 'all')).toBeUndefined();
    expect(sessions.find(id, 'anonymous', 'all')).toBeUndefined();
    expect(sessions.find(id, 'id:a', 'server:x')).toBeUndefined();
    expect(sessions.find(id, 'id:a', 'all')).toBeDefined();
    sessions.close();
    expect(sessions.find(id, 'id:a', 'all')).toBeUndefined();
  });
});
