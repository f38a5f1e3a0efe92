// What lies below a schema's wrappers, so that other files can follow a value and its schema side by side.
import * as z from 'zod';
import { isTable } from '../table.ts';

export type SchemaNode =
  | { readonly kind: 'object'; readonly shape: ReadonlyMap<string, z.core.$ZodType> }
  | { readonly kind: 'record'; readonly value: z.core.$ZodType }
  | { readonly kind: 'list'; readonly element: z.core.$ZodType }
  | { readonly kind: 'value'; readonly schema: z.core.$ZodType };

/** The node that judges `value`: of a union, the member that `value` says it is. */
export function nodeOf(schema: z.core.$ZodType, value: unknown): SchemaNode {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'optional':
    case 'default':
    case 'prefault':
      return nodeOf(def.innerType, value);
    case 'lazy':
      return nodeOf((schema as z.core.$ZodLazy)._zod.innerType, value);
    case 'object':
      return { kind: 'object', shape: new Map(Object.entries(def.shape)) };
    case 'record':
      return { kind: 'record', value: def.valueType };
    case 'array':
      return { kind: 'list', element: def.element };
    case 'union':
      return unionNode(schema, def, value);
    default:
      return { kind: 'value', schema };
  }
}

/** The schema of one member of `value`; `undefined` where the schema knows none of that name. */
export function memberSchema(schema: z.core.$ZodType, value: unknown, key: PropertyKey): z.core.$ZodType | undefined {
  const node = nodeOf(schema, value);
  switch (node.kind) {
    case 'object':
      return node.shape.get(String(key));
    case 'record':
      return node.value;
    case 'list':
      return node.element;
    default:
      return undefined;
  }
}

/**
 * What else is wrong with a table whose tag no option of the union has: zod stops at the tag, so the rest is read as the
 * first option would read it. Paths begin at the table.
 */
export function issuesBesideTag(schema: z.core.$ZodType, value: unknown): readonly z.core.$ZodIssue[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type !== 'union' || !('discriminator' in def) || !isTable(value)) return [];
  const [option] = def.options;
  const node = option === undefined ? undefined : nodeOf(option, value);
  if (option === undefined || node?.kind !== 'object') return [];
  const tag = String(def.discriminator);
  const [known] = node.shape.get(tag)?._zod.values ?? [];
  return z.safeParse(option, { ...value, [tag]: known }).error?.issues ?? [];
}

function unionNode(schema: z.core.$ZodType, def: z.core.$ZodUnionDef, value: unknown): SchemaNode {
  const discriminator = 'discriminator' in def ? String(def.discriminator) : undefined;
  const tag = discriminator === undefined || !isTable(value) ? undefined : value[discriminator];
  const nodes = def.options.map((option) => nodeOf(option, value));
  const shapes = nodes.filter((node) => node.kind === 'object');
  if (discriminator !== undefined && shapes.length === nodes.length) {
    for (const node of shapes) {
      const literal = node.shape.get(discriminator)?._zod.values;
      if (typeof tag === 'string' && literal?.has(tag)) return node;
    }
    // An unknown tag: members that any option has are read as such, so that one mistake is reported once.
    return { kind: 'object', shape: new Map(shapes.flatMap((node) => [...node.shape])) };
  }
  if (isTable(value))
    return nodes.find((node) => node.kind === 'object' || node.kind === 'record') ?? { kind: 'value', schema };
  if (Array.isArray(value)) return nodes.find((node) => node.kind === 'list') ?? { kind: 'value', schema };
  return { kind: 'value', schema };
}
