// What the schema found wrong → issues in the user's words: path as written, value found, nearest known name.
import type * as z from 'zod';
import type { Spelling } from './casing.ts';
import { type ConfigIssue, describeKind, describeValue, formatPath, nearestName } from './issues.ts';
import { isSecret } from './schema/values.ts';
import { issuesBesideTag, memberSchema, nodeOf } from './schema/walk.ts';

const KIND_NAMES: ReadonlyMap<string, string> = new Map([
  ['string', 'text'],
  ['number', 'a number'],
  ['int', 'a whole number'],
  ['boolean', 'true or false'],
  ['object', 'a table'],
  ['record', 'a table'],
  ['array', 'a list'],
]);

/** A place in the document: where it is, what the user put there, and what the schema wants there. */
interface Place {
  readonly path: readonly PropertyKey[];
  readonly value: unknown;
  readonly schema: z.core.$ZodType | undefined;
}

/** `document` is the camelCase document the schema judged. */
export function schemaIssues(
  error: z.core.$ZodError,
  document: unknown,
  schema: z.core.$ZodType,
  spelling: Spelling,
): ConfigIssue[] {
  const root: Place = { path: [], value: document, schema };
  return error.issues.flatMap((issue) => {
    const found = toIssues(issue, locate(issue.path, root, spelling), spelling);
    return isUnknownTag(issue)
      ? [...found, ...besideTag(locate(issue.path.slice(0, -1), root, spelling), spelling)]
      : found;
  });
}

function isUnknownTag(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'invalid_union' && 'options' in issue;
}

function besideTag(table: Place, spelling: Spelling): ConfigIssue[] {
  if (table.schema === undefined) return [];
  const others = issuesBesideTag(table.schema, table.value);
  return others.flatMap((issue) => toIssues(issue, locate(issue.path, table, spelling), spelling));
}

function locate(path: readonly PropertyKey[], from: Place, spelling: Spelling): Place {
  let { value, schema } = from;
  const written = [...from.path];
  for (const key of path) {
    const known = schema !== undefined && nodeOf(schema, value).kind === 'object';
    written.push(spelling.of(value, key, known));
    schema = schema === undefined ? undefined : memberSchema(schema, value, key);
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
  }
  return { path: written, value, schema };
}

function toIssues(issue: z.core.$ZodIssue, place: Place, spelling: Spelling): ConfigIssue[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, place, spelling));
    case 'invalid_type':
      return [wrongKind([issue.expected], place)];
    case 'invalid_value':
      return [wrongName(issue.values, place)];
    case 'invalid_union':
      return wrongUnion(issue, place, spelling);
    case 'invalid_key':
      return issue.issues.map((inner) => ({
        path: formatPath(place.path),
        message: inner.code === 'custom' ? inner.message : 'a name must not be empty',
      }));
    default:
      return [{ path: formatPath(place.path), message: sentence(issue.message), ...foundAt(place) }];
  }
}

/** The value of an unknown key is not shown: it may be a key with a typing error in its name. */
function unknownKey(key: string, place: Place, spelling: Spelling): ConfigIssue {
  const node = place.schema === undefined ? undefined : nodeOf(place.schema, place.value);
  const known = node?.kind === 'object' ? [...node.shape.keys()].map((name) => spelling.known(name, key)) : [];
  const suggestion = nearestName(key, known);
  const path = formatPath([...place.path, key]);
  if (suggestion !== undefined) return { path, message: 'unknown key', suggestion };
  return { path, message: `unknown key; known here: ${known.join(', ')}` };
}

function wrongKind(expected: readonly string[], place: Place): ConfigIssue {
  const path = place.path.length === 0 ? 'config' : formatPath(place.path);
  const kinds = [...new Set(expected.map((kind) => KIND_NAMES.get(kind) ?? kind))].join(' or ');
  if (place.value === undefined) return { path, message: `is required and must be ${kinds}` };
  // A wrong kind of value can be anything, a misplaced key as well: outside of plain values only its kind is told.
  const node = place.schema === undefined ? undefined : nodeOf(place.schema, place.value);
  const shown = node?.kind === 'value' ? foundAt(place) : { found: describeKind(place.value) };
  return { path, message: `must be ${kinds}`, ...shown };
}

function wrongName(values: readonly unknown[], place: Place): ConfigIssue {
  const names = values.map(String);
  const path = formatPath(place.path);
  const choice =
    names.length === 1 ? `must be "${names[0]}"` : `must be one of ${names.map((name) => `"${name}"`).join(', ')}`;
  if (place.value === undefined) return { path, message: choice.replace('must be', 'is required:') };
  const suggestion = typeof place.value === 'string' ? nearestName(place.value, names) : undefined;
  return { path, message: choice, ...foundAt(place), ...(suggestion === undefined ? {} : { suggestion }) };
}

function wrongUnion(issue: z.core.$ZodIssueInvalidUnion, place: Place, spelling: Spelling): ConfigIssue[] {
  if ('options' in issue && Array.isArray(issue.options)) return [wrongName(issue.options, place)];
  const kinds: string[] = [];
  for (const branch of issue.errors) {
    const mismatch = branch.find((inner) => inner.code === 'invalid_type' && inner.path.length === 0);
    // A branch of the right kind knows better what is wrong.
    if (mismatch === undefined)
      return branch.flatMap((inner) => toIssues(inner, locate(inner.path, place, spelling), spelling));
    if (mismatch.code === 'invalid_type') kinds.push(mismatch.expected);
  }
  return [wrongKind(kinds, place)];
}

function foundAt(place: Place): { found?: string } {
  if (place.value === undefined) return {};
  const hidden = place.schema !== undefined && hidesValue(place.schema);
  return { found: hidden ? describeKind(place.value) : describeValue(place.value) };
}

function hidesValue(schema: z.core.$ZodType): boolean {
  const node = nodeOf(schema, undefined);
  return node.kind === 'value' && isSecret(node.schema);
}

function sentence(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
