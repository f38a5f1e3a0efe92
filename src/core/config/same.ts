// Whether two parts of a configuration say the same.
import { Secret } from './secret.ts';

/**
 * Deep equality of resolved configuration: primitives, arrays, records, patterns and secrets, which are compared by what
 * they hide. A value of any other kind equals only itself.
 */
export function saysTheSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (!isObject(one) || !isObject(other)) return false;
  if (one instanceof Secret) return other instanceof Secret && one.reveal() === other.reveal();
  if (one instanceof RegExp) return other instanceof RegExp && String(one) === String(other);
  if (Array.isArray(one)) {
    return Array.isArray(other) && one.length === other.length && one.every((item, i) => saysTheSame(item, other[i]));
  }
  return isRecord(one) && isRecord(other) && haveSameMembers(one, other);
}

/** The order of names counts: of providers, the first that has a model is asked for it. */
function haveSameMembers(one: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>): boolean {
  const names = membersOf(one);
  const others = membersOf(other);
  return (
    names.length === others.length &&
    names.every((name, i) => name === others[i] && saysTheSame(one[name], other[name]))
  );
}

/** A member that is undefined is as good as absent. */
function membersOf(record: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(record).filter((name) => record[name] !== undefined);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isRecord(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
