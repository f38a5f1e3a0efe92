import { type Buffer, isAscii } from 'node:buffer';

/** UTF-8 bytes → text. Most JSON is ASCII, which Node decodes several times faster when told so. */
export function textOf(bytes: Buffer): string {
  return bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8');
}
