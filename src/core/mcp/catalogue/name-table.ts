import type { JsonObject } from '../wire/json-rpc.ts';
import { publicName } from './public-name.ts';

/** A tool or prompt as clients see it, and where it comes from. */
export interface Listed {
  /** Its name towards clients. */
  readonly name: string;
  readonly server: string;
  /** Its server's own name for it. */
  readonly original: string;
  /** What clients are listed: the server's own words under the public name. */
  readonly item: JsonObject;
}

export interface Collision {
  readonly name: string;
  readonly kept: string;
  readonly hidden: string;
}

/** Public name ↔ server and name, filled in the order of the servers; the first to take a name keeps it. */
export class NameTable {
  readonly entries: readonly Listed[];
  readonly collisions: readonly Collision[];
  readonly #byName: ReadonlyMap<string, Listed>;

  constructor(parts: Iterable<readonly [server: string, items: readonly JsonObject[]]>, namespace: boolean) {
    const byName = new Map<string, Listed>();
    const collisions: Collision[] = [];
    for (const [server, items] of parts) {
      for (const item of items) {
        const original = item['name'];
        if (typeof original !== 'string') continue;
        const name = namespace ? publicName(server, original) : original;
        const holder = byName.get(name);
        // The same server saying a name twice is its own mistake; the first counts.
        if (holder === undefined) byName.set(name, { name, server, original, item: { ...item, name } });
        else if (holder.server !== server) collisions.push({ name, kept: holder.server, hidden: server });
      }
    }
    this.#byName = byName;
    this.entries = [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    this.collisions = collisions;
  }

  get(name: string): Listed | undefined {
    return this.#byName.get(name);
  }
}
