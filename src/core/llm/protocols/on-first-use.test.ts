import { describe, expect, it } from 'vitest';
import { OnFirstUse } from './on-first-use.ts';

describe('what is loaded on first use', () => {
  it('is loaded once for all who ask meanwhile, and then given without a promise', async () => {
    const thing = { name: 'thing' };
    let loads = 0;
    const shelved = new OnFirstUse(async () => {
      loads += 1;
      return thing;
    });
    expect(loads).toBe(0);
    expect(await Promise.all([shelved.get(), shelved.get()])).toEqual([thing, thing]);
    expect(shelved.get()).toBe(thing);
    expect(shelved.loaded).toBe(thing);
    expect(loads).toBe(1);
  });

  it('is loaded again after a failure, which only those learn of who waited for it', async () => {
    let failing = true;
    const shelved = new OnFirstUse(async () => {
      if (failing) throw new Error('not yet');
      return { name: 'thing' };
    });
    const both = await Promise.allSettled([shelved.get(), shelved.get()]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    failing = false;
    expect(await shelved.get()).toEqual({ name: 'thing' });
  });

  it('cannot be had without waiting before it is there', async () => {
    const shelved = new OnFirstUse(async () => ({}));
    expect(() => shelved.loaded).toThrow('before it was loaded');
    const loading = shelved.get();
    expect(() => shelved.loaded).toThrow('before it was loaded');
    await loading;
    expect(shelved.loaded).toEqual({});
  });
});
