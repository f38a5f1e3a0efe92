import { describe, expect, it } from 'vitest';
import { nanoDollars, parseMoney, shiftDecimal } from './decimal.ts';

describe('parseMoney', () => {
  it.each([
    ['0', 0n],
    ['1', 10n ** 24n],
    ['2.5', 25n * 10n ** 23n],
    ['2.8e-9', 28n * 10n ** 14n],
    ['1E3', 10n ** 27n],
    ['1e-24', 1n],
    ['0.0000029999900000000002', 29999900000000002n * 100n],
  ])('%s', (text, money) => {
    expect(parseMoney(text)).toBe(money);
  });

  it.each(['', '-1', '1.2.3', '1e', 'NaN', 'Infinity', '0x10', '1_000', ' 1', '1e-25', '1e999', '9'.repeat(65)])(
    'refuses %j',
    (text) => {
      expect(parseMoney(text)).toBeUndefined();
    },
  );
});

describe('shiftDecimal', () => {
  it.each([
    ['2.5e-6', 6, '2.5'],
    ['0.0000125', 6, '12.5'],
    ['1e-7', 6, '0.1'],
    ['3', 0, '3'],
    ['0', 6, '0'],
    ['100', 6, '100000000'],
  ])('%s by %i is %s', (text, shift, shifted) => {
    expect(shiftDecimal(text, shift)).toBe(shifted);
  });
});

it('rounds up to whole nano-dollars, and caps', () => {
  expect(nanoDollars(0n)).toBe(0);
  expect(nanoDollars(1n)).toBe(1);
  expect(nanoDollars(10n ** 15n)).toBe(1);
  expect(nanoDollars(10n ** 15n + 1n)).toBe(2);
  expect(nanoDollars(10n ** 40n)).toBe(Number.MAX_SAFE_INTEGER);
});
