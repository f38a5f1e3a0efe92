import type { Endpoint, ErrorDialect, OwnedPrefix } from './endpoint.ts';

/** What a path means to us. */
export type Match =
  | { readonly kind: 'endpoint'; readonly endpoint: Endpoint }
  | { readonly kind: 'wrong_method'; readonly allow: string; readonly dialect: ErrorDialect }
  | { readonly kind: 'unknown'; readonly dialect: ErrorDialect }
  | { readonly kind: 'foreign' };

const FOREIGN: Match = { kind: 'foreign' };

/** Path → endpoint, everything precomputed: one map look-up for a known path. */
export class Router {
  readonly #known = new Map<string, Map<string, Match>>();
  readonly #wrongMethod = new Map<string, Match>();
  readonly #prefixes: readonly { readonly below: string; readonly exact: string; readonly match: Match }[];

  constructor(endpoints: readonly Endpoint[], prefixes: readonly OwnedPrefix[]) {
    for (const endpoint of endpoints) {
      for (const path of endpoint.paths) {
        let methods = this.#known.get(path);
        if (methods === undefined) {
          methods = new Map();
          this.#known.set(path, methods);
        }
        methods.set(endpoint.method, { kind: 'endpoint', endpoint });
        this.#wrongMethod.set(path, {
          kind: 'wrong_method',
          allow: [...methods.keys(), 'OPTIONS'].join(', '),
          dialect: endpoint.dialect,
        });
      }
    }
    this.#prefixes = prefixes.map(({ prefix, dialect }) => ({
      exact: prefix,
      below: `${prefix}/`,
      match: { kind: 'unknown', dialect },
    }));
  }

  /** Whether a path is ours at all; everything else belongs to the host. */
  owns(path: string): boolean {
    return this.#known.has(path) || this.#prefix(path) !== undefined;
  }

  match(method: string, path: string): Match {
    const methods = this.#known.get(path);
    if (methods !== undefined) return methods.get(method) ?? this.#wrongMethod.get(path) ?? FOREIGN;
    return this.#prefix(path) ?? FOREIGN;
  }

  #prefix(path: string): Match | undefined {
    for (const { exact, below, match } of this.#prefixes) {
      if (path === exact || path.startsWith(below)) return match;
    }
    return undefined;
  }
}
