import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { invalidAnswer } from './connection-error.ts';

export type Decompressor = ReturnType<typeof createGunzip>;

const CODINGS = new Map<string, () => Decompressor>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

/** How a `content-encoding` (RFC 9110, 8.4.1) is undone; `undefined` where there is nothing to undo. Throws at one it does not know. */
export function decompressorOf(contentEncoding: string): (() => Decompressor) | undefined {
  const name = contentEncoding.trim().toLowerCase();
  if (name === '' || name === 'identity') return undefined;
  const open = CODINGS.get(name);
  if (open === undefined) throw invalidAnswer(`its content-encoding '${name.slice(0, 32)}' is unknown`);
  return open;
}
