import { Buffer } from 'node:buffer';
import { NexusError } from '../../errors/nexus-error.ts';
import type { VectorFormat } from './request.ts';

const BYTES = Float32Array.BYTES_PER_ELEMENT;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Which of the two formats a vector stands in. Throws `upstream_invalid` when it is none. */
export function vectorFormat(vector: unknown): VectorFormat {
  if (typeof vector === 'string' && vector !== '') return 'base64';
  if (Array.isArray(vector) && vector.length > 0) return 'float';
  throw unreadable();
}

/**
 * A vector in the format that is wanted, as a JSON value. One that stands in it already is handed back as it is.
 * Throws `upstream_invalid` for anything that is no vector of finite numbers.
 */
export function toFormat(vector: unknown, wanted: VectorFormat): string | readonly number[] {
  const given = vectorFormat(vector);
  if (given === wanted) return vector as string | readonly number[];
  return wanted === 'base64' ? toBase64(vector as readonly unknown[]) : toFloats(vector as string);
}

/** The same, with every number looked at also where nothing is converted. */
export function checkedVector(vector: unknown, wanted: VectorFormat): string | readonly number[] {
  if (vectorFormat(vector) === 'float' && wanted === 'float') checkNumbers(vector as readonly unknown[]);
  return toFormat(vector, wanted);
}

function toBase64(vector: readonly unknown[]): string {
  checkNumbers(vector);
  const bytes = Buffer.from(Float32Array.from(vector as readonly number[]).buffer);
  return (IS_LITTLE_ENDIAN ? bytes : bytes.swap32()).toString('base64');
}

function toFloats(text: string): number[] {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 0 || bytes.length % BYTES !== 0 || !BASE64.test(text)) throw unreadable();
  const numbers = new Array<number>(bytes.length / BYTES);
  for (let index = 0; index < numbers.length; index++) numbers[index] = bytes.readFloatLE(index * BYTES);
  checkNumbers(numbers);
  return numbers;
}

function checkNumbers(vector: readonly unknown[]): void {
  for (let index = 0; index < vector.length; index++) {
    if (!Number.isFinite(vector[index])) throw unreadable();
  }
}

function unreadable(): NexusError {
  return new NexusError('upstream_invalid', 'The provider sent an embedding that cannot be read');
}
