import type { JsonObject } from '../../canonical/request.ts';

const SNAKE_NAMES = new Map<string, string>();

/** Value of a member whose name clients write in lowerCamel or in snake_case; `null` counts as absent. */
export function member(object: JsonObject, name: string): unknown {
  return object[name] ?? object[snakeName(name)] ?? undefined;
}

/** Google reads a lone object where its format declares a list, and real clients rely on it. */
export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** The name as the format publishes it, whichever way the caller spelled it. */
export function camelName(name: string): string {
  return name.includes('_') ? name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()) : name;
}

/** Called with names of the format only, so the table stays small. */
function snakeName(name: string): string {
  let snake = SNAKE_NAMES.get(name);
  if (snake === undefined) {
    snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    SNAKE_NAMES.set(name, snake);
  }
  return snake;
}
