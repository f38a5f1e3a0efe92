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
});
