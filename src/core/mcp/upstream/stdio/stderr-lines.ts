import { Buffer } from 'node:buffer';
import { LineReader } from './line-reader.ts';

const LONGEST_LINE = 2000;
const LINES_PER_WINDOW = 200;
const WINDOW_MS = 10_000;
/** Shorter values are words of any text; taking them out would garble it without hiding anything. */
const SHORTEST_SECRET = 5;
const REDACTED = '[redacted]';
/** Credentials as vendors write them, wherever they come from. */
const CREDENTIAL = /\b(?:Bearer\s+|sk-|ghp_|gho_|github_pat_|xox[abp]-|AKIA|AIza|eyJ)[\w.~+/=-]{12,}/g;

/** What a server's program writes to its standard error: line by line, bounded in length and number, secrets taken out. */
export class StderrLines {
  readonly #write: (line: string) => void;
  readonly #elapsed: () => number;
  readonly #secrets: readonly string[];
  readonly #reader: LineReader;
  #windowFrom = Number.NEGATIVE_INFINITY;
  #written = 0;
  #dropped = 0;

  constructor(write: (line: string) => void, secrets: readonly string[], elapsed: () => number) {
    this.#write = write;
    this.#elapsed = elapsed;
    // The longest first: one secret may be a part of another.
    this.#secrets = secrets.filter((text) => text.length >= SHORTEST_SECRET).sort((a, b) => b.length - a.length);
    this.#reader = new LineReader(
      LONGEST_LINE * 4,
      (line) => this.#take(line),
      ({ head }) => this.#take(`${head}…`),
    );
  }

  push(chunk: Buffer | string): void {
    this.#reader.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  }

  end(): void {
    this.#reader.end();
    this.#tellDropped();
  }

  #take(line: string): void {
    const now = this.#elapsed();
    if (now - this.#windowFrom >= WINDOW_MS) {
      this.#tellDropped();
      this.#windowFrom = now;
      this.#written = 0;
    }
    if (this.#written >= LINES_PER_WINDOW) {
      this.#dropped += 1;
      return;
    }
    this.#written += 1;
    const text = this.#mask(line.trimEnd());
    if (text !== '') this.#write(text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)}…` : text);
  }

  #mask(line: string): string {
    let text = line;
    for (const secret of this.#secrets) text = text.replaceAll(secret, REDACTED);
    return text.replace(CREDENTIAL, REDACTED);
  }

  #tellDropped(): void {
    if (this.#dropped > 0) this.#write(`(${this.#dropped} more lines)`);
    this.#dropped = 0;
  }
}
