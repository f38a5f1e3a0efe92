/** A name in which `*` stands for any text. Linear in the text, whatever the pattern. */
export class ModelPattern {
  readonly #pieces: readonly string[];

  constructor(pattern: string) {
    this.#pieces = pattern.split('*');
  }

  matches(text: string): boolean {
    const [first = '', ...rest] = this.#pieces;
    const last = rest.pop();
    if (last === undefined) return text === first;
    if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
    const end = text.length - last.length;
    let from = first.length;
    for (const piece of rest) {
      const at = text.indexOf(piece, from);
      if (at < 0 || at + piece.length > end) return false;
      from = at + piece.length;
    }
    return true;
  }
}
