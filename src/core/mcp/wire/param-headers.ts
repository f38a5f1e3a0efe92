import { decodeHeaderValue } from './header-value.ts';
import type { JsonObject } from './json-rpc.ts';
import { isObject } from './message.ts';

/** A parameter that a tool's schema wants mirrored to a header. */
export interface MirroredParam {
  readonly path: readonly string[];
  /** Lower case, with its prefix: `mcp-param-region`. */
  readonly header: string;
  readonly numeric: boolean;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const DECIMAL = /^-?\d+(?:\.\d+)?$/;
const MAX_DEPTH = 32;

/** The parameters a tool's input schema marks with `x-mcp-header`, at any depth of `properties`. */
export function mirroredParams(inputSchema: unknown): readonly MirroredParam[] {
  const found: MirroredParam[] = [];
  collect(inputSchema, [], found);
  return found;
}

function collect(schema: unknown, path: readonly string[], found: MirroredParam[]): void {
  if (!isObject(schema) || path.length > MAX_DEPTH) return;
  const name = schema['x-mcp-header'];
  if (typeof name === 'string' && path.length > 0 && TOKEN.test(name)) {
    const numeric = schema['type'] === 'integer' || schema['type'] === 'number';
    found.push({ path, header: `mcp-param-${name.toLowerCase()}`, numeric });
  }
  const { properties } = schema;
  if (!isObject(properties)) return;
  for (const [key, child] of Object.entries(properties)) collect(child, [...path, key], found);
}

/**
 * What is wrong with the mirrored headers of a call, in words; undefined when they agree with its arguments. A parameter
 * that is absent or null expects no header.
 */
export function findParamMismatch(
  params: readonly MirroredParam[],
  args: unknown,
  header: (name: string) => string | undefined,
): string | undefined {
  for (const { path, header: name, numeric } of params) {
    const value = valueAt(args, path);
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') continue;
    const sent = header(name);
    if (sent === undefined) return `the header ${name} is missing`;
    const decoded = decodeHeaderValue(sent);
    if (decoded === undefined) return `the header ${name} is not readable`;
    const equal =
      numeric && typeof value === 'number' && DECIMAL.test(decoded)
        ? Number(decoded) === value
        : decoded === String(value);
    if (!equal) return `the header ${name} differs from the argument ${path.join('.')}`;
  }
  return undefined;
}

function valueAt(root: unknown, path: readonly string[]): unknown {
  let node = root;
  for (const key of path) {
    if (!isObject(node) || !Object.hasOwn(node, key)) return undefined;
    node = (node as JsonObject)[key];
  }
  return node;
}
