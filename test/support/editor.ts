// What an editor shows: hover texts and completions, by TypeScript's own language service over the sources.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export interface Editor {
  /** What hovering over the first `text` of the file shows. */
  hover(text: string): string;
  /** What is offered between the quotes of the first `text` of the file, which ends in two of them. */
  completions(text: string): string[];
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Opens a file that need not exist, in a folder of the repository. */
export function openInEditor(path: string, source: string): Editor {
  const file = join(root, path);
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config;
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [path] }, ts.sys, root);
  const read = (name: string): string | undefined => (name === file ? source : ts.sys.readFile(name));
  const service = ts.createLanguageService({
    getScriptFileNames: () => [file],
    getScriptVersion: () => '1',
    getScriptSnapshot: (name) => {
      const text = read(name);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => root,
    getCompilationSettings: () => options,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (name) => name === file || ts.sys.fileExists(name),
    readFile: read,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  });
  const place = (text: string): number => {
    const at = source.indexOf(text);
    if (at < 0) throw new Error(`There is no ${text} in the file`);
    return at;
  };
  return {
    hover: (text) => ts.displayPartsToString(service.getQuickInfoAtPosition(file, place(text))?.displayParts),
    completions(text) {
      const found = service.getCompletionsAtPosition(file, place(text) + text.length - 1, undefined);
      return found?.entries.map(({ name }) => name) ?? [];
    },
  };
}
