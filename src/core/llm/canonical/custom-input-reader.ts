import { customInput } from './special-tool.ts';

const OPENING = /^\s*\{\s*"input"\s*:\s*"/;
/** As long as the opening may still come; a model that pads it further gets its text in one piece. */
const LONGEST_OPENING = 64;
const HIGH_SURROGATE = /^[dD][89abAB]/;

/** Arguments `{"input":"…"}` that arrive in pieces → the text they hold, as it arrives. One per call. */
export class CustomInputReader {
  /** What has come and has not been given out. */
  #raw = '';
  #state: 'before' | 'inside' | 'after' | 'unknown' = 'before';

  push(json: string): string {
    if (this.#state === 'after') return '';
    this.#raw += json;
    if (this.#state === 'before') this.#open();
    return this.#state === 'inside' ? this.#read() : '';
  }

  /** The call is whole: what is still to be given out. */
  end(): string {
    const rest = this.#state === 'inside' || this.#state === 'after' ? '' : this.#raw;
    this.#state = 'after';
    this.#raw = '';
    return rest === '' ? '' : customInput(rest);
  }

  #open(): void {
    const opening = OPENING.exec(this.#raw.slice(0, LONGEST_OPENING));
    if (opening !== null) {
      this.#state = 'inside';
      this.#raw = this.#raw.slice(opening[0].length);
    } else if (this.#raw.length >= LONGEST_OPENING) this.#state = 'unknown';
  }

  #read(): string {
    const raw = this.#raw;
    const end = endOfCharacters(raw);
    const isClosed = raw[end] === '"';
    this.#raw = isClosed ? '' : raw.slice(end);
    if (isClosed) this.#state = 'after';
    return unescaped(raw.slice(0, end));
  }
}

/** Where the whole characters of a JSON string end: at its quote, or before an escape of which a part is missing. */
function endOfCharacters(raw: string): number {
  let at = 0;
  while (at < raw.length && raw[at] !== '"') {
    const length = raw[at] === '\\' ? escapeLength(raw, at) : 1;
    if (at + length > raw.length) break;
    at += length;
  }
  return at;
}

/** Halves of a surrogate pair belong together. */
function escapeLength(raw: string, at: number): number {
  if (raw[at + 1] !== 'u') return 2;
  const isPair = HIGH_SURROGATE.test(raw.slice(at + 2, at + 4)) && (raw[at + 6] ?? '\\') === '\\';
  return isPair ? 12 : 6;
}

function unescaped(characters: string): string {
  if (!characters.includes('\\')) return characters;
  try {
    return JSON.parse(`"${characters}"`);
  } catch {
    return characters;
  }
}
