// snake_case → camelCase, guided by the schema: only keys the schema knows are respelled; names the user chose
// (providers, models) and keys nobody knows stay as they are.
import type * as z from 'zod';
import { type ConfigIssue, formatPath } from './issues.ts';
import { nodeOf } from './schema/walk.ts';
import { isTable } from './table.ts';

export interface Camelized {
  readonly value: unknown;
  readonly issues: readonly ConfigIssue[];
  readonly spelling: Spelling;
}

/** Remembers how the user spelt the keys, so that reports speak the user's language. */
export class Spelling {
  readonly #keys = new WeakMap<object, Map<string, string>>();
  readonly #snakeCase: boolean;

  /** `snakeCase`: how keys are named that the user did not write. */
  constructor(snakeCase: boolean) {
    this.#snakeCase = snakeCase;
  }

  record(table: object, key: string, written: string): void {
    const keys = this.#keys.get(table) ?? new Map<string, string>();
    keys.set(key, written);
    this.#keys.set(table, keys);
  }

  /** `key` of the camelCase `table`, as the user wrote it or would have written it. */
  of(table: unknown, key: PropertyKey, known = true): PropertyKey {
    if (typeof key !== 'string') return key;
    const written = typeof table === 'object' && table !== null ? this.#keys.get(table)?.get(key) : undefined;
    return written ?? (known ? this.known(key) : key);
  }

  /** A key of the schema, in the spelling of this document. */
  known(key: string, besides = ''): string {
    return this.#snakeCase || besides.includes('_') ? snakeCase(key) : key;
  }
}

export function snakeCase(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A copy of `value` with all keys the schema knows in camelCase. Tables of the copy have no prototype. */
export function camelize(value: unknown, schema: z.core.$ZodType, snake: boolean): Camelized {
  const issues: ConfigIssue[] = [];
  const spelling = new Spelling(snake);
  return { value: convert(value, schema, [], issues, spelling), issues, spelling };
}

function convert(
  value: unknown,
  schema: z.core.$ZodType,
  path: readonly PropertyKey[],
  issues: ConfigIssue[],
  spelling: Spelling,
): unknown {
  const node = nodeOf(schema, value);
  if (Array.isArray(value)) {
    if (node.kind !== 'list') return value;
    return value.map((item, index) => convert(item, node.element, [...path, index], issues, spelling));
  }
  if (!isTable(value) || node.kind === 'list' || node.kind === 'value') return value;

  const respelt = new Map<string, string>();
  if (node.kind === 'object') for (const key of node.shape.keys()) respelt.set(snakeCase(key), key);
  const table: Record<string, unknown> = Object.create(null);
  for (const [written, item] of Object.entries(value)) {
    // JavaScript's own objects cannot hold this name safely, and neither can the code of those who read it.
    if (written === '__proto__' && node.kind === 'record') {
      issues.push({ path: formatPath(path), message: '"__proto__" cannot be used as a name' });
      continue;
    }
    const key = respelt.get(written) ?? written;
    if (key in table) {
      issues.push({
        path: formatPath([...path, written]),
        message: `is given twice, also as ${spelling.of(table, key).toString()}`,
      });
      continue;
    }
    const member = node.kind === 'object' ? node.shape.get(key) : node.value;
    table[key] = member === undefined ? item : convert(item, member, [...path, written], issues, spelling);
    spelling.record(table, key, written);
  }
  return table;
}
