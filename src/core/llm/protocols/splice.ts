import { Buffer } from 'node:buffer';

const KEY = Buffer.from('"model"');
const ESCAPED_LETTER = Buffer.from('\\u006');
const PLAIN = /^[\w./:@-]*$/;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/**
 * Replaces the value of the top-level `"model"` member inside JSON bytes and leaves every other byte as it is.
 *
 * `undefined` when the bytes are not unambiguous, that is when any reader could take another member for the model: the
 * token stands more than once (a duplicate key would let a client show one model to us and another to the provider), is
 * spelled with escapes, or its value is not `current`. The caller then serialises the parsed object instead.
 */
export function spliceModel(bytes: Buffer, current: string, replacement: string): Buffer | undefined {
  const at = bytes.indexOf(KEY);
  if (at < 0 || bytes.indexOf(KEY, at + KEY.length) >= 0 || bytes[at - 1] === BACKSLASH) return undefined;
  // "model" spelled with escapes needs at least one of \u006d \u006f \u0064 \u0065 \u006c.
  if (bytes.indexOf(ESCAPED_LETTER) >= 0) return undefined;
  let from = skipBlanks(bytes, at + KEY.length);
  if (bytes[from] !== COLON) return undefined;
  from = skipBlanks(bytes, from + 1);
  const value = quoted(current);
  const to = from + Buffer.byteLength(value);
  if (bytes.toString('utf8', from, to) !== value) return undefined;
  return replaceRange(bytes, from, to, quoted(replacement));
}

/** Adds a member to the end of a JSON object's bytes. `member` is its JSON text; the object must have members already. */
export function appendMember(bytes: Buffer, member: string): Buffer {
  const end = bytes.lastIndexOf('}');
  return replaceRange(bytes, end, end, `,${member}`);
}

function replaceRange(bytes: Buffer, from: number, to: number, text: string): Buffer {
  const size = Buffer.byteLength(text);
  const out = Buffer.allocUnsafe(bytes.length - (to - from) + size);
  bytes.copy(out, 0, 0, from);
  out.write(text, from);
  bytes.copy(out, from + size, to);
  return out;
}

function skipBlanks(bytes: Buffer, from: number): number {
  let at = from;
  for (let byte = bytes[at]; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = bytes[++at]);
  return at;
}

/** A string as JSON; names of models seldom need escapes. */
function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}
