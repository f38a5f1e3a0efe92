import { describe, expect, it } from 'vitest';
import { eventData, lastEventEnd, SseReader, splitEvents } from './sse.ts';

function read(pieces: Buffer[], limit?: number): { events: [string, string | undefined][]; within: boolean } {
  const events: [string, string | undefined][] = [];
  const reader = new SseReader((data, event) => events.push([data, event]), limit);
  let within = true;
  for (const piece of pieces) within = reader.push(piece) && within;
  reader.end();
  return { events, within };
}

const bytes = (text: string): Buffer[] => [...Buffer.from(text)].map((byte) => Buffer.from([byte]));

describe('SseReader', () => {
  const text = ': hello\n\nevent: a\ndata: {"x":"é😀"}\n\ndata: one\ndata:two\n\ndata: last';
  const expected = [
    ['{"x":"é😀"}', 'a'],
    ['one\ntwo', undefined],
    ['last', undefined],
  ];

  it('reads events cut at every byte, also inside a character', () => {
    expect(read(bytes(text)).events).toEqual(expected);
    expect(read([Buffer.from(text)]).events).toEqual(expected);
  });

  it.each(['\r\n', '\r'])('reads line ends %j', (end) => {
    expect(read(bytes(text.replaceAll('\n', end))).events).toEqual(expected);
  });

  it('tells the id of an event, and when to come back', () => {
    const told: unknown[] = [];
    const reader = new SseReader(
      (data, _, id) => told.push([data, id]),
      undefined,
      (delay) => told.push(delay),
    );
    for (const piece of bytes('id: é-1\ndata:\n\nretry: 20\ndata: one\n\nretry: soon\n\n')) reader.push(piece);
    expect(told).toEqual([['', 'é-1'], 20, ['one', undefined]]);
  });

  it('says when an event outgrows its limit', () => {
    expect(read([Buffer.from(`data: ${'x'.repeat(100)}`)], 50).within).toBe(false);
    expect(read([Buffer.from('data: x\n\n'.repeat(20))], 50).within).toBe(true);
  });
});

describe('event boundaries', () => {
  it.each([
    ['data: a\n\n', 9],
    ['data: a\r\n\r\n', 11],
    ['data: a\n\r\n', 10],
    ['data: a\r\r', 9],
    ['data: a\n\ndata: b', 9],
    ['data: a\n', 0],
    ['', 0],
    ['\n', 0],
  ])('finds the end of the last whole event in %j', (text, end) => {
    expect(lastEventEnd(Buffer.from(text))).toBe(end);
  });

  it('cuts events apart without losing a byte', () => {
    const text = 'data: a\n\n: comment\n\ndata: b\r\n\r\nrest';
    const events = splitEvents(Buffer.from(text)).map(String);
    expect(events).toEqual(['data: a\n\n', ': comment\n\n', 'data: b\r\n\r\n', 'rest']);
    expect(events.join('')).toBe(text);
  });

  it('joins the data lines of an event', () => {
    expect(eventData(Buffer.from('event: x\ndata: {"a":\ndata:1}\n\n'))).toBe('{"a":\n1}');
    expect(eventData(Buffer.from(': nothing\n\n'))).toBe('');
  });
});
