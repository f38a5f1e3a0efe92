// What all generators do with what they made: lay it out as Biome would, then write it, or say that the file is stale.
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BIOME = fileURLToPath(new URL('../node_modules/@biomejs/biome/bin/biome', import.meta.url));

/** Biome decides how `file` (a path from the root) is laid out, as for every other file. */
export function formatted(file, text) {
  return execFileSync(process.execPath, [BIOME, 'format', '--stdin-file-path', file], {
    input: text,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    cwd: ROOT,
  });
}

/** Writes `file`; with `checkOnly` compares, and fails the process where it is stale. */
export async function keepFresh(file, text, command, checkOnly) {
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
  if (!checkOnly) {
    await mkdir(dirname(path), { recursive: true });
    return writeFile(path, text);
  }
  if ((await readFile(path, 'utf8').catch(() => undefined)) === text) return;
  console.error(`${file} is stale; run: ${command}`);
  process.exitCode = 1;
}
