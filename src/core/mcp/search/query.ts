import { stemOf } from './stem.ts';
import { ASKING, STOP_WORDS } from './stop-words.ts';
import { wordsOf } from './words.ts';

/** One word that is looked for. */
export interface Term {
  readonly word: string;
  readonly stem: string;
  /** How much it counts, 0 to 1. */
  readonly weight: number;
}

export interface Query {
  /** Every word of it once. */
  readonly terms: readonly Term[];
  /** The same, step by step, where it asks for several things; else empty. */
  readonly steps: readonly (readonly Term[])[];
}

/** Characters of a query that are looked at. */
const LONGEST_QUERY = 2000;
const MOST_STEPS = 12;

/** What stands in quotes is a value for a tool rather than its subject. */
const QUOTED = /"([^"]*)"|(?<!\w)'([^']*)'(?!\w)/g;
const QUOTED_WEIGHT = 0.3;
const ASKING_WEIGHT = 0.45;

/** Where one step ends and the next begins: at the end of a sentence, and where a new one is announced. */
const STEP_END =
  /[.!?;。！？\n]+(?=\s|$)|\b(?:and then|then|afterwards|after that|finally|lastly|additionally|next)\b/i;

/** A list of keywords is one step: any of them suffices. */
export function readQuery(query: string | readonly string[]): Query {
  const steps =
    typeof query === 'string'
      ? query.slice(0, LONGEST_QUERY).split(STEP_END, MOST_STEPS).map(termsOf)
      : [termsOf(query.join(' ').slice(0, LONGEST_QUERY))];
  const found = new Map<string, Term>();
  for (const terms of steps) for (const term of terms) addTerm(found, term);
  const all = [...found.values()];
  const telling = steps.map((terms) => terms.filter(isTelling)).filter((terms) => terms.length > 0);
  const terms = all.filter(isTelling);
  return {
    // A query of nothing but stop words means them.
    terms: terms.length > 0 ? terms : all,
    steps: telling.length > 1 ? telling : [],
  };
}

const isTelling = ({ word }: Term): boolean => !STOP_WORDS.has(word);

function termsOf(text: string): Term[] {
  const found = new Map<string, Term>();
  const rest = text.replace(QUOTED, (_, double: string | undefined, single: string | undefined) => {
    readTerms(found, double ?? single ?? '', QUOTED_WEIGHT);
    return ' ';
  });
  readTerms(found, rest, 1);
  return [...found.values()];
}

function readTerms(found: Map<string, Term>, text: string, share: number): void {
  for (const word of wordsOf(text)) {
    if (word.length < 2) continue;
    const stem = stemOf(word);
    addTerm(found, { word, stem, weight: ASKING.has(stem) ? share * ASKING_WEIGHT : share });
  }
}

function addTerm(found: Map<string, Term>, term: Term): void {
  const known = found.get(term.stem);
  if (known === undefined || known.weight < term.weight) found.set(term.stem, term);
}
