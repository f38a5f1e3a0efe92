/*
 * Judges modules against a table of who may import whom. The table is an argument: the real one stands in
 * test/architecture.test.ts.
 */
import type { ModuleImport, SourceModule } from './source-modules.ts';

/**
 * What the modules of one folder, or one file, may import. Their own folder is always allowed. `type:` before a name
 * allows its types only.
 */
export interface ImportRule {
  /** Folders or files, from the root. */
  readonly own: readonly string[];
  /** Names of packages, or of subpaths of them. */
  readonly packages?: readonly string[];
  /** Node's modules, `node:` and all. */
  readonly builtins?: readonly string[];
}

/** Folder or file → rule. The longest name that fits a module is the one that counts. */
export type ImportRules = Readonly<Record<string, ImportRule>>;

/** Words for a folder that has no idea of its own. */
const NAMELESS = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'shared', 'misc', 'lib']);

/** One sentence per breach; empty when the modules keep the rules. */
export function findBreaches(modules: readonly SourceModule[], rules: ImportRules): string[] {
  const breaches: string[] = [];
  for (const module of modules) {
    const folder = module.path.split('/').slice(0, -1);
    for (const name of folder) {
      if (NAMELESS.has(name))
        breaches.push(`${module.path}: a folder named ${name} has no idea of its own; name the idea`);
    }
    for (const code of module.dynamicCode) breaches.push(`${module.path}: ${code}`);
    const place = placeOf(module.path, rules);
    if (place === undefined) {
      breaches.push(
        `${module.path}: no rule for this place; write the decision in docs/decisions/ and add a row to test/architecture.test.ts`,
      );
      continue;
    }
    const [home, rule] = place;
    for (const one of module.imports) {
      if (!isAllowed(one, home, rule)) {
        breaches.push(`${module.path}: may not import ${one.typeOnly ? 'type ' : ''}${one.target} (rule of ${home})`);
      }
    }
  }
  return breaches;
}

function isAllowed(one: ModuleImport, home: string, rule: ImportRule): boolean {
  if (one.own && fits(one.target, home)) return true;
  const outside = one.target.startsWith('node:') ? rule.builtins : rule.packages;
  const names = (one.own ? rule.own : outside) ?? [];
  return names.some((name) => {
    if (!name.startsWith('type:')) return fits(one.target, name);
    return one.typeOnly && fits(one.target, name.slice('type:'.length));
  });
}

function placeOf(path: string, rules: ImportRules): [string, ImportRule] | undefined {
  let best: [string, ImportRule] | undefined;
  for (const [name, rule] of Object.entries(rules)) {
    if (fits(path, name) && name.length > (best?.[0].length ?? -1)) best = [name, rule];
  }
  return best;
}

/** `path` is `name` or lies below it. A name ending in `*` fits every path that starts so. */
function fits(path: string, name: string): boolean {
  if (name.endsWith('*')) return path.startsWith(name.slice(0, -1));
  return path === name || path.startsWith(`${name}/`);
}

/** Our own modules that are loaded with one of them, itself included. */
export function loadedWith(modules: readonly SourceModule[], path: string): string[] {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const loaded = new Set([path]);
  for (const reached of loaded) {
    for (const { own, target, typeOnly, late } of byPath.get(reached)?.imports ?? []) {
      if (own && !typeOnly && !late) loaded.add(target);
    }
  }
  return [...loaded];
}

/** The first cycle found from each module that is in one, as `a -> b -> a`. Type-only imports vanish and do not count. */
export function findCycles(modules: readonly SourceModule[]): string[] {
  const edges = new Map(
    modules.map((module) => [
      module.path,
      module.imports.filter((one) => one.own && !one.typeOnly).map((one) => one.target),
    ]),
  );
  const cycles: string[] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const onTrail = new Set<string>();
  const walk = (path: string): void => {
    if (onTrail.has(path)) {
      cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
      return;
    }
    if (done.has(path)) return;
    trail.push(path);
    onTrail.add(path);
    for (const next of edges.get(path) ?? []) walk(next);
    trail.pop();
    onTrail.delete(path);
    done.add(path);
  };
  for (const path of edges.keys()) walk(path);
  return cycles;
}
