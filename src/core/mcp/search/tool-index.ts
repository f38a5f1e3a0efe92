import type { IndexedTool } from './indexed-tool.ts';
import { InvertedIndex } from './inverted-index.ts';
import { type Query, readQuery } from './query.ts';
import { Scores } from './scores.ts';
import { LONGEST_MENDED, TypoRepair } from './typos.ts';

export type { IndexedTool } from './indexed-tool.ts';

export interface SearchOptions {
  /** How many tools are wanted at most. */
  readonly limit: number;
  /** Whether the tool at a position of the list may be shown at all. Default: every one. */
  readonly allowed?: (index: number) => boolean;
}

export interface ToolHit {
  readonly tool: IndexedTool;
  /** Positive; larger fits better. Comparable within one search only. */
  readonly score: number;
}

/** Ranked positions of tools, best first. */
type Ranked = readonly (readonly [tool: number, score: number])[];

/** How many tools of each step are considered. */
const STEP_DEPTH = 10;
/** What a query as a whole counts beside its single steps, and what being the best for a step is worth. */
const WHOLE_SHARE = 0.7;
const BEST_OF_STEP = 0.5;

/**
 * Finds tools by what they are for: BM25F over an inverted index of names, titles, descriptions, servers and parameters,
 * with word forms, synonyms and subjects. Built once for a list of tools; a search takes well under a millisecond per
 * thousand tools.
 */
export class ToolIndex {
  readonly #tools: readonly IndexedTool[];
  readonly #whole: Scores;
  readonly #step: Scores;
  readonly #typos: TypoRepair;

  constructor(tools: readonly IndexedTool[]) {
    this.#tools = tools;
    const index = new InvertedIndex(tools);
    this.#whole = new Scores(index, tools.length);
    this.#step = new Scores(index, tools.length);
    this.#typos = new TypoRepair(index.vocabulary);
  }

  /**
   * Best first; equal ones by name. A list of keywords is one query: any of them suffices. Empty for a query without
   * words, and when nothing fits.
   */
  search(query: string | readonly string[], { allowed, limit }: SearchOptions): ToolHit[] {
    const length = typeof query === 'string' ? query.length : Math.max(0, ...query.map((word) => word.length));
    const read = readQuery(query);
    if (read.terms.length === 0 || limit <= 0) return [];
    this.#whole.score(read.terms, length <= LONGEST_MENDED ? this.#typos : undefined);
    const ranked =
      read.steps.length === 0
        ? this.#best(this.#whole.found, limit, (tool) => this.#whole.of(tool), allowed)
        : this.#bestOfSteps(read, limit, allowed);
    return ranked.flatMap(([index, score]) => {
      const tool = this.#tools[index];
      return tool === undefined ? [] : [{ tool, score }];
    });
  }

  /** Every step of a query gets its say: what serves one of them best goes before what serves the whole a little. */
  #bestOfSteps({ steps }: Query, limit: number, allowed: SearchOptions['allowed']): Ranked {
    const tops = steps.map((terms) => {
      this.#step.score(terms);
      return this.#best(this.#step.found, STEP_DEPTH, (tool) => this.#step.of(tool), allowed);
    });
    const strongest = Math.max(...tops.map((top) => top[0]?.[1] ?? 0));
    const shares = new Map<number, number>();
    for (const top of tops) {
      for (const [rank, [tool, score]] of top.entries()) {
        const share = score / strongest + (rank === 0 ? BEST_OF_STEP : 0);
        shares.set(tool, Math.max(shares.get(tool) ?? 0, share));
      }
    }
    let most = 0;
    for (const tool of this.#whole.found) most = Math.max(most, this.#whole.of(tool));
    const combined = (tool: number): number =>
      WHOLE_SHARE * this.#whole.of(tool) + (1 - WHOLE_SHARE) * most * (shares.get(tool) ?? 0);
    return this.#best(this.#whole.found, limit, combined, allowed);
  }

  /** The best `limit` of the tools that are allowed; others are passed over, however well they fit. */
  #best(
    found: readonly number[],
    limit: number,
    scoreOf: (tool: number) => number,
    allowed: SearchOptions['allowed'],
  ): Ranked {
    const best: [number, number][] = [];
    for (const tool of found) {
      const score = scoreOf(tool);
      const last = best.length < limit ? undefined : best.at(-1);
      if (last !== undefined && !this.#isBefore(tool, score, last)) continue;
      if (allowed !== undefined && !allowed(tool)) continue;
      let at = best.length;
      for (let other = best[at - 1]; other !== undefined && this.#isBefore(tool, score, other); other = best[at - 1])
        at--;
      best.splice(at, 0, [tool, score]);
      if (best.length > limit) best.pop();
    }
    return best;
  }

  #isBefore(tool: number, score: number, [other, otherScore]: readonly [number, number]): boolean {
    if (score !== otherScore) return score > otherScore;
    const name = this.#tools[tool]?.name ?? '';
    const otherName = this.#tools[other]?.name ?? '';
    return name === otherName ? tool < other : name < otherName;
  }
}
