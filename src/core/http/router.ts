import type { Endpoint, ErrorDialect, OwnedPrefix } from './endpoint.ts';

/** What a path means to us. */
export type Match =
  | { readonly kind: 'endpoint'; readonly endpoint: Endpoint }
  | {
      readonly kind: 'wrong_method';
      readonly allow: string;
      readonly dialect: ErrorDialect;
      /** As the endpoints of the path are. */
      readonly openToPages: boolean;
    }
  | { readonly kind: 'unknown'; readonly dialect: ErrorDialect }
  | { readonly kind: 'foreign' };

const FOREIGN: Match = { kind: 'foreign' };

interface Branch {
  readonly below: string;
  readonly methods: ReadonlyMap<string, Match>;
  readonly otherwise: Match;
}

/** Path → endpoint, everything precomputed: one map look-up for a known path. */
export class Router {
  readonly #known = new Map<string, Branch>();
  readonly #branches: readonly Branch[];
  readonly #prefixes: readonly { readonly below: string; readonly exact: string; readonly match: Match }[];

  constructor(endpoints: readonly Endpoint[], prefixes: readonly OwnedPrefix[]) {
    const byPath = new Map<string, Endpoint[]>();
    for (const endpoint of endpoints) {
      for (const path of endpoint.paths) byPath.set(path, [...(byPath.get(path) ?? []), endpoint]);
    }
    for (const [path, served] of byPath) this.#known.set(path, branch(path, served));
    this.#branches = [...this.#known.values()].filter(({ below }) => isBranch(below)).sort(longestFirst);
    this.#prefixes = prefixes
      .map(({ prefix, dialect }) => ({
        exact: prefix,
        below: `${prefix}/`,
        match: { kind: 'unknown' as const, dialect },
      }))
      .sort(longestFirst);
  }

  /** Whether a path is ours at all; everything else belongs to the host. */
  owns(path: string): boolean {
    return this.#find(path) !== undefined || this.#prefix(path) !== undefined;
  }

  match(method: string, path: string): Match {
    const found = this.#find(path);
    if (found !== undefined) return found.methods.get(method) ?? found.otherwise;
    return this.#prefix(path) ?? FOREIGN;
  }

  /** A path that is served and ends as this one does, which is not: the API's own part of it. */
  like(path: string): string | undefined {
    const end = /(?:\/[^/]+){2}\/?$/.exec(path)?.[0].replace(/\/$/, '');
    return end === undefined ? undefined : [...this.#known.keys()].find((known) => known.endsWith(end));
  }

  /** The pattern a path is served at: itself, or the path above it and `*`. `undefined`: it is not served. */
  pattern(path: string): string | undefined {
    const below = this.#find(path)?.below;
    return below === undefined || below === path ? below : `${below}*`;
  }

  #find(path: string): Branch | undefined {
    const known = this.#known.get(path);
    if (known !== undefined && !isBranch(path)) return known;
    return this.#branches.find(({ below }) => path.length > below.length && path.startsWith(below));
  }

  #prefix(path: string): Match | undefined {
    for (const { exact, below, match } of this.#prefixes) {
      if (path === exact || path.startsWith(below)) return match;
    }
    return undefined;
  }
}

/** Whether a path stands for all below it; the root is only itself. */
function isBranch(path: string): boolean {
  return path.length > 1 && path.endsWith('/');
}

function branch(path: string, served: readonly Endpoint[]): Branch {
  const methods = new Map<string, Match>();
  for (const endpoint of served) {
    methods.set(endpoint.method, { kind: 'endpoint', endpoint });
    if (endpoint.head === true) methods.set('HEAD', { kind: 'endpoint', endpoint });
  }
  const allow = [...methods.keys(), 'OPTIONS'].join(', ');
  const openToPages = served.some((endpoint) => endpoint.openToPages === true);
  return {
    below: path,
    methods,
    otherwise:
      served[0] === undefined ? FOREIGN : { kind: 'wrong_method', allow, dialect: served[0].dialect, openToPages },
  };
}

function longestFirst(a: { readonly below: string }, b: { readonly below: string }): number {
  return b.below.length - a.below.length;
}
