import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** The text of a file that comes with the package, by its path in there; `undefined` where there is none. */
export async function packageText(path: string): Promise<string | undefined> {
  // By its own name: what is built lies elsewhere than what it is built from.
  const root = pathToFileURL(createRequire(import.meta.url).resolve('nexus-ai/package.json'));
  try {
    return await readFile(new URL(path, root), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
