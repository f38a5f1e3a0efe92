// A value that a JSON Schema accepts, as small as can be: what the demo provider passes to a tool it calls.
import { isObject, type JsonObject, listOf, member } from './json-value.ts';

/** Deeper than any real tool; ends schemas that contain themselves. */
const MAX_DEPTH = 12;

function resolve(reference: string, root: unknown): unknown {
  if (!reference.startsWith('#')) return undefined;
  return reference
    .split('/')
    .slice(1)
    .reduce<unknown>((at, step) => member(at, step.replaceAll('~1', '/').replaceAll('~0', '~')), root);
}

function exampleText(schema: JsonObject): string {
  const shortest = schema['minLength'];
  const longest = schema['maxLength'];
  const text = 'demo'.padEnd(typeof shortest === 'number' ? Math.min(shortest, 1000) : 0, '.');
  return typeof longest === 'number' ? text.slice(0, Math.max(0, longest)) : text;
}

function exampleNumber(schema: JsonObject): number {
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum } = schema;
  const low = Math.max(
    typeof minimum === 'number' ? minimum : Number.NEGATIVE_INFINITY,
    typeof exclusiveMinimum === 'number' ? exclusiveMinimum + 1 : Number.NEGATIVE_INFINITY,
  );
  const high = Math.min(
    typeof maximum === 'number' ? maximum : Number.POSITIVE_INFINITY,
    typeof exclusiveMaximum === 'number' ? exclusiveMaximum - 1 : Number.POSITIVE_INFINITY,
  );
  const value = Math.min(Math.max(1, low), high);
  return schema['type'] === 'integer' ? Math.ceil(value) : value;
}

function exampleObject(schema: JsonObject, root: unknown, depth: number): JsonObject {
  const names = listOf(schema['required']).filter((name) => typeof name === 'string');
  // fromEntries defines members, so a property called `__proto__` is only a property.
  return Object.fromEntries(
    names.map((name) => [name, exampleOf(member(schema['properties'], name) ?? {}, root, depth + 1)]),
  );
}

function typeOf(schema: JsonObject): unknown {
  const type = schema['type'];
  if (Array.isArray(type)) return type.find((name) => name !== 'null') ?? 'null';
  return type ?? ('properties' in schema || 'required' in schema ? 'object' : undefined);
}

/**
 * A value for `schema`: its default, constant, first enumerated value or first example where it names one, else the
 * smallest value of its type with only the required members. Patterns and formats are not looked at.
 */
export function exampleOf(schema: unknown, root: unknown = schema, depth = 0): unknown {
  if (!isObject(schema) || depth > MAX_DEPTH) return 'demo';
  if ('default' in schema) return schema['default'];
  if ('const' in schema) return schema['const'];
  for (const choices of [schema['enum'], schema['examples']]) {
    if (Array.isArray(choices) && choices.length > 0) return choices[0];
  }
  if (typeof schema['$ref'] === 'string') return exampleOf(resolve(schema['$ref'], root), root, depth + 1);
  for (const variants of [schema['anyOf'], schema['oneOf'], schema['allOf']]) {
    if (Array.isArray(variants) && variants.length > 0) return exampleOf(variants[0], root, depth + 1);
  }
  switch (typeOf(schema)) {
    case 'object':
      return exampleObject(schema, root, depth);
    case 'array': {
      const least = schema['minItems'];
      const item = () => exampleOf(schema['items'] ?? {}, root, depth + 1);
      return typeof least === 'number' ? Array.from({ length: Math.min(Math.max(0, least), 10) }, item) : [];
    }
    case 'integer':
    case 'number':
      return exampleNumber(schema);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return exampleText(schema);
  }
}
