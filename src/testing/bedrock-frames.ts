// Amazon's binary event stream: one message per event, as bedrock-runtime frames them.
import { crc32 } from 'node:zlib';
import type { StreamEvent } from './answer.ts';

const TEXT = 7;

function header(name: string, value: string): Buffer {
  const key = Buffer.from(name);
  const text = Buffer.from(value);
  const size = Buffer.alloc(2);
  size.writeUInt16BE(text.length);
  return Buffer.concat([Buffer.of(key.length), key, Buffer.of(TEXT), size, text]);
}

function checksum(bytes: Uint8Array): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum;
}

/** A message: lengths with their checksum, headers, payload, checksum of it all. */
export function bedrockMessage(headers: readonly (readonly [string, string])[], payload: string): Buffer {
  const head = Buffer.concat(headers.map(([name, value]) => header(name, value)));
  const body = Buffer.from(payload);
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32BE(8 + 4 + head.length + body.length + 4);
  lengths.writeUInt32BE(head.length, 4);
  const message = Buffer.concat([lengths, checksum(lengths), head, body]);
  return Buffer.concat([message, checksum(message)]);
}

/** An event's name is its type; that of an exception ends in `Exception`. */
export function bedrockFrame({ name = '', data }: StreamEvent): Buffer {
  const kind = name.endsWith('Exception') ? 'exception' : 'event';
  const headers = [
    [`:${kind}-type`, name],
    [':content-type', 'application/json'],
    [':message-type', kind],
  ] as const;
  return bedrockMessage(headers, data);
}
