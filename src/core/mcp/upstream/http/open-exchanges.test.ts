import { describe, expect, it } from 'vitest';
import { type Abortable, OpenExchanges } from './open-exchanges.ts';

function register(count: number): { open: OpenExchanges; entries: Abortable[]; aborted: number[] } {
  const open = new OpenExchanges();
  const aborted: number[] = [];
  const entries = Array.from({ length: count }, (_, index) => ({ slot: -1, abort: () => aborted.push(index) }));
  for (const entry of entries) open.add(entry);
  return { open, entries, aborted };
}

describe('OpenExchanges', () => {
  it('ends what is open, and nothing that has left in whatever order', () => {
    const { open, entries, aborted } = register(6);
    for (const index of [0, 5, 2]) open.remove(entries[index] as Abortable);
    open.abortAll();
    expect(aborted.sort()).toEqual([1, 3, 4]);
  });

  it('does not mind who leaves twice, was never in, or leaves while all are ended', () => {
    const { open, entries, aborted } = register(3);
    const [first, second] = entries as [Abortable, Abortable];
    open.remove(first);
    open.remove(first);
    open.remove({ slot: -1, abort: () => {} });
    second.abort = () => {
      open.remove(second);
      aborted.push(1);
    };
    open.abortAll();
    open.abortAll();
    expect(aborted.sort()).toEqual([1, 2]);
  });
});
