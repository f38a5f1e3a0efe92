import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { oncePerTurn } from './once-per-turn.ts';

describe('what is written once in a turn', () => {
  it('is all of the turn, in its order, and of the next one by itself', async () => {
    const written: string[] = [];
    const write = oncePerTurn((text) => written.push(text));
    write('a\n');
    write('b\n');
    expect(written).toEqual([]);
    await setImmediate();
    expect(written).toEqual(['a\nb\n']);
    write('c\n');
    await setImmediate();
    expect(written).toEqual(['a\nb\n', 'c\n']);
  });

  it('is written when the process exits before the turn is over, and leaves no listener', async () => {
    const written: string[] = [];
    const before = process.listeners('exit');
    const write = oncePerTurn((text) => written.push(text));
    write('a\n');
    write('b\n');
    const added = process.listeners('exit').filter((listener) => !before.includes(listener));
    expect(added).toHaveLength(1);
    added[0]?.(0);
    expect(written).toEqual(['a\nb\n']);
    expect(process.listeners('exit')).toEqual(before);
    await setImmediate();
    expect(written).toEqual(['a\nb\n']);
  });
});
