import { describe, expect, it } from 'vitest';
import { KeySet } from './key-set.ts';

const SECOND = 1000;

/** A key server that answers as it is told, and counts. */
function serve(pollInterval?: number) {
  const state = { now: 0, fetched: 0, answer: (): Response => keys('a') };
  const logged: string[] = [];
  const log = (message: string) => void logged.push(message);
  const set = new KeySet({
    url: 'http://keys.test/jwks',
    pollInterval,
    elapsed: () => state.now,
    logger: { debug() {}, info() {}, warn: log, error: log },
    fetch: async (url, init) => {
      expect([url, init.redirect]).toEqual(['http://keys.test/jwks', 'manual']);
      state.fetched++;
      return state.answer();
    },
  });
  const kids = async () => (await set.current())?.jwks.keys.map(({ kid }) => kid);
  return { state, set, kids, logged };
}

function keys(...kids: string[]): Response {
  return Response.json({ keys: kids.map((kid) => ({ kty: 'RSA', kid })) });
}

const down = (): Response => new Response('away', { status: 503 });

describe('a key set', () => {
  it('is fetched with the first need, once for all who wait, and kept for ever', async () => {
    const { state, kids } = serve();
    expect(await Promise.all([kids(), kids(), kids()])).toEqual([['a'], ['a'], ['a']]);
    state.now += 10_000_000;
    expect(await kids()).toEqual(['a']);
    expect(state.fetched).toBe(1);
  });

  it('is fetched anew when its time is over', async () => {
    const { state, kids, set } = serve(60 * SECOND);
    await kids();
    state.answer = () => keys('b');
    state.now += 59 * SECOND;
    expect(set.refreshIfDue()).toBeUndefined();
    expect(await kids()).toEqual(['a']);
    state.now += SECOND;
    expect(await kids()).toEqual(['b']);
    expect(state.fetched).toBe(2);
  });

  it('is kept while it cannot be fetched, which is tried every half minute', async () => {
    const { state, kids, logged } = serve(SECOND);
    await kids();
    state.answer = down;
    for (let second = 0; second < 60; second++) {
      state.now += SECOND;
      expect(await kids()).toEqual(['a']);
    }
    expect(state.fetched).toBe(3);
    expect(logged).toHaveLength(2);
    state.answer = () => keys('b');
    state.now += 30 * SECOND;
    expect(await kids()).toEqual(['b']);
  });

  it('is looked for less and less often while there never was one, and found soon after it is there', async () => {
    const { state, kids } = serve();
    state.answer = down;
    for (let tick = 0; tick < 100; tick++, state.now += 100) expect(await kids()).toBeUndefined();
    // 0, 250, 750, 1750, 3750 and 7750 ms
    expect(state.fetched).toBe(6);
    state.answer = () => keys('a');
    state.now += 30 * SECOND;
    expect(await kids()).toEqual(['a']);
  });

  it('is fetched once for a missing key, then not for half a minute, whoever asks', async () => {
    const { state, set } = serve();
    const seen = await set.current();
    if (seen === undefined) throw new Error('no keys');
    const misses = await Promise.all(Array.from({ length: 1000 }, () => set.after(seen)));
    expect(misses.every((newer) => newer === undefined)).toBe(true);
    expect(state.fetched).toBe(2);
    state.answer = () => keys('a', 'b');
    state.now += 29 * SECOND;
    expect(await set.after(seen)).toBeUndefined();
    state.now += SECOND;
    expect((await set.after(seen))?.jwks.keys).toHaveLength(2);
    expect(state.fetched).toBe(3);
    // Whoever still holds the old keys gets the new ones without a fetch.
    expect((await set.after(seen))?.jwks.keys).toHaveLength(2);
    expect(state.fetched).toBe(3);
  });

  it('tells when other keys have come into force', async () => {
    const { state, set, kids } = serve(SECOND);
    let changes = 0;
    set.onChange(() => changes++);
    await kids();
    state.now += SECOND;
    await kids();
    expect(changes).toBe(1);
    state.answer = () => keys('b');
    state.now += SECOND;
    await kids();
    expect(changes).toBe(2);
  });

  it.each([
    ['no JSON', () => new Response('<html>')],
    ['no set', () => Response.json([])],
    ['a set without keys', () => Response.json({ keys: {} })],
    ['null', () => Response.json(null)],
    ['a redirect', () => new Response(null, { status: 302, headers: { location: 'http://169.254.169.254/' } })],
    ['no content', () => new Response(null, { status: 204 })],
    ['two megabytes', () => new Response('x'.repeat(2 * 1024 * 1024))],
    [
      'a broken connection',
      () => {
        throw new TypeError('fetch failed');
      },
    ],
  ])('is not made of %s', async (_, answer) => {
    const { state, kids, logged } = serve();
    state.answer = answer;
    expect(await kids()).toBeUndefined();
    expect([state.fetched, logged.length]).toEqual([1, 1]);
  });

  it('leaves out what is no key', async () => {
    const { state, kids } = serve();
    state.answer = () => Response.json({ keys: [null, 'x', [], { kty: 'RSA', kid: 'a' }] });
    expect(await kids()).toEqual(['a']);
  });

  it('does not fetch any more once it is closed', async () => {
    const { state, set, kids, logged } = serve();
    state.answer = () => {
      throw new DOMException('aborted', 'AbortError');
    };
    set.close();
    expect(await kids()).toBeUndefined();
    expect(logged).toEqual([]);
  });
});
