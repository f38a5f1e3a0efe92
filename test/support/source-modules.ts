/*
 * Reads TypeScript sources as modules: what each imports, and whether it runs code made from text. Works on text, so
 * that the rules built on it can be tried on invented files.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';

export interface ModuleImport {
  /** A path from the repository's root for our own files, the specifier as written for everything else. */
  readonly target: string;
  readonly own: boolean;
  readonly typeOnly: boolean;
  /** By a call, when that is reached. */
  readonly late: boolean;
}

export interface SourceModule {
  /** From the repository's root, with `/`. */
  readonly path: string;
  readonly imports: readonly ModuleImport[];
  /** `eval`, `new Function`, or an import whose name is computed; empty when clean. */
  readonly dynamicCode: readonly string[];
}

/** All `.ts` modules below `folder` (from the root) except tests, in a stable order. */
export function readSourceModules(root: string, folder: string): SourceModule[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .sort()
    .map((path) => parseSourceModule(path, readFileSync(join(root, path), 'utf8')));
}

export function parseSourceModule(path: string, text: string): SourceModule {
  const imports: ModuleImport[] = [];
  const dynamicCode: string[] = [];
  const add = (name: ts.Node | undefined, typeOnly: boolean, late = false) => {
    if (name === undefined) return;
    if (ts.isStringLiteralLike(name)) imports.push({ ...resolveImport(path, name.text), typeOnly, late });
    else dynamicCode.push('an import of a computed name');
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnlyImport(node));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node)) {
      const called = node.expression;
      if (called.kind === ts.SyntaxKind.ImportKeyword || isNamed(called, 'require'))
        add(node.arguments[0], false, true);
      if (isNamed(called, 'eval')) dynamicCode.push('eval');
      if (isNamed(called, 'Function')) dynamicCode.push('Function()');
    } else if (ts.isNewExpression(node) && isNamed(node.expression, 'Function')) dynamicCode.push('new Function');
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false));
  return { path, imports, dynamicCode };
}

function resolveImport(from: string, specifier: string): Pick<ModuleImport, 'target' | 'own'> {
  const own = specifier.startsWith('.');
  return { target: own ? posix.join(posix.dirname(from), specifier) : specifier, own };
}

/** `import type x`, or a list in which every name is marked `type`. */
function isTypeOnlyImport(node: ts.ImportDeclaration): boolean {
  const clause = node.importClause;
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const names = clause.namedBindings;
  if (clause.name !== undefined || names === undefined || !ts.isNamedImports(names)) return false;
  return names.elements.length > 0 && names.elements.every((element) => element.isTypeOnly);
}

function isNamed(node: ts.Node, name: string): boolean {
  return ts.isIdentifier(node) && node.text === name;
}
