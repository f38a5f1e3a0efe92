import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withProgress } from './progress.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function open(isTTY: boolean, env = {}) {
  const written: string[] = [];
  const stderr = { isTTY, write: (text: string) => written.push(text) };
  let finish: (value: number) => void = () => {};
  let fail: (error: Error) => void = () => {};
  const work = new Promise<number>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  const shown = withProgress({ stderr, env }, 'Asking', work);
  return { written, finish, fail, shown };
}

describe('withProgress', () => {
  it('shows a sign of life on a terminal, and takes it away again', async () => {
    const { written, finish, shown } = open(true);
    vi.advanceTimersByTime(650);
    expect(written).toEqual(['\r⠋ Asking', '\r⠙ Asking', '\r⠹ Asking']);
    finish(7);
    expect(await shown).toBe(7);
    expect(written.at(-1)).toBe('\r\u001b[K');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes it away after a failure too', async () => {
    const { written, fail, shown } = open(true);
    vi.advanceTimersByTime(450);
    fail(new Error('no'));
    await expect(shown).rejects.toThrow('no');
    expect(written.at(-1)).toBe('\r\u001b[K');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('says nothing of what is quick', async () => {
    const { written, finish, shown } = open(true);
    vi.advanceTimersByTime(399);
    finish(7);
    await shown;
    expect(written).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    [false, {}],
    [true, { TERM: 'dumb' }],
  ])('writes nothing where control sequences would be text (%j, %j)', async (isTTY, env) => {
    const { written, finish, shown } = open(isTTY, env);
    vi.advanceTimersByTime(5000);
    finish(7);
    expect(await shown).toBe(7);
    expect(written).toEqual([]);
  });
});
