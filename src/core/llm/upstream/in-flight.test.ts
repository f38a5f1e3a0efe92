import { describe, expect, it, vi } from 'vitest';
import { InFlight, type Watched } from './in-flight.ts';

interface Item extends Watched {
  readonly name: string;
}

describe('InFlight', () => {
  it('holds exactly what was added and not removed, in any order', () => {
    const inFlight = new InFlight<Item>(() => 0);
    const items = [...'abcdef'].map((name) => ({ slot: -1, name, checkDeadlines: () => {} }));
    const names = () =>
      inFlight
        .all()
        .map(({ name }) => name)
        .sort()
        .join('');
    for (const item of items) inFlight.add(item);
    expect(names()).toBe('abcdef');
    for (const name of 'caf') inFlight.remove(items.find((item) => item.name === name) as Item);
    expect({ names: names(), size: inFlight.size }).toEqual({ names: 'bde', size: 3 });
    inFlight.remove(items[0] as Item);
    expect(inFlight.size).toBe(3);
    inFlight.add(items[0] as Item);
    for (const item of inFlight.all()) inFlight.remove(item);
    expect({ names: names(), size: inFlight.size }).toEqual({ names: '', size: 0 });
  });

  it('looks at deadlines while there are calls, and at nothing afterwards', () => {
    vi.useFakeTimers();
    try {
      let now = 0;
      const seen: number[] = [];
      const inFlight = new InFlight<Watched>(() => now);
      const item = { slot: -1, checkDeadlines: (at: number) => void seen.push(at) };
      expect(vi.getTimerCount()).toBe(0);
      inFlight.add(item);
      now = 7;
      vi.advanceTimersByTime(50);
      expect(seen).toEqual([7]);
      inFlight.remove(item);
      vi.advanceTimersByTime(200);
      expect(seen).toEqual([7]);
      expect(vi.getTimerCount()).toBe(0);
      inFlight.add(item);
      expect(vi.getTimerCount()).toBe(1);
      vi.advanceTimersByTime(50);
      expect(seen).toEqual([7, 7]);
    } finally {
      vi.useRealTimers();
    }
  });
});
