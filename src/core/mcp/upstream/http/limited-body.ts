import { Buffer } from 'node:buffer';
import { LARGEST_MESSAGE, TOO_LARGE } from '../message-size.ts';

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** A body that fails as soon as it holds a message above the limit: a JSON document, or one event of a stream. */
export function limitMessages(body: ReadableStream<Uint8Array>, isEventStream: boolean): ReadableStream<Uint8Array> {
  let length = 0;
  let endedInNewline = false;
  const limiter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      const rest = isEventStream ? bytesAfterLastEvent(chunk, endedInNewline) : undefined;
      endedInNewline = chunk[chunk.length - 1] === NEWLINE;
      length = rest ?? length + chunk.length;
      if (length > LARGEST_MESSAGE) controller.error(new Error(TOO_LARGE));
      else controller.enqueue(chunk);
    },
  });
  return body.pipeThrough(limiter);
}

const EVENT_ENDS = ['\n\n', '\n\r\n', '\r\r'];

/** Bytes behind the last empty line; undefined when there is none in this chunk. */
function bytesAfterLastEvent(chunk: Uint8Array, afterNewline: boolean): number | undefined {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  let end = afterNewline && (bytes[0] === NEWLINE || bytes[0] === RETURN) ? 1 : -1;
  for (const mark of EVENT_ENDS) {
    const at = bytes.lastIndexOf(mark);
    if (at !== -1) end = Math.max(end, at + mark.length);
  }
  return end === -1 ? undefined : bytes.length - end;
}
