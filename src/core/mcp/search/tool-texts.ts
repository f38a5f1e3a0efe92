import type { IndexedTool } from './indexed-tool.ts';

/** The texts of a tool that are searched. */
export interface ToolTexts {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly server: string;
  /** Names of parameters. */
  readonly parameters: string;
  /** What is said about parameters: descriptions and the values they may have. */
  readonly values: string;
}

/** Deeper, and further, a schema is not read: what is there does not tell what a tool is for. */
const DEEPEST = 4;
const MOST_NODES = 500;
const LONGEST_TEXT = 8000;

/** Reads a tool; of its schema only what its author wrote, none of the words of JSON Schema. */
export function textsOf({ description = '', inputSchema, name, server, title = '' }: IndexedTool): ToolTexts {
  const reader = new SchemaReader();
  reader.read(inputSchema, 0);
  return {
    name: bounded(name),
    title: bounded(title),
    description: bounded(description),
    server: bounded(server),
    parameters: bounded(reader.names.join(' ')),
    values: bounded(reader.values.join(' ')),
  };
}

const bounded = (text: string): string => text.slice(0, LONGEST_TEXT);

class SchemaReader {
  readonly names: string[] = [];
  readonly values: string[] = [];
  #nodes = 0;

  read(schema: unknown, depth: number): void {
    if (!isObject(schema) || depth > DEEPEST || ++this.#nodes > MOST_NODES) return;
    const { description, enum: allowed, items, properties } = schema;
    // The whole schema's description repeats the tool's.
    if (depth > 0 && typeof description === 'string') this.values.push(description);
    if (Array.isArray(allowed)) this.values.push(...allowed.filter((value) => typeof value === 'string'));
    if (isObject(properties)) {
      for (const [name, property] of Object.entries(properties)) {
        this.names.push(name);
        this.read(property, depth + 1);
      }
    }
    if (isObject(items)) this.read(items, depth + 1);
    for (const combined of [schema['anyOf'], schema['oneOf'], schema['allOf']]) {
      if (Array.isArray(combined)) for (const part of combined) this.read(part, depth + 1);
    }
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
