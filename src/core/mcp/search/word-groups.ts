import { stemOf } from './stem.ts';

/** Lines of words that belong together → stem → the stems it belongs together with. */
export function groupsOf(lines: string): ReadonlyMap<string, readonly string[]> {
  const together = new Map<string, Set<string>>();
  for (const line of lines.split('\n')) {
    const stems = [
      ...new Set(
        line
          .split(' ')
          .filter((word) => word !== '')
          .map(stemOf),
      ),
    ];
    for (const stem of stems) {
      const others = together.get(stem) ?? new Set();
      together.set(stem, others);
      for (const other of stems) if (other !== stem) others.add(other);
    }
  }
  return new Map([...together].map(([stem, others]) => [stem, [...others]]));
}
