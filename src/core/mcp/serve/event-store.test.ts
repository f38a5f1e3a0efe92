import { describe, expect, it } from 'vitest';
import { EventStore } from './event-store.ts';

describe('the events of a session', () => {
  it('are given again after one of them, of its stream only', () => {
    const store = new EventStore();
    const first = store.add(1, '');
    store.add(2, 'other');
    const second = store.add(1, 'a');
    const third = store.add(1, 'b');
    expect(store.after(first)).toEqual({
      stream: 1,
      events: [{ id: second, text: 'a', stream: 1, number: 3 }, expect.objectContaining({ id: third })],
    });
    expect(store.after(third)).toEqual({ stream: 1, events: [] });
  });

  it.each(['', 'x', '1', '1-', '1-9', '-1', '1-1-1', '9999999999999-1'])('are not found after %j', (id) => {
    const store = new EventStore();
    store.add(1, 'a');
    expect(store.after(id)).toBeUndefined();
  });

  it('are kept in bounds, by number and by size', () => {
    const store = new EventStore();
    const first = store.add(1, 'x');
    for (let i = 0; i < 2000; i++) store.add(1, `${i}`);
    expect(store.after(first)?.events).toHaveLength(512);
    for (let i = 0; i < 10; i++) store.add(1, 'y'.repeat(1024 * 1024));
    expect(store.after(first)?.events.length).toBeLessThanOrEqual(4);
  });
});
