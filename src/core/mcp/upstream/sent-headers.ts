// Tool arguments a modern server wants mirrored to `Mcp-Param-*` headers (`x-mcp-header` in the tool's input schema).
// Source: revision 2026-07-28, "Streamable HTTP", Custom Headers from Tool Parameters.
import { encodeHeaderValue } from '../wire/header-value.ts';
import type { JsonObject } from '../wire/json-rpc.ts';
import { isObject } from '../wire/message.ts';

/** An argument that is mirrored. */
export interface SentParam {
  readonly path: readonly string[];
  readonly header: string;
}

const KEY = 'x-mcp-header';
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const TYPES: ReadonlySet<unknown> = new Set(['string', 'integer', 'boolean']);
const DEEPEST = 64;

/** The arguments to mirror; undefined when an annotation breaks the rules, and the tool must not be used. */
export function sentParams(inputSchema: unknown): readonly SentParam[] | undefined {
  const found: SentParam[] = [];
  return isObject(inputSchema) && collect(inputSchema, [], new Set(), found) ? found : undefined;
}

/** Whether `schema` keeps the rules. Only properties of properties, all the way down, may be annotated. */
function collect(schema: JsonObject, path: readonly string[], names: Set<string>, found: SentParam[]): boolean {
  if (path.length > DEEPEST) return false;
  const name = schema[KEY];
  if (name !== undefined) {
    if (path.length === 0 || typeof name !== 'string' || !TOKEN.test(name) || !TYPES.has(schema['type'])) return false;
    const known = name.toLowerCase();
    if (names.has(known)) return false;
    names.add(known);
    found.push({ path, header: `Mcp-Param-${name}` });
  }
  for (const [keyword, below] of Object.entries(schema)) {
    if (keyword === 'properties' && isObject(below)) {
      for (const [key, child] of Object.entries(below)) {
        if (isObject(child) && !collect(child, [...path, key], names, found)) return false;
      }
    } else if (SUBSCHEMAS.has(keyword) && isAnnotated(below, 0)) return false;
  }
  return true;
}

/** Keywords whose schemas may hold no annotation: whether they apply depends on the arguments. */
const SUBSCHEMAS: ReadonlySet<string> = new Set([
  '$defs',
  'additionalProperties',
  'allOf',
  'anyOf',
  'contains',
  'definitions',
  'dependentSchemas',
  'else',
  'if',
  'items',
  'not',
  'oneOf',
  'patternProperties',
  'prefixItems',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
]);

function isAnnotated(value: unknown, depth: number): boolean {
  if (depth > DEEPEST) return true;
  if (Array.isArray(value)) return value.some((item) => isAnnotated(item, depth + 1));
  if (!isObject(value)) return false;
  if (typeof value[KEY] === 'string') return true;
  return Object.values(value).some((item) => isAnnotated(item, depth + 1));
}

/** The headers of one call. Arguments that are absent, null or no plain value send none. */
export function paramHeaders(params: readonly SentParam[], args: unknown): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { path, header } of params) {
    let value: unknown = args;
    for (const key of path) value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    const text = plainText(value);
    if (text !== undefined) headers[header] = encodeHeaderValue(text);
  }
  return headers;
}

function plainText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? undefined : String(value);
}
