/*
 * A ```js or ```ts block behind `<!-- from: path#region -->` is, letter for letter, that region (`// #region name`) of a
 * file that the examples run. All others are compiled against the declarations of the built package; names that they take
 * for granted are declared in docs/names.d.ts.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './pages.mjs';

const OPTIONS = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts'],
  types: ['node'],
  typeRoots: [join(root, 'node_modules/@types')],
  strict: true,
  noImplicitAny: false,
  allowJs: true,
  checkJs: true,
  skipLibCheck: true,
  noEmit: true,
};

export function checkPrograms(pages) {
  const blocks = programs(pages);
  return [...blocks.flatMap(differenceFromSource), ...compile(blocks.filter(({ mark }) => mark?.key !== 'from'))];
}

function programs(pages) {
  const blocks = [...pages.values()].flatMap((page) => page.blocks);
  return blocks.filter(({ language }) => language === 'js' || language === 'ts');
}

/** The lines of a region, without the indentation they share. */
function readRegion(reference) {
  const [path = '', name] = reference.split('#');
  if (!existsSync(join(root, path))) return undefined;
  const lines = readFileSync(join(root, path), 'utf8').split('\n');
  const start = lines.findIndex((line) => line.trim() === `// #region ${name}`);
  const end = lines.findIndex((line, index) => index > start && line.trim() === `// #endregion ${name}`);
  if (start === -1 || end === -1) return undefined;
  const region = lines.slice(start + 1, end);
  const indent = Math.min(...region.filter((line) => line !== '').map((line) => line.search(/\S/)));
  return `${region
    .map((line) => line.slice(indent))
    .join('\n')
    .trimEnd()}\n`;
}

function differenceFromSource({ file, line, body, mark }) {
  if (mark?.key !== 'from') return [];
  const region = readRegion(mark.value);
  if (region === undefined) return [`${file}:${line} there is no region ${mark.value}`];
  return region === body
    ? []
    : [`${file}:${line} is not what ${mark.value} says; npm run check:docs -- --write copies it`];
}

/** Puts the regions into the pages. */
export function copyRegions(pages) {
  for (const page of pages.values()) {
    let { text } = page;
    // From the end, so that what stands before keeps its place.
    for (const { at, body, mark } of page.blocks.toReversed()) {
      const region = mark?.key === 'from' ? readRegion(mark.value) : undefined;
      if (region !== undefined) text = text.slice(0, at) + region + text.slice(at + body.length);
    }
    if (text !== page.text) writeFileSync(join(root, page.file), text);
  }
}

/** Each block is a module of its own, beside the sources, so that it finds the package by its own name. */
function compile(blocks) {
  if (blocks.length === 0) return [];
  const sources = new Map(
    blocks.map((block, index) => [join(root, `docs/block-${index}.${block.language === 'ts' ? 'mts' : 'mjs'}`), block]),
  );
  const host = ts.createCompilerHost(OPTIONS);
  const { fileExists, readFile, getSourceFile } = host;
  const textOf = (path) => {
    const block = sources.get(path);
    return block && `${block.body}\nexport {};\n`;
  };
  host.fileExists = (path) => sources.has(path) || fileExists.call(host, path);
  host.readFile = (path) => textOf(path) ?? readFile.call(host, path);
  host.getSourceFile = (path, target, ...rest) => {
    const text = textOf(path);
    return text === undefined
      ? getSourceFile.call(host, path, target, ...rest)
      : ts.createSourceFile(path, text, target, true);
  };
  const names = join(root, 'docs/names.d.ts');
  const program = ts.createProgram([names, ...sources.keys()], OPTIONS, host);
  return ts.getPreEmitDiagnostics(program).flatMap(({ file, start, messageText }) => {
    const text = ts.flattenDiagnosticMessageText(messageText, '\n');
    const block = sources.get(file?.fileName ?? '');
    if (file === undefined || block === undefined) return [`${file?.fileName ?? 'the blocks'}: ${text}`];
    const { line } = file.getLineAndCharacterOfPosition(start ?? 0);
    return [`${block.file}:${block.line + 1 + line} ${text}`];
  });
}
