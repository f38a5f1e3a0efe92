const acts = new Set<() => void>();
let isListening = false;

/** Does it when the process exits, unless the function that comes back is called before. Synchronous only. */
export function atExit(act: () => void): () => void {
  if (!isListening) {
    isListening = true;
    // One listener for all: processes with many instances would be warned of a leak.
    process.on('exit', () => {
      // What one act leaves for the exit comes up too: a set's loop sees what is added meanwhile.
      for (const one of acts) one();
    });
  }
  acts.add(act);
  return () => acts.delete(act);
}
