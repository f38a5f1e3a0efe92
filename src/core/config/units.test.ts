import { describe, expect, it } from 'vitest';
import { parseDuration, parseSize } from './units.ts';

describe('parseDuration', () => {
  it.each([
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['1h 30m', 5_400_000],
    ['1m + 30s', 90_000],
    ['2*30s', 60_000],
    ['30s*2', 60_000],
    ['2*30', 60_000],
    ['1d + 30', 86_430_000],
    ['1.5s', 1500],
    ['45', 45_000],
    ['250ms', 250],
    ['1 Hour', 3_600_000],
    ['2 MIN', 120_000],
    ['1mon', 2_592_000_000],
    ['1y', 31_536_000_000],
    ['1w', 604_800_000],
    ['1500µs', 2],
    ['1500us', 2],
    ['1ns', 1],
    ['0.1s', 100],
    ['0s', 0],
    [10, 10_000],
    [0.25, 250],
    [0, 0],
  ])('%j is %d ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each([
    '',
    ' ',
    's',
    '10 parsecs',
    '-1s',
    '1s-2s',
    '10s5',
    '1h30',
    '30s*2s',
    '1s++2s',
    '+1s',
    '1s*',
    '1,5s',
    '1e3s',
    '0x10',
    'Infinity',
    '1constructor',
    '1__proto__',
    '9'.repeat(60),
    `${'1s+'.repeat(5000)}1s`,
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe('parseSize', () => {
  it.each([
    ['32MiB', 33_554_432],
    ['10MB', 10_000_000],
    ['512kb', 512_000],
    ['1 KiB', 1024],
    ['1.5MiB', 1_572_864],
    ['2g', 2_000_000_000],
    ['1GiB', 1_073_741_824],
    ['100', 100],
    ['7b', 7],
    [4096, 4096],
  ])('%j is %d bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', 'MiB', '-1', '1.5', '1.2345b', '10 potatoes', '1MiB1', '1e9', '9'.repeat(40), -1, 1.5, Number.NaN])(
    'refuses %j',
    (text) => {
      expect(parseSize(text)).toBeUndefined();
    },
  );
});
