import { atExit } from './at-exit.ts';

type Write = (text: string) => unknown;

/**
 * Joins the texts of one turn of the event loop: a write to a stream costs a system call, however short it is. What waits
 * when the process exits is written then.
 */
export function oncePerTurn(write: Write): Write {
  let waiting: string | undefined;
  let forget: (() => void) | undefined;
  const flush = (): void => {
    if (waiting === undefined) return;
    const text = waiting;
    waiting = undefined;
    forget?.();
    write(text);
  };
  return (text) => {
    if (waiting !== undefined) {
      waiting += text;
      return;
    }
    waiting = text;
    forget = atExit(flush);
    setImmediate(flush);
  };
}

/** Resolves when what has been given to `oncePerTurn` so far is written. */
export function writtenThisTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
