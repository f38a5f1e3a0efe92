import Fuse from 'fuse.js';

const SHORTEST_MENDED = 5;
/** A longer query is a sentence: its odd words are names and numbers. */
export const LONGEST_MENDED = 32;
const MOST_NEAR = 5;
/** From this length on, a word may have two slips of the pen. */
const TWO_SLIPS = 9;

/** Finds the words a misspelt one may have been meant to be. */
export class TypoRepair {
  readonly #vocabulary: readonly string[];
  /** Word length → search among the words that are about as long. Made when first needed. */
  readonly #byLength = new Map<number, Fuse<string>>();

  constructor(vocabulary: readonly string[]) {
    this.#vocabulary = vocabulary;
  }

  /** Known words at most a slip or two away; none for short words and numbers. */
  wordsNear(word: string): string[] {
    if (word.length < SHORTEST_MENDED || word.length > LONGEST_MENDED || /^\p{N}+$/u.test(word)) return [];
    const slips = word.length < TWO_SLIPS ? 1 : 2;
    return this.#fuse(word.length, slips)
      .search(word, { limit: MOST_NEAR * 4 })
      .map(({ item }) => item)
      .filter((item) => item !== word && slipsBetween(word, item, slips) <= slips)
      .slice(0, MOST_NEAR);
  }

  #fuse(length: number, slips: number): Fuse<string> {
    let fuse = this.#byLength.get(length);
    if (fuse === undefined) {
      const words = this.#vocabulary.filter((word) => Math.abs(word.length - length) <= slips);
      fuse = new Fuse(words, { threshold: 0.35, distance: 20 });
      this.#byLength.set(length, fuse);
    }
    return fuse;
  }
}

/** Letters to change, add, leave out or swap with their neighbour; more than `most` is as good as endless. */
function slipsBetween(from: string, to: string, most: number): number {
  if (Math.abs(from.length - to.length) > most) return most + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (row > 1 && column > 1 && swapped) cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length] ?? most + 1;
}
