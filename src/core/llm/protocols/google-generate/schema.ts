import type { JsonObject } from '../../canonical/request.ts';
import { isJsonObject } from '../json-object.ts';
import { camelName } from './member.ts';

/** Keywords that hold schemas by name, and those that hold a schema or a list of them. */
const SCHEMA_MAPS = new Set(['properties', '$defs', 'definitions', 'patternProperties', 'dependentSchemas']);
const SCHEMAS = new Set(
  'anyOf oneOf allOf prefixItems items not if then else contains propertyNames additionalProperties'.split(' '),
);

const TOOL_REFUSED = new Set(['$schema', 'additionalProperties']);
const OPEN_API_ONLY = new Set(['nullable', 'propertyOrdering', 'example']);
const COUNTS = new Set(['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties']);

/** JSON Schema for `parametersJsonSchema`, without the keywords that are refused there; properties of that name stay. */
export function encodeToolSchema(schema: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([keyword]) => !TOOL_REFUSED.has(keyword))
      .map(([keyword, value]) => [keyword, inside(keyword, value, encodeToolSchema)]),
  );
}

/** JSON Schema for `responseJsonSchema`. */
export function encodeResponseSchema({ $schema: _, ...schema }: JsonObject): JsonObject {
  return schema;
}

/**
 * Google's OpenAPI subset → JSON Schema: types in lower case, `nullable` as a type or an alternative, counts (which the
 * format may write as strings) as numbers.
 */
export function decodeOpenApiSchema(schema: JsonObject): JsonObject {
  const nullable = schema['nullable'] === true;
  const entries: [string, unknown][] = [];
  for (const [name, value] of Object.entries(schema)) {
    const keyword = camelName(name);
    if (OPEN_API_ONLY.has(keyword) || (keyword === 'format' && value === 'enum')) continue;
    entries.push([keyword, decodeKeyword(keyword, inside(keyword, value, decodeOpenApiSchema), nullable)]);
  }
  return Object.fromEntries(entries);
}

function decodeKeyword(keyword: string, value: unknown, nullable: boolean): unknown {
  if (keyword === 'type' && typeof value === 'string') {
    const type = value.toLowerCase();
    return nullable ? [type, 'null'] : type;
  }
  if (keyword === 'enum' && nullable && Array.isArray(value)) return [...value, null];
  if (keyword === 'anyOf' && nullable && Array.isArray(value)) return [...value, { type: 'null' }];
  return COUNTS.has(keyword) && typeof value === 'string' ? Number(value) : value;
}

/** Rewrites the schemas below a keyword. Examples, constants and enums are values, not schemas. */
function inside(keyword: string, value: unknown, rewrite: (schema: JsonObject) => JsonObject): unknown {
  const each = (schema: unknown): unknown => (isJsonObject(schema) ? rewrite(schema) : schema);
  if (SCHEMA_MAPS.has(keyword)) {
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, each(schema)]));
  }
  if (!SCHEMAS.has(keyword)) return value;
  return Array.isArray(value) ? value.map(each) : each(value);
}
