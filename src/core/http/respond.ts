import { Buffer } from 'node:buffer';
import type { Reply } from '../exchange/reply.ts';

/** A JSON answer; `text` is already JSON. */
export function json(status: number, text: string | Uint8Array, headers: string[] = []): Reply {
  const length = typeof text === 'string' ? Buffer.byteLength(text) : text.byteLength;
  headers.push('content-type', 'application/json', 'content-length', String(length));
  return { status, headers, body: text };
}

export function empty(status: number, headers: string[] = []): Reply {
  headers.push('content-length', '0');
  return { status, headers, body: null };
}
