import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type Frame, FrameReader } from './bedrock-frames.ts';

/** A message with raw header bytes; the recordings hold the reader to real ones (test/wire/bedrock.test.ts). */
function message(headers: Buffer, payload = '{}', length?: number): Buffer {
  const prelude = Buffer.alloc(8);
  prelude.writeUInt32BE(length ?? 16 + headers.length + payload.length);
  prelude.writeUInt32BE(headers.length, 4);
  const sum = (bytes: Buffer) => {
    const four = Buffer.alloc(4);
    four.writeUInt32BE(crc32(bytes));
    return four;
  };
  const whole = Buffer.concat([prelude, sum(prelude), headers, Buffer.from(payload)]);
  return Buffer.concat([whole, sum(whole)]);
}

const named = (name: string, ...value: number[]) => Buffer.from([name.length, ...Buffer.from(name), ...value]);
const textual = (name: string, value: string) => Buffer.concat([named(name, 7, 0, value.length), Buffer.from(value)]);

function read(...chunks: Buffer[]): { frames: Frame[]; whole: boolean } {
  const frames: Frame[] = [];
  const reader = new FrameReader((frame) => frames.push(frame));
  const whole = chunks.every((chunk) => reader.push(chunk));
  return { frames, whole };
}

describe('frames', () => {
  it('may have headers of every type, of which texts are read', () => {
    const headers = Buffer.concat([
      named('t', 0),
      named('f', 1),
      named('b', 2, 1),
      named('s', 3, 1, 2),
      named('i', 4, 1, 2, 3, 4),
      named('l', 5, ...Buffer.alloc(8)),
      named('y', 6, 0, 2, 9, 9),
      textual(':event-type', 'x'),
      named('d', 8, ...Buffer.alloc(8)),
      named('u', 9, ...Buffer.alloc(16)),
    ]);
    const { frames, whole } = read(message(headers));
    expect(whole).toBe(true);
    expect([...(frames[0]?.headers ?? [])]).toEqual([[':event-type', 'x']]);
    expect(frames[0]?.payload.toString()).toBe('{}');
  });

  it('may be empty, and come several at once or in halves', () => {
    const one = message(Buffer.alloc(0), '');
    const two = message(textual('a', 'b'), '{"two":2}');
    const both = Buffer.concat([one, two]);
    for (let cut = 0; cut <= both.length; cut++) {
      const { frames, whole } = read(both.subarray(0, cut), both.subarray(cut));
      expect(whole).toBe(true);
      expect(frames.map(({ payload }) => payload.toString())).toEqual(['', '{"two":2}']);
    }
  });

  it('that are long and come in small pieces take linear time', () => {
    const bytes = message(Buffer.alloc(0), 'x'.repeat(4_000_000));
    const pieces: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += 100) pieces.push(bytes.subarray(at, at + 100));
    const before = performance.now();
    expect(read(...pieces).frames).toHaveLength(1);
    // Joining at every piece would copy eighty thousand million bytes.
    expect(performance.now() - before).toBeLessThan(5000);
  });
});

describe('bytes that are no frames', () => {
  const good = message(textual('a', 'b'), '{"a":1}');

  it.each([...good.keys()])('with byte %i changed', (at) => {
    const bad = Buffer.from(good);
    bad[at] = (bad[at] ?? 0) ^ 0xff;
    expect(read(bad)).toEqual({ frames: [], whole: false });
  });

  it.each([
    ['shorter than their own frame', message(Buffer.alloc(0), '', 15)],
    ['longer than the format allows', message(Buffer.alloc(0), '', 2 ** 30)],
    ['with a header that runs out', message(Buffer.from([200, 1, 2]))],
    ['with a header value that runs out', message(named('a', 7, 1, 0))],
    ['with a header type nobody knows', message(named('a', 10))],
    ['a page of text', Buffer.from('<html><body>Not Found</body></html>')],
  ])('%s', (_, bytes) => {
    expect(read(bytes)).toEqual({ frames: [], whole: false });
  });
});
