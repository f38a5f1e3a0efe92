import { Buffer, isAscii, isUtf8 } from 'node:buffer';

/** UTF-8 bytes → text. Most JSON is ASCII, which Node decodes several times faster when told so. */
export function textOf(bytes: Buffer): string {
  return bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8');
}

/** Text → UTF-8 bytes. Text that is ASCII, which takes as many bytes as it has characters, is only copied. */
export function bytesOf(text: string): Buffer {
  return Buffer.from(text, Buffer.byteLength(text) === text.length ? 'latin1' : 'utf8');
}

/** UTF-8 bytes → text, for bytes that may be anything; `undefined` when they are not UTF-8. */
export function utf8Text(bytes: Buffer): string | undefined {
  if (isAscii(bytes)) return bytes.toString('latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}
