import { NexusError } from '../../../errors/nexus-error.ts';
import { PriceBook, type Source } from './price-book.ts';
import { PriceList } from './price-list.ts';

/** Bytes; the public file has some two million. */
const LARGEST_FILE = 32 * 1024 * 1024;

/** The list of the package is the same for every instance: it is read once. */
let shipped: PriceList | undefined;

/** A book that can be opened without waiting: no file is named, and the list of the package has been read before. */
export function readyBook(file: string | undefined): PriceBook | undefined {
  return file === undefined && shipped !== undefined ? bookOf(undefined, shipped) : undefined;
}

/**
 * Loads the price lists: the operator's file, if one is named, and the package's own, which is a module of text so that
 * bundlers carry it along. `onFailure` is told why the file cannot be used; the other list then stands alone.
 */
export async function openBook(file: string | undefined, onFailure: (error: NexusError) => void): Promise<PriceBook> {
  shipped ??= PriceList.ofText((await import('./shipped-prices.ts')).SHIPPED_PRICES);
  if (file === undefined) return bookOf(undefined, shipped);
  try {
    return bookOf(await readPriceFile(file), shipped);
  } catch (cause) {
    onFailure(NexusError.is(cause) ? cause : unusable(file, 'it cannot be read', cause));
    return bookOf(undefined, shipped);
  }
}

function bookOf(own: PriceList | undefined, list: PriceList): PriceBook {
  const sources: Source[] = [{ name: 'shipped', list }];
  if (own !== undefined) sources.unshift({ name: 'file', list: own });
  return new PriceBook(sources);
}

/** The day the file was last changed stands for the day of its prices. */
async function readPriceFile(path: string): Promise<PriceList> {
  const { readFile, stat } = await import('node:fs/promises');
  const { size, mtime } = await stat(path);
  if (size > LARGEST_FILE) throw unusable(path, `it is larger than ${LARGEST_FILE} bytes`);
  const list = PriceList.ofLiteLlm(JSON.parse(await readFile(path, 'utf8')), mtime.toISOString().slice(0, 10));
  if (list === undefined) throw unusable(path, "it has no row in the form of LiteLLM's price list");
  return list;
}

function unusable(path: string, why: string, cause?: unknown): NexusError {
  return new NexusError('config_invalid', `The price file '${path}' cannot be used: ${why}`, { cause });
}
