import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { LARGEST_MESSAGE } from '../message-size.ts';
import { limitMessages } from './limited-body.ts';

const MEGABYTE = 1024 * 1024;

async function length(chunks: Iterable<Uint8Array>, isEventStream: boolean): Promise<number> {
  const source = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  let total = 0;
  for await (const chunk of limitMessages(source, isEventStream)) total += chunk.byteLength;
  return total;
}

function* repeated(chunk: Uint8Array, times: number): Iterable<Uint8Array> {
  for (let time = 0; time < times; time++) yield chunk;
}

const filler = Buffer.alloc(MEGABYTE, 'x');

describe('limitMessages', () => {
  it('passes a document up to the limit and fails above it', async () => {
    expect(await length(repeated(filler, 16), false)).toBe(LARGEST_MESSAGE);
    await expect(length(repeated(filler, 17), false)).rejects.toThrow('16 MiB');
  });

  it('counts a stream event by event', async () => {
    const event = (end: string) => Buffer.concat([filler, Buffer.from(end)]);
    for (const end of ['\n\n', '\r\n\r\n', '\r\r']) {
      expect(await length(repeated(event(end), 40), true)).toBeGreaterThan(40 * MEGABYTE);
    }
    await expect(length(repeated(event('\n'), 20), true)).rejects.toThrow('16 MiB');
  });

  it('sees an event end that is cut in two', async () => {
    const halves = [Buffer.concat([filler, Buffer.from('\n')]), Buffer.concat([Buffer.from('\n'), filler])];
    function* chunks(): Iterable<Uint8Array> {
      for (let time = 0; time < 20; time++) yield* halves;
    }
    expect(await length(chunks(), true)).toBeGreaterThan(40 * MEGABYTE);
  });
});
