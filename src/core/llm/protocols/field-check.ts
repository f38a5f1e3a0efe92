import { NexusError } from '../../errors/nexus-error.ts';
import { isJsonObject } from './json-object.ts';

/** Looks at one field and throws `invalid_request` when it is not what the format says. */
export type FieldCheck = (value: unknown, path: string) => void;

/** Says which field is wrong, what belongs there and what kind of value was found; never the value, which is private. */
export function invalidField(path: string, expected: string, value: unknown, found = kindOf(value)): NexusError {
  return new NexusError('invalid_request', `${path} must be ${expected}, not ${found}`, { param: path });
}

export function invalidBody(body: unknown): NexusError {
  return new NexusError('invalid_request', `The request body must be a JSON object, not ${kindOf(body)}`);
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'absent';
  if (value === null) return 'null';
  if (value === '') return 'an empty string';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** Applies a check unless the member is absent, which `null` says as well. */
export function checkOptional(check: FieldCheck, value: unknown, path: string): void {
  if (!isAbsent(value)) check(value, path);
}

/** The same as a check of its own. */
export function optional(check: FieldCheck): FieldCheck {
  return (value, path) => checkOptional(check, value, path);
}

export function checkString(value: unknown, path: string): void {
  if (typeof value !== 'string') throw invalidField(path, 'a string', value);
}

export function checkOptionalString(value: unknown, path: string): void {
  checkOptional(checkString, value, path);
}

export function checkNonEmptyString(value: unknown, path: string): void {
  if (typeof value !== 'string' || value === '') throw invalidField(path, 'a non-empty string', value);
}

export function checkBoolean(value: unknown, path: string): void {
  if (typeof value !== 'boolean') throw invalidField(path, 'a boolean', value);
}

/** JSON has no infinity, but `1e999` parses to one. */
export function checkNumber(value: unknown, path: string): void {
  if (typeof value !== 'number') throw invalidField(path, 'a number', value);
  if (!Number.isFinite(value)) throw invalidField(path, 'a finite number', value, 'one too large to hold');
}

export function checkInteger(value: unknown, path: string): void {
  if (typeof value !== 'number') throw invalidField(path, 'an integer', value);
  if (!Number.isInteger(value)) throw invalidField(path, 'an integer', value, 'a fraction');
}

export function checkCount(value: unknown, path: string): void {
  checkInteger(value, path);
  if (Number(value) < 0) throw invalidField(path, 'zero or more', value, 'a negative number');
  if (!Number.isSafeInteger(value)) throw invalidField(path, 'an integer', value, 'one too large to hold');
}

export function checkPositiveInteger(value: unknown, path: string): void {
  checkInteger(value, path);
  if (Number(value) < 1) throw invalidField(path, 'a positive integer', value, 'zero or less');
  if (!Number.isSafeInteger(value)) throw invalidField(path, 'a positive integer', value, 'one too large to hold');
}

export function checkObject(value: unknown, path: string): void {
  if (!isJsonObject(value)) throw invalidField(path, 'an object', value);
}

export function checkOptionalObject(value: unknown, path: string): void {
  checkOptional(checkObject, value, path);
}

export function checkArray(value: unknown, path: string): void {
  if (!Array.isArray(value)) throw invalidField(path, 'an array', value);
}

/** A list of objects, or one object that stands for a list of one. */
export function checkObjects(value: unknown, path: string): void {
  if (isJsonObject(value)) return;
  if (!Array.isArray(value)) throw invalidField(path, 'an array of objects', value);
  for (let index = 0; index < value.length; index++) checkObject(value[index], `${path}[${index}]`);
}

/** An object that says by `type` which of several shapes it has. */
export function checkTypedObject(value: unknown, path: string): void {
  if (!isJsonObject(value)) throw invalidField(path, 'an object', value);
  checkNonEmptyString(value['type'], `${path}.type`);
}

export function checkStrings(value: unknown, path: string): void {
  if (!Array.isArray(value)) throw invalidField(path, 'an array of strings', value);
  for (let index = 0; index < value.length; index++) {
    if (typeof value[index] !== 'string') throw invalidField(`${path}[${index}]`, 'a string', value[index]);
  }
}

export function checkStringOrStrings(value: unknown, path: string): void {
  if (typeof value === 'string') return;
  if (!Array.isArray(value)) throw invalidField(path, 'a string or an array of strings', value);
  checkStrings(value, path);
}

export function checkStringOrObject(value: unknown, path: string): void {
  if (typeof value !== 'string' && !isJsonObject(value)) throw invalidField(path, 'a string or an object', value);
}
