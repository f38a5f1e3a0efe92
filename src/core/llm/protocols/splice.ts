import { Buffer } from 'node:buffer';

const KEY = '"model"';
/** "model" spelled with escapes needs at least one of \u006d \u006f \u0064 \u0065 \u006c. */
const ESCAPED_LETTER = '\\u006';
const PLAIN = /^[\w./:@-]*$/;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
/** Up to here text is searched and put together in less time than bytes. */
const SHORT = 16 * 1024;

/**
 * Replaces the value of the top-level `"model"` member inside JSON bytes and leaves every other byte as it is.
 *
 * `undefined` when the bytes are not unambiguous, that is when any reader could take another member for the model: the
 * token stands more than once (a duplicate key would let a client show one model to us and another to the provider), is
 * spelled with escapes, or its value is not `current`. The caller then serialises the parsed object instead.
 */
export function spliceModel(bytes: Buffer, current: string, replacement: string): Buffer | undefined {
  // A character for each byte: places are the same, and short text is searched without a call into Node for each token.
  const source = bytes.length > SHORT ? bytes : bytes.toString('latin1');
  const at = source.indexOf(KEY);
  if (at < 0 || source.indexOf(KEY, at + KEY.length) >= 0 || codeAt(source, at - 1) === BACKSLASH) return undefined;
  if (source.includes(ESCAPED_LETTER)) return undefined;
  let from = skipBlanks(source, at + KEY.length);
  if (codeAt(source, from) !== COLON) return undefined;
  from = skipBlanks(source, from + 1);
  const value = quoted(current);
  const to = from + value.length;
  if (typeof source === 'string') {
    if (!source.startsWith(value, from)) return undefined;
    return Buffer.from(source.slice(0, from) + quoted(replacement) + source.slice(to), 'latin1');
  }
  if (source.toString('latin1', from, to) !== value) return undefined;
  return replaceRange(bytes, from, to, Buffer.from(quoted(replacement), 'latin1'));
}

/** Adds a member to the end of a JSON object's bytes. `member` is its JSON text; the object must have members already. */
export function appendMember(bytes: Buffer, member: string): Buffer {
  const end = bytes.lastIndexOf('}');
  return replaceRange(bytes, end, end, Buffer.from(`,${member}`));
}

function replaceRange(bytes: Buffer, from: number, to: number, put: Buffer): Buffer {
  const out = Buffer.allocUnsafe(bytes.length - (to - from) + put.length);
  bytes.copy(out, 0, 0, from);
  put.copy(out, from);
  bytes.copy(out, from + put.length, to);
  return out;
}

function skipBlanks(source: Buffer | string, from: number): number {
  let at = from;
  while (isBlank(codeAt(source, at))) at++;
  return at;
}

function codeAt(source: Buffer | string, at: number): number {
  return typeof source === 'string' ? source.charCodeAt(at) : (source[at] ?? Number.NaN);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** A string as JSON, a character for each of its bytes; names of models seldom need escapes. */
function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : Buffer.from(JSON.stringify(text)).toString('latin1');
}
