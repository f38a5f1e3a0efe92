// What a local tool takes: a schema of any library that follows Standard Schema (zod and others), or a plain JSON
// Schema. Either way it yields the JSON Schema clients see and the check of what they send.
import type { JsonObject } from '../../wire/json-rpc.ts';
import { isObject } from '../../wire/message.ts';

/** The part of Standard Schema (standardschema.dev) that is used here. */
export interface StandardSchema {
  readonly '~standard': {
    readonly version: number;
    readonly vendor: string;
    readonly validate: (value: unknown) => unknown;
    readonly jsonSchema?: { readonly input: (options: { readonly target: 'draft-2020-12' }) => unknown };
  };
}

export type ToolInput = StandardSchema | JsonObject;

export interface CompiledInput {
  /** As clients see it. */
  readonly schema: JsonObject;
  /** The arguments as the tool gets them, or what is wrong with them. */
  check(args: unknown): Promise<{ readonly value: unknown } | { readonly problem: string }>;
}

const NOTHING: JsonObject = { type: 'object', properties: {} };

/** Rejects with an `Error` that says what is wrong with the schema. */
export async function compileInput(input: ToolInput | undefined): Promise<CompiledInput> {
  if (input === undefined) return { schema: NOTHING, check: async (value) => ({ value }) };
  if (!isStandard(input)) {
    const { fromJsonSchema } = await import('@modelcontextprotocol/client');
    return compiled(withObjectRoot(input), fromJsonSchema({ ...input }));
  }
  const described = input['~standard'].jsonSchema?.input({ target: 'draft-2020-12' });
  if (!isObject(described)) throw new Error('its input schema cannot be written as JSON Schema (zod can from 4.2 on)');
  const { $schema: _, ...schema } = described;
  return compiled(withObjectRoot(schema), input);
}

function compiled(schema: JsonObject, standard: StandardSchema): CompiledInput {
  return {
    schema,
    async check(args) {
      const outcome = await standard['~standard'].validate(args);
      const { value, issues } = isObject(outcome) ? outcome : { value: undefined, issues: undefined };
      return Array.isArray(issues) ? { problem: problemIn(issues) } : { value };
    },
  };
}

function problemIn(issues: readonly unknown[]): string {
  return issues.slice(0, 5).map(describeIssue).join('; ') || 'the arguments are not valid';
}

function describeIssue(issue: unknown): string {
  const { message, path } = isObject(issue) ? issue : { message: undefined, path: undefined };
  const text = typeof message === 'string' ? message : 'not valid';
  if (!Array.isArray(path) || path.length === 0) return text;
  const keys = path.map((segment: unknown) => (isObject(segment) ? segment['key'] : segment));
  const place = keys.map((key, index) =>
    typeof key === 'number' ? `[${key}]` : `${index > 0 ? '.' : ''}${String(key)}`,
  );
  return `${place.join('')}: ${text}`;
}

function withObjectRoot(schema: JsonObject): JsonObject {
  if (schema['type'] === 'object') return schema;
  if (schema['type'] === undefined) return { type: 'object', ...schema };
  throw new Error('its input schema must describe an object');
}

function isStandard(input: ToolInput): input is StandardSchema {
  return '~standard' in input && typeof input['~standard'] === 'object' && input['~standard'] !== null;
}
