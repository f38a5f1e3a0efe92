const LONGEST = 64;

/** The ids of the calls in one request. Those of other vendors may be longer than the format allows, or hold other characters. */
export class ToolIds {
  readonly #short = new Map<string, string>();

  /** A call and its result get the same. */
  of(id: string): string {
    const safe = id.replace(/[^A-Za-z0-9_.:-]/g, '_');
    if (safe !== '' && safe.length <= LONGEST) return safe;
    let short = this.#short.get(id);
    if (short === undefined) {
      short = `${safe.slice(0, LONGEST - 12)}_call${this.#short.size + 1}`;
      this.#short.set(id, short);
    }
    return short;
  }
}
