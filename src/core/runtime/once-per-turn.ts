type Write = (text: string) => unknown;

/**
 * Joins the texts of one turn of the event loop: a write to a stream costs a system call, however short it is. What waits
 * when the process exits is written then.
 */
export function oncePerTurn(write: Write): Write {
  let waiting: string | undefined;
  const flush = (): void => {
    if (waiting === undefined) return;
    const text = waiting;
    waiting = undefined;
    process.removeListener('exit', flush);
    write(text);
  };
  return (text) => {
    if (waiting !== undefined) {
      waiting += text;
      return;
    }
    waiting = text;
    process.on('exit', flush);
    setImmediate(flush);
  };
}
