/**
 * Whether this engine writes JSON that is nested 100,000 levels deep. Node 20 runs out of stack, which we must turn into
 * an error of our own; newer engines write it without recursion, and there is nothing to refuse.
 */
export const writesDeepJson = ((): boolean => {
  try {
    JSON.stringify(JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`));
    return true;
  } catch {
    return false;
  }
})();
