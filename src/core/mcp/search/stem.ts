const VOWEL = /[aeiouy]/;

/**
 * A word without its English endings, so that `calculate`, `calculates`, `calculator` and `calculation` meet. Light: what
 * is left need not be a word, but different words seldom become one.
 */
export function stemOf(word: string): string {
  if (word.length < 4 || /[^a-z]/.test(word)) return word;
  const singular = withoutPlural(word);
  for (const [ending, replacement, left] of ENDINGS) {
    if (!singular.endsWith(ending)) continue;
    const stem = singular.slice(0, -ending.length);
    if (stem.length < left || !VOWEL.test(stem)) continue;
    return trimmed(stem + replacement);
  }
  return trimmed(singular);
}

/** Longest first; the number is how much of the word must be left. */
const ENDINGS: readonly (readonly [string, string, number])[] = [
  ['izations', 'iz', 3],
  ['ization', 'iz', 3],
  ['ational', 'at', 3],
  ['ations', 'at', 3],
  ['ation', 'at', 3],
  ['ators', 'at', 3],
  ['ator', 'at', 3],
  ['ating', 'at', 3],
  ['ated', 'at', 3],
  ['ative', 'at', 4],
  ['izing', 'iz', 3],
  ['ized', 'iz', 3],
  ['izer', 'iz', 3],
  ['ments', '', 4],
  ['ment', '', 4],
  ['ingly', '', 4],
  ['ions', '', 4],
  ['ion', '', 4],
  ['ings', '', 3],
  ['ing', '', 3],
  ['edly', '', 4],
  ['ors', '', 4],
  ['ers', '', 4],
  ['ies', 'i', 2],
  ['ied', 'i', 2],
  ['ed', '', 3],
  ['or', '', 4],
  ['er', '', 4],
  ['ally', 'al', 3],
  ['ly', '', 4],
];

/** The same form for one and many; every other ending stays. */
export function withoutPlural(word: string): string {
  if (word.endsWith('sses')) return word.slice(0, -2);
  if (word.endsWith('ies')) return word.length > 4 ? `${word.slice(0, -3)}y` : word.slice(0, -1);
  if (/(ss|us|is)$/.test(word) || !word.endsWith('s')) return word;
  return word.slice(0, -1);
}

/** Silent and doubled letters at the end: `cach(e)`, `stop(p)`, `cit(y)`. */
function trimmed(stem: string): string {
  if (stem.length > 3 && /([bdfgmnprt])\1$/.test(stem)) return stem.slice(0, -1);
  if (stem.length > 3 && stem.endsWith('e')) return stem.slice(0, -1);
  return stem.length > 2 && stem.endsWith('y') ? `${stem.slice(0, -1)}i` : stem;
}
