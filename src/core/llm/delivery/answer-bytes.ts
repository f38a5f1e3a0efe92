import { Buffer } from 'node:buffer';
import { utf8Text } from '../../http/text.ts';

/** An answer as it should have come: without a byte order mark, and in UTF-8. */
export interface AnswerBytes {
  readonly bytes: Buffer;
  readonly text: string;
}

/** Bytes that are not UTF-8 are taken for Latin-1, in which every byte is a character. */
export function answerBytes(came: Buffer): AnswerBytes {
  const bytes = hasMark(came) ? came.subarray(3) : came;
  const text = utf8Text(bytes);
  if (text !== undefined) return { bytes, text };
  const latin1 = bytes.toString('latin1');
  return { bytes: Buffer.from(latin1), text: latin1 };
}

/** Whether the bytes begin with UTF-8's byte order mark. */
export function hasMark(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}
