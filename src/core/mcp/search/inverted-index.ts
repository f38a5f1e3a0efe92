import type { IndexedTool } from './indexed-tool.ts';
import { stemOf } from './stem.ts';
import { STOP_WORDS } from './stop-words.ts';
import { textsOf } from './tool-texts.ts';
import { wordsOf } from './words.ts';

/** The tools that have a word, and what it says about each: its BM25 contribution. */
export interface Postings {
  readonly tools: Uint32Array;
  readonly impacts: Float64Array;
  /** The smallest of the impacts. */
  readonly least: number;
}

type Field = 'name' | 'title' | 'description' | 'server' | 'parameters' | 'values';

/** What a word in a field counts, and how far long fields are made up for. */
const FIELDS: Readonly<Record<Field, { readonly weight: number; readonly evening: number }>> = {
  name: { weight: 2, evening: 0.4 },
  title: { weight: 1.1, evening: 0.4 },
  description: { weight: 1, evening: 0.4 },
  server: { weight: 1, evening: 0.4 },
  parameters: { weight: 0.25, evening: 0.75 },
  values: { weight: 0.1, evening: 0.75 },
};
const FIELD_NAMES = Object.keys(FIELDS) as Field[];

/** How soon further occurrences count no more. */
const SATURATION = 0.5;

/** Names run together, such as `diceroller`, are their halves too. */
const SHORTEST_HALF = 3;
const SHORTEST_COMPOUND = 7;

type Words = Readonly<Record<Field, readonly string[]>>;
type Weights = Map<string, Map<number, number>>;

/** Words and stems → tools, with BM25F over the fields of a tool. Built once for a list of tools. */
export class InvertedIndex {
  readonly #byWord: ReadonlyMap<string, Postings>;
  readonly #byStem: ReadonlyMap<string, Postings>;
  readonly #rarity: ReadonlyMap<string, number>;
  /** All words, sorted, for looking up beginnings. */
  readonly vocabulary: readonly string[];

  constructor(tools: readonly IndexedTool[]) {
    const texts = tools.map(fieldWords);
    const { words, stems } = weigh(texts);
    this.#rarity = new Map([...stems].map(([stem, own]) => [stem, rarityOf(own.size, tools.length)]));
    this.#byStem = new Map([...stems].map(([stem, own]) => [stem, postings(own, this.rarity(stem))]));
    this.#byWord = new Map([...words].map(([word, own]) => [word, postings(own, this.rarity(stemOf(word)))]));
    this.vocabulary = [...words.keys()].sort();
  }

  /** Tools that have this very word. */
  ofWord(word: string): Postings | undefined {
    return this.#byWord.get(word);
  }

  /** Tools that have any form of it. */
  ofStem(stem: string): Postings | undefined {
    return this.#byStem.get(stem);
  }

  /** How much a stem tells tools apart: 0 when none has it. */
  rarity(stem: string): number {
    return this.#rarity.get(stem) ?? 0;
  }

  /** Up to `limit` words that begin with, and are longer than, `beginning`. */
  beginningWith(beginning: string, limit: number): string[] {
    const found: string[] = [];
    for (let at = this.#lowerBound(beginning); found.length < limit; at++) {
      const word = this.vocabulary[at];
      if (word === undefined || !word.startsWith(beginning)) break;
      if (word !== beginning) found.push(word);
    }
    return found;
  }

  #lowerBound(word: string): number {
    let low = 0;
    let high = this.vocabulary.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.vocabulary[middle] ?? '') < word) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function fieldWords(tool: IndexedTool): Words {
  const { description, name, parameters, server, title, values } = textsOf(tool);
  const telling = (text: string): string[] => wordsOf(text).filter((word) => !STOP_WORDS.has(word));
  return {
    name: wordsOf(name),
    title: wordsOf(title),
    description: telling(description),
    server: wordsOf(server),
    parameters: wordsOf(parameters),
    // Ordinals tell parameters apart: they are kept here.
    values: wordsOf(values),
  };
}

function weigh(texts: readonly Words[]): { words: Weights; stems: Weights } {
  const words: Weights = new Map();
  const stems: Weights = new Map();
  const add = (word: string, tool: number, weight: number): void => {
    addWeight(words, word, tool, weight);
    addWeight(stems, stemOf(word), tool, weight);
  };
  for (const field of FIELD_NAMES) {
    const { evening, weight } = FIELDS[field];
    const mean = texts.reduce((sum, text) => sum + text[field].length, 0) / Math.max(texts.length, 1) || 1;
    for (const [tool, text] of texts.entries()) {
      const own = text[field];
      const each = weight / (1 - evening + (evening * own.length) / mean);
      for (const word of own) add(word, tool, each);
    }
  }
  const known = new Set(words.keys());
  for (const [tool, { name }] of texts.entries()) {
    for (const half of name.flatMap((word) => halvesOf(word, known))) add(half, tool, FIELDS.name.weight);
  }
  return { words, stems };
}

function addWeight(weights: Weights, key: string, tool: number, weight: number): void {
  let own = weights.get(key);
  if (own === undefined) {
    own = new Map();
    weights.set(key, own);
  }
  own.set(tool, (own.get(tool) ?? 0) + weight);
}

/** Both halves of a word that is two known ones run together; the first as long as can be. */
function halvesOf(word: string, known: ReadonlySet<string>): string[] {
  if (word.length < SHORTEST_COMPOUND || word.length > 40) return [];
  for (let at = word.length - SHORTEST_HALF; at >= SHORTEST_HALF; at--) {
    const halves = [word.slice(0, at), word.slice(at)];
    if (halves.every((half) => known.has(half))) return halves.filter((half) => !STOP_WORDS.has(half));
  }
  return [];
}

function rarityOf(having: number, all: number): number {
  return Math.log(1 + (all - having + 0.5) / (having + 0.5));
}

function postings(weights: ReadonlyMap<number, number>, rarity: number): Postings {
  const impacts = Float64Array.from(weights.values(), (weight) => (rarity * weight) / (SATURATION + weight));
  const least = impacts.reduce((smallest, impact) => Math.min(smallest, impact), Number.POSITIVE_INFINITY);
  return { tools: Uint32Array.from(weights.keys()), impacts, least };
}
