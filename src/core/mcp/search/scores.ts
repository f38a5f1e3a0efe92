import type { InvertedIndex, Postings } from './inverted-index.ts';
import type { Term } from './query.ts';
import { withoutPlural } from './stem.ts';
import { SYNONYMS } from './synonyms.ts';
import { RELATED } from './topics.ts';
import type { TypoRepair } from './typos.ts';

/** What a match counts that is not the very word: another form of it, another word for it, one of the same subject. */
const FORM_SHARE = 0.75;
const SYNONYM_SHARE = 0.45;
const RELATED_SHARE = 0.25;
const PREFIX_SHARE = 0.3;
const TYPO_SHARE = 0.3;

/** Beginnings stay below the weakest whole word. */
const BELOW = 0.9;
const SHORTEST_PREFIX = 3;
const MOST_PREFIXED = 30;

/** A query of fewer words is keywords: they mean themselves, not their subject. */
const SHORTEST_SENTENCE = 3;

/** How much of a score depends on how much of the query was found. */
const COVERAGE = 0.5;

/** Scores all tools for a list of terms. Its arrays are used again for every list: one at a time. */
export class Scores {
  readonly #index: InvertedIndex;
  readonly #scores: Float64Array;
  readonly #covered: Float64Array;
  /** The term that last added to a tool, and how much. */
  readonly #lastTerm: Int32Array;
  readonly #added: Float64Array;
  #touched: number[] = [];
  #term = 0;
  /** What the term at hand adds to `covered` of the tools that have it. */
  #cover = 0;

  constructor(index: InvertedIndex, tools: number) {
    this.#index = index;
    this.#scores = new Float64Array(tools);
    this.#covered = new Float64Array(tools);
    this.#lastTerm = new Int32Array(tools);
    this.#added = new Float64Array(tools);
  }

  /** Tools with a score, in no order. */
  get found(): readonly number[] {
    return this.#touched;
  }

  of(tool: number): number {
    return this.#scores[tool] ?? 0;
  }

  /** `typos` mends terms that nothing has. */
  score(terms: readonly Term[], typos?: TypoRepair): void {
    for (const tool of this.#touched) this.#scores[tool] = this.#covered[tool] = 0;
    this.#touched = [];
    let whole = 0;
    for (const term of terms) {
      this.#cover = term.weight * this.#index.rarity(term.stem);
      whole += this.#cover;
      this.#term++;
      this.#add(term, terms.length >= SHORTEST_SENTENCE);
      if (typos !== undefined && !this.#isFound()) this.#addMended(term, typos);
    }
    if (whole === 0) return;
    for (const tool of this.#touched) {
      const share = (this.#covered[tool] ?? 0) / whole;
      this.#scores[tool] = this.of(tool) * (1 - COVERAGE + COVERAGE * share);
    }
  }

  #add({ stem, weight, word }: Term, inSentence: boolean): void {
    const index = this.#index;
    this.#put(index.ofWord(word), weight);
    const forms = index.ofStem(stem);
    this.#put(forms, weight * FORM_SHARE);
    for (const other of SYNONYMS.get(stem) ?? []) this.#put(index.ofStem(other), weight * SYNONYM_SHARE);
    if (inSentence) for (const other of RELATED.get(stem) ?? []) this.#put(index.ofStem(other), weight * RELATED_SHARE);
    const beginning = withoutPlural(word);
    if (beginning.length < SHORTEST_PREFIX) return;
    const most = forms === undefined ? Number.POSITIVE_INFINITY : forms.least * FORM_SHARE * BELOW;
    for (const longer of index.beginningWith(beginning, MOST_PREFIXED)) {
      this.#put(index.ofWord(longer), weight * PREFIX_SHARE, weight * most);
    }
  }

  #addMended({ weight, word }: Term, typos: TypoRepair): void {
    for (const near of typos.wordsNear(word)) this.#put(this.#index.ofWord(near), weight * TYPO_SHARE);
  }

  #isFound(): boolean {
    return this.#touched.some((tool) => this.#lastTerm[tool] === this.#term);
  }

  /** Adds a list's impacts, each at most `most`; of several lists of one term the best counts. */
  #put(postings: Postings | undefined, share: number, most = Number.POSITIVE_INFINITY): void {
    if (postings === undefined) return;
    const { impacts, tools } = postings;
    for (let at = 0; at < tools.length; at++) {
      const tool = tools[at] ?? 0;
      const value = Math.min((impacts[at] ?? 0) * share, most);
      if (this.#lastTerm[tool] !== this.#term) {
        if (this.of(tool) === 0) this.#touched.push(tool);
        this.#lastTerm[tool] = this.#term;
        this.#added[tool] = value;
        this.#scores[tool] = this.of(tool) + value;
        this.#covered[tool] = (this.#covered[tool] ?? 0) + this.#cover;
      } else {
        const before = this.#added[tool] ?? 0;
        if (value <= before) continue;
        this.#added[tool] = value;
        this.#scores[tool] = this.of(tool) + value - before;
      }
    }
  }
}
