import type { Caller } from '../caller.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { canBeAsked } from '../wire/client-capabilities.ts';
import type { AccessRules } from './access.ts';
import { ChangeFeed } from './change-feed.ts';
import { MergedCatalogue, type Part } from './merged-catalogue.ts';

export interface AggregateOptions {
  readonly access: AccessRules;
  /** Whether names get their server's in front. */
  readonly namespace: boolean;
  /** Monotonic clock, milliseconds. */
  readonly elapsed: () => number;
  /** Told about every name that two servers claim; the second one's is hidden. */
  readonly onCollision: (kind: 'tool' | 'prompt', name: string, kept: string, hidden: string) => void;
}

interface Snapshot {
  readonly merged: MergedCatalogue;
  readonly version: number;
  readonly builtAt: number;
}

const LONGEST_MS = 1000;

/** Callers whose lists are their own; more than these are merged anew on each call. */
const OWN_LISTS = 256;

/** All servers as one catalogue, merged when something has changed and not more than once a second. */
export class Aggregate {
  readonly upstreams: ReadonlyMap<string, Upstream>;
  readonly feed: ChangeFeed;
  readonly access: AccessRules;
  readonly #options: AggregateOptions;
  readonly #snapshots = new Map<string, Snapshot>();
  readonly #forgets: readonly (() => void)[];
  #version = 0;
  #reported = new Set<string>();

  constructor(upstreams: readonly Upstream[], options: AggregateOptions) {
    this.#options = options;
    this.access = options.access;
    this.upstreams = new Map(upstreams.map((upstream) => [upstream.name, upstream]));
    this.feed = new ChangeFeed(options.elapsed, () => {
      this.#version += 1;
    });
    this.#forgets = upstreams.map((upstream) => upstream.onChange((change) => this.feed.take(upstream.name, change)));
  }

  /** What all servers offer this caller, before access rules; those are applied by the catalogue's look-ups. */
  async catalogue(caller: Caller): Promise<MergedCatalogue> {
    const parts = await Promise.all(
      [...this.upstreams.values()].map(
        async (upstream): Promise<Part> => [upstream.name, await upstream.catalogue(caller)],
      ),
    );
    const shared = this.#snapshots.get('');
    if (shared !== undefined && isSame(shared.merged.parts, parts)) return shared.merged;
    const key = ownerOf(caller);
    const known = key === '' ? shared : this.#snapshots.get(key);
    if (known !== undefined && isSame(known.merged.parts, parts)) return known.merged;
    // Lists that change faster than they are told stay as they are until they are told.
    const now = this.#options.elapsed();
    if (known !== undefined && known.version === this.#version && now - known.builtAt < LONGEST_MS) {
      if (isComplete(known.merged.parts, parts)) return known.merged;
    }
    const merged = new MergedCatalogue(parts, this.access, this.#options.namespace);
    this.#report(merged);
    this.#snapshots.delete(key);
    this.#snapshots.set(key, { merged, version: this.#version, builtAt: now });
    if (this.#snapshots.size > OWN_LISTS) {
      for (const oldest of this.#snapshots.keys()) {
        if (oldest === '') continue;
        this.#snapshots.delete(oldest);
        break;
      }
    }
    return merged;
  }

  close(): void {
    for (const forget of this.#forgets) forget();
    this.feed.close();
    this.#snapshots.clear();
  }

  #report(merged: MergedCatalogue): void {
    const seen = new Set<string>();
    const report = (
      kind: 'tool' | 'prompt',
      { name, kept, hidden }: { name: string; kept: string; hidden: string },
    ): void => {
      const mark = JSON.stringify([kind, name, kept, hidden]);
      seen.add(mark);
      if (!this.#reported.has(mark)) this.#options.onCollision(kind, name, kept, hidden);
    };
    for (const collision of merged.tools.collisions) report('tool', collision);
    for (const collision of merged.prompts.collisions) report('prompt', collision);
    this.#reported = seen;
  }
}

/** Callers whose lists can differ: a server may list by token, and by what the client can be asked. Empty: like all. */
function ownerOf({ principal, capabilities }: Caller): string {
  if (!canBeAsked(capabilities)) return principal?.token ?? '';
  const { elicitation, sampling, roots } = capabilities;
  return JSON.stringify([principal?.token, elicitation, sampling, roots]);
}

function isSame(a: readonly Part[], b: readonly Part[]): boolean {
  return a.length === b.length && a.every(([, catalogue], index) => catalogue === b[index]?.[1]);
}

/** Whether nothing in `now` is the first list of a server that had none before. */
function isComplete(before: readonly Part[], now: readonly Part[]): boolean {
  return before.every(([, was], index) => {
    const is = now[index]?.[1];
    return is === was || is === undefined || was.tools.length + was.prompts.length + was.resources.length > 0;
  });
}
