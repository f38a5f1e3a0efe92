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
  /** Calls `listener` whenever the process is asked to stop; returns the function that forgets it. */
  onStop(listener: () => void): () => void;
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
export function paintFor(output: Output, env: Console['env']): Paint {
  const colourful = output.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  const style = (start: number, end: number) => (text: string) =>
    colourful ? `\u001b[${start}m${text}\u001b[${end}m` : text;
  return { bold: style(1, 22), dim: style(2, 22), accent: style(36, 39) };
}
