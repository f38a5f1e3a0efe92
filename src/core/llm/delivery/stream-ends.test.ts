import { describe, expect, it } from 'vitest';
import { StreamEnds } from './stream-ends.ts';

/** Pushes `chunks`, the content beginning with the one at `contentAt`. */
function pushed(chunks: readonly string[], { contentAt = 0, needed = 100 } = {}): StreamEnds {
  const ends = new StreamEnds();
  for (const [index, chunk] of chunks.entries()) ends.push(Buffer.from(chunk), index >= contentAt, needed);
  return ends;
}

const numbered = (count: number, size: number): string[] =>
  Array.from({ length: count }, (_, i) => `${i}`.padStart(size, '.'));

describe('the ends of a stream', () => {
  it('are all of a short one', () => {
    const ends = pushed(['ä', 'b', 'ü']);
    expect([ends.size, ends.beginning.toString(), ends.last.toString(), ends.share]).toEqual([5, 'äbü', 'äbü', 1]);
  });

  it('are nothing of an empty one', () => {
    const ends = new StreamEnds();
    expect([ends.size, ends.beginning.length, ends.last.length, ends.share]).toEqual([0, 0, 0, 1]);
  });

  it('are a few kilobytes from where the content begins, and as many of the last bytes as are needed', () => {
    const chunks = numbered(1000, 200);
    const preface = 'x'.repeat(20_000);
    const ends = pushed([preface, ...chunks], { contentAt: 1 });
    expect(ends.beginning.toString()).toBe(preface + chunks.slice(0, 41).join(''));
    expect(ends.last.toString()).toBe(chunks.slice(-1).join(''));
    // 41 of the 1,000 chunks of content are in the sample.
    expect(ends.share).toBeCloseTo(1000 / 41);
  });

  it('have a sample of the content also where not all that came before it is kept', () => {
    const preface = numbered(30, 100_000);
    const chunks = numbered(1000, 200);
    const ends = pushed([...preface, ...chunks], { contentAt: preface.length });
    expect(ends.beginning.length).toBeLessThan(1_200_000);
    expect(ends.beginning.toString().endsWith(chunks.slice(0, 41).join(''))).toBe(true);
    expect(ends.share).toBeCloseTo(1000 / 41);
  });

  it('never hold less than is needed', () => {
    const ends = new StreamEnds();
    let all = '';
    for (const [index, chunk] of numbered(300, 77).entries()) {
      all += chunk;
      const needed = 50 + index;
      ends.push(Buffer.from(chunk), true, needed);
      const last = ends.last.toString();
      expect(last.length).toBeGreaterThanOrEqual(Math.min(needed, all.length));
      expect(last.length).toBeLessThan(needed + 77);
      expect(all.endsWith(last)).toBe(true);
    }
  });

  it('do not grow with a stream that never has content', () => {
    const ends = pushed(numbered(40, 100_000), { contentAt: Number.POSITIVE_INFINITY });
    expect(ends.size).toBe(4_000_000);
    expect(ends.beginning.length).toBeLessThan(1_200_000);
    expect(ends.last.length).toBe(100_000);
  });
});
