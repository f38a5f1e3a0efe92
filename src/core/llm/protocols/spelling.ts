import type { JsonObject } from '../canonical/request.ts';

/** Canonical names of fields → what a format calls them, as paths; where it has several names, all of them. */
export type Spelling = ReadonlyMap<string, readonly [string, ...string[]]>;

/** Canonical names → those the caller used, each once. Names the format has no word for stay as they are. */
export function spell(names: readonly string[], spelling: Spelling, request: JsonObject): string[] {
  const spelled = new Set<string>();
  for (const name of names) {
    const words = spelling.get(name);
    spelled.add(words?.find((word) => isUsed(word, request)) ?? words?.[0] ?? name);
  }
  return [...spelled];
}

function isUsed(path: string, request: JsonObject): boolean {
  const [root = ''] = path.split('.', 1);
  return Object.hasOwn(request, root) && request[root] !== null;
}
