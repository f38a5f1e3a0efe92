import type { JsonObject } from '../canonical/request.ts';
import {
  checkArray,
  checkCount,
  checkNonEmptyString,
  checkPositiveInteger,
  checkString,
  type FieldCheck,
  invalidBody,
  invalidField,
  isAbsent,
} from '../protocols/field-check.ts';
import { isJsonObject } from '../protocols/json-object.ts';

/** How vectors are written: JSON numbers, or base64 of little-endian 32-bit floats. */
export type VectorFormat = 'float' | 'base64';

/** A request of OpenAI's `POST /v1/embeddings` that has been checked. */
export interface EmbeddingsRequest {
  readonly body: JsonObject;
  readonly model: string;
  /** What is to be embedded, an item each; `undefined` where the client sent token ids. */
  readonly texts: readonly string[] | undefined;
  /** How many vectors are asked for. */
  readonly count: number;
  /** Token ids in all, where the client sent those; else 0. */
  readonly tokenIds: number;
  readonly format: VectorFormat;
  readonly dimensions: number | undefined;
  /** What the vectors are for: `search_document`, `search_query`, … An extension of ours; OpenAI has no word for it. */
  readonly inputType: string | undefined;
}

const INPUT = 'a string, or an array of strings, of token ids, or of arrays of token ids';

const CHECKS: Readonly<Record<string, FieldCheck>> = {
  model: checkNonEmptyString,
  input: checkInput,
  encoding_format: checkFormat,
  dimensions: checkPositiveInteger,
  user: checkString,
  input_type: checkNonEmptyString,
};

/**
 * Checks a body, also one that is only forwarded; nothing is copied or changed. Unknown fields pass, `null` counts as
 * absent. An empty text is the vendor's to judge: some embed it. Throws `invalid_request` with the path of the first
 * wrong field.
 */
export function readEmbeddingsRequest(body: unknown): EmbeddingsRequest {
  if (!isJsonObject(body)) throw invalidBody(body);
  for (const name in CHECKS) {
    const value = body[name];
    if (!isAbsent(value)) CHECKS[name]?.(value, name);
  }
  const { model, input, dimensions, input_type: inputType } = body;
  if (typeof model !== 'string') throw invalidField('model', 'a non-empty string', model);
  if (isAbsent(input)) throw invalidField('input', INPUT, input);
  return {
    body,
    model,
    ...sizeOf(input as string | readonly (string | number | readonly number[])[]),
    format: body['encoding_format'] === 'base64' ? 'base64' : 'float',
    dimensions: typeof dimensions === 'number' ? dimensions : undefined,
    inputType: typeof inputType === 'string' ? inputType : undefined,
  };
}

/** What a checked input holds. */
function sizeOf(
  input: string | readonly (string | number | readonly number[])[],
): Pick<EmbeddingsRequest, 'texts' | 'count' | 'tokenIds'> {
  if (typeof input === 'string') return { texts: [input], count: 1, tokenIds: 0 };
  const [first] = input;
  if (typeof first === 'string') return { texts: input as readonly string[], count: input.length, tokenIds: 0 };
  if (typeof first === 'number') return { texts: undefined, count: 1, tokenIds: input.length };
  const tokenIds = (input as readonly (readonly number[])[]).reduce((sum, ids) => sum + ids.length, 0);
  return { texts: undefined, count: input.length, tokenIds };
}

function checkFormat(value: unknown, path: string): void {
  if (value === 'float' || value === 'base64') return;
  const expected = '"float" or "base64"';
  throw typeof value === 'string' && value !== ''
    ? invalidField(path, expected, value, 'another string')
    : invalidField(path, expected, value);
}

/** The first item decides which kind all must be of. */
function checkInput(value: unknown, path: string): void {
  if (typeof value === 'string') return;
  if (!Array.isArray(value) || value.length === 0) throw invalidField(path, INPUT, value);
  const check = itemCheck(value[0]);
  if (check === undefined) {
    throw invalidField(`${path}[0]`, 'a string, a token id or an array of token ids', value[0]);
  }
  for (let index = 0; index < value.length; index++) check(value[index], `${path}[${index}]`);
}

function itemCheck(first: unknown): FieldCheck | undefined {
  if (typeof first === 'string') return checkString;
  if (typeof first === 'number') return checkCount;
  return Array.isArray(first) ? checkTokenIds : undefined;
}

function checkTokenIds(value: unknown, path: string): void {
  checkArray(value, path);
  const ids = value as unknown[];
  if (ids.length === 0) throw invalidField(path, 'a non-empty array of token ids', ids);
  for (let index = 0; index < ids.length; index++) checkCount(ids[index], `${path}[${index}]`);
}
