import { describe, expect, it } from 'vitest';
import { NexusError } from '../../errors/nexus-error.ts';
import { checkedVector, toFormat } from './vector.ts';

/** 1, -2 and 0.5 as little-endian 32-bit floats, written by hand. */
const BASE64 = Buffer.from('0000803f000000c00000003f', 'hex').toString('base64');

function refused(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (NexusError.is(error)) return error.code;
    throw error;
  }
  throw new Error('accepted');
}

describe('a vector', () => {
  it('becomes base64 and numbers again', () => {
    expect(toFormat([1, -2, 0.5], 'base64')).toBe(BASE64);
    expect(toFormat(BASE64, 'float')).toEqual([1, -2, 0.5]);
  });

  it('loses no more than 32 bits cannot hold', () => {
    const vector = Array.from({ length: 1000 }, (_, index) => Math.sin(index) / 3);
    expect(toFormat(toFormat(vector, 'base64'), 'float')).toEqual(vector.map(Math.fround));
  });

  it('stays as it is in its own format', () => {
    const vector = [0.1];
    expect(toFormat(vector, 'float')).toBe(vector);
    expect(toFormat(BASE64, 'base64')).toBe(BASE64);
  });

  it.each([[undefined], [null], [{}], [''], [[]], [3]])('is not %j', (value) => {
    expect(refused(() => toFormat(value, 'float'))).toBe('upstream_invalid');
    expect(refused(() => checkedVector(value, 'base64'))).toBe('upstream_invalid');
  });

  it.each([[[1, '2']], [[1, null]], [[Number.POSITIVE_INFINITY]], [[[1]]]])('does not hold %j', (value) => {
    expect(refused(() => toFormat(value, 'base64'))).toBe('upstream_invalid');
    expect(refused(() => checkedVector(value, 'float'))).toBe('upstream_invalid');
  });

  it.each([
    ['no base64', '!!!!'],
    ['a broken number', Buffer.alloc(6).toString('base64')],
    ['something that is not a number', Buffer.from('0000c07f', 'hex').toString('base64')],
  ])('is not read from %s', (_, text) => {
    expect(refused(() => toFormat(text, 'float'))).toBe('upstream_invalid');
  });
});
