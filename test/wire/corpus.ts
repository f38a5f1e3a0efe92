import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type AnySchemaObject, type ValidateFunction } from 'ajv/dist/2020.js';

/** Recorded provider traffic and published schemas: the committed selection, and the whole collection where it is present. */
const FIXTURES = fileURLToPath(new URL('../fixtures/', import.meta.url));
const COLLECTION = fileURLToPath(new URL('../../../shared/corpus/', import.meta.url));

/** One recorded exchange, as far as the tests read it. */
export interface Recording {
  readonly id: string;
  readonly provider: string;
  readonly api: string;
  readonly stream: boolean;
  readonly features: readonly string[];
  readonly request: { readonly body: Record<string, unknown> } | null;
  readonly response: {
    readonly status?: number;
    readonly body?: unknown;
    /** The raw event stream. */
    readonly text?: string;
    /** Payloads of an event stream whose frames were not recorded. */
    readonly chunks?: readonly unknown[];
  };
}

/** Every recording of the folder's provider, each once; `folder` is below `wire/`. */
export function recordings(folder: string): Recording[] {
  const found = new Map<string, Recording>();
  for (const root of [FIXTURES, COLLECTION]) {
    const path = `${root}wire/${folder}/`;
    if (!existsSync(path)) continue;
    for (const file of readdirSync(path)) {
      if (!file.endsWith('.json')) continue;
      const recording: Recording = JSON.parse(readFileSync(path + file, 'utf8'));
      if (typeof recording.id === 'string') found.set(recording.id, recording);
    }
  }
  return [...found.values()];
}

export function publishedSchema(name: string): AnySchemaObject {
  const file = [FIXTURES, COLLECTION].map((root) => `${root}schema/${name}.json`).find((path) => existsSync(path));
  if (file === undefined) throw new Error(`no published schema ${name}`);
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** A check against one of the schema's definitions; `problems` of a body are empty when it fits. */
export function schemaCheck(name: string, definition: string): (body: unknown) => string[] {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: false });
  ajv.addSchema(publishedSchema(name));
  const validate: ValidateFunction = ajv.compile({ $ref: `${name}#/$defs/${definition}` });
  return (body) => {
    if (validate(body)) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
}

/** The schemas of answers know no nulls: providers write them for what is absent. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([name, member]) => [name, withoutNulls(member)]),
  );
}
