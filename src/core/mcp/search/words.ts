/** Marks where camelCase begins a new word, and where digits and letters meet. */
const CAMEL = /(\p{Ll})(\p{Lu})|(\p{Lu})(?=\p{Lu}\p{Ll})|(\p{L})(?=\p{N})|(\p{N})(?=\p{L})/gu;
/** What is longer is data, not a word. */
const LONGEST_WORD = 64;
const APART = /[^\p{L}\p{N}]+/u;
/** Scripts that write no blanks between words: every two neighbours count as one. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/**
 * The words of a name or a text, in lower case: parted at everything that is no letter or digit, inside camelCase, and
 * between letters and digits. Scripts without blanks give pairs of neighbouring characters.
 */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  const marked = text.replace(CAMEL, (match, lower, upper) =>
    upper === undefined ? `${match} ` : `${lower} ${upper}`,
  );
  for (const word of marked.toLowerCase().split(APART)) {
    if (word === '' || word.length > LONGEST_WORD) continue;
    if (UNSPACED.test(word)) words.push(...pairs(word));
    else words.push(word);
  }
  return words;
}

function pairs(word: string): string[] {
  const characters = [...word];
  if (characters.length === 1) return characters;
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
}
