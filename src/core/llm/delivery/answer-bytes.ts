import { Buffer, isUtf8 } from 'node:buffer';

/**
 * The bytes of an answer as they should have come: without a byte order mark, and in UTF-8. Bytes that are not UTF-8 are
 * taken for Latin-1, in which every byte is a character.
 */
export function answerBytes(bytes: Buffer): Buffer {
  const body = hasMark(bytes) ? bytes.subarray(3) : bytes;
  return isUtf8(body) ? body : Buffer.from(body.toString('latin1'));
}

/** Whether the bytes begin with UTF-8's byte order mark. */
export function hasMark(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}
