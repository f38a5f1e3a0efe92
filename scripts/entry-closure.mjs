// What loading a built file loads with it: found by reading import statements, without running anything.
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

/** Modules that a file reaches without a dynamic import: own files as paths, everything else as written. */
export function reachStatically(entry) {
  const reached = new Set([entry]);
  for (const path of reached) {
    if (!path.startsWith('/')) continue;
    for (const statement of ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest).statements) {
      const name = statement.moduleSpecifier?.text;
      if (name !== undefined) reached.add(name.startsWith('.') ? join(dirname(path), name) : name);
    }
  }
  return reached;
}

/** Bytes of a built file and of all own files it loads. */
export function closureBytes(entry) {
  return [...reachStatically(entry)].reduce((sum, path) => sum + (path.startsWith('/') ? statSync(path).size : 0), 0);
}
