/** Where a command writes text. `isTTY` as in Node: a person is reading. */
export interface Output {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** All that a command knows of the process it runs in. */
export interface Console {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where a person can be asked; absent where nobody sits. */
  readonly terminal?: Terminal | undefined;
  /** What is piped in, to its end. Absent: nothing is. */
  readonly readInput?: (() => Promise<string>) | undefined;
  /** Calls `listener` whenever the process is asked to stop; returns the function that forgets it. */
  onStop(listener: () => void): () => void;
  /** The same for the wish to read the configuration again. */
  onReload(listener: () => void): () => void;
}

/** Both directions of a terminal. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** Exit status of a command that did not finish stopping; what shells report for an interrupted program. */
export const INTERRUPTED = 130;

/** Emphasis for people; plain text for everything else. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  accent(text: string): string;
}

/** Colours only where a terminal shows them and nobody declined them (https://no-color.org). */
export function showsColours(output: Output, env: Console['env']): boolean {
  return isLively(output, env) && !env['NO_COLOR'];
}

/** Emphasis where colours are shown. */
export function paintFor(output: Output, env: Console['env']): Paint {
  const colourful = showsColours(output, env);
  const style = (start: number, end: number) => (text: string) =>
    colourful ? `\u001b[${start}m${text}\u001b[${end}m` : text;
  return { bold: style(1, 22), dim: style(2, 22), accent: style(36, 39) };
}

/** Whether control sequences are understood there. */
export function isLively(output: Output, env: Console['env']): boolean {
  return output.isTTY === true && env['TERM'] !== 'dumb';
}

/** A document for a program that reads it. */
export function writeJson(output: Output, value: unknown): void {
  output.write(`${JSON.stringify(value, undefined, 2)}\n`);
}
