import {
  checkBoolean,
  checkInteger,
  checkNonEmptyString,
  checkNumber,
  checkObject,
  checkOptionalString,
  checkPositiveInteger,
  checkString,
  checkStringOrStrings,
  checkStrings,
  checkTypedObject,
  type FieldCheck,
  invalidField,
} from '../field-check.ts';
import { isJsonObject } from '../json-object.ts';
import { checkMessages } from './validate-messages.ts';
import { checkFunctionChoice, checkFunctions, checkToolChoice, checkTools } from './validate-tools.ts';

/** What becomes of a field when the request goes to a vendor that speaks another format. */
export type FieldFate =
  /** It has a canonical form. */
  | { readonly kind: 'mapped' }
  /** It may be left out without a word: the answer is the same. */
  | { readonly kind: 'harmless'; readonly because: string }
  /** It is left out and named, unless its value says what happens anyway. */
  | { readonly kind: 'unsupported'; readonly isNeutral: (value: unknown) => boolean };

export interface ChatField {
  readonly check: FieldCheck;
  readonly fate: FieldFate;
}

const mapped = (check: FieldCheck): ChatField => ({ check, fate: { kind: 'mapped' } });
const harmless = (check: FieldCheck, because: string): ChatField => ({ check, fate: { kind: 'harmless', because } });
const unsupported = (check: FieldCheck, ...neutral: readonly unknown[]): ChatField => ({
  check,
  fate: { kind: 'unsupported', isNeutral: (value) => neutral.includes(value) },
});
const unsupportedUnless = (isNeutral: (value: unknown) => boolean, check: FieldCheck): ChatField => ({
  check,
  fate: { kind: 'unsupported', isNeutral },
});

const isEmptyObject = (value: unknown) => isJsonObject(value) && Object.keys(value).length === 0;
const isTextOnly = (value: unknown) => Array.isArray(value) && value.every((item) => item === 'text');

function checkStreamOptions(value: unknown, path: string): void {
  if (!isJsonObject(value)) throw invalidField(path, 'an object', value);
  const usage = value['include_usage'];
  if (usage !== undefined && usage !== null) checkBoolean(usage, `${path}.include_usage`);
}

function checkResponseFormat(value: unknown, path: string): void {
  checkTypedObject(value, path);
  if (!isJsonObject(value) || value['type'] !== 'json_schema') return;
  const wanted = value['json_schema'];
  if (!isJsonObject(wanted)) throw invalidField(`${path}.json_schema`, 'an object', wanted);
  const { name, description, schema, strict } = wanted;
  checkOptionalString(name, `${path}.json_schema.name`);
  checkOptionalString(description, `${path}.json_schema.description`);
  if (schema !== undefined && schema !== null) checkObject(schema, `${path}.json_schema.schema`);
  if (strict !== undefined && strict !== null) checkBoolean(strict, `${path}.json_schema.strict`);
}

/**
 * Every top-level field of a chat completion request, as published by OpenAI. A field that is not here passes on a
 * forwarded request and counts as unsupported on a translated one.
 */
export const CHAT_FIELDS: ReadonlyMap<string, ChatField> = new Map<string, ChatField>([
  ['model', mapped(checkNonEmptyString)],
  ['messages', mapped(checkMessages)],
  ['stream', mapped(checkBoolean)],
  ['stream_options', mapped(checkStreamOptions)],
  ['max_completion_tokens', mapped(checkPositiveInteger)],
  ['max_tokens', mapped(checkPositiveInteger)],
  ['temperature', mapped(checkNumber)],
  ['top_p', mapped(checkNumber)],
  ['stop', mapped(checkStringOrStrings)],
  ['n', mapped(checkPositiveInteger)],
  ['tools', mapped(checkTools)],
  ['tool_choice', mapped(checkToolChoice)],
  ['parallel_tool_calls', mapped(checkBoolean)],
  ['functions', mapped(checkFunctions)],
  ['function_call', mapped(checkFunctionChoice)],
  ['user', mapped(checkString)],
  ['safety_identifier', mapped(checkString)],
  ['prompt_cache_key', harmless(checkString, "steers the vendor's cache, not the answer")],
  ['prompt_cache_retention', harmless(checkString, "steers the vendor's cache, not the answer")],
  ['prompt_cache_options', harmless(checkObject, "steers the vendor's cache, not the answer")],
  ['frequency_penalty', mapped(checkNumber)],
  ['presence_penalty', mapped(checkNumber)],
  ['logit_bias', unsupportedUnless(isEmptyObject, checkObject)],
  ['logprobs', mapped(checkBoolean)],
  ['top_logprobs', mapped(checkInteger)],
  ['seed', mapped(checkInteger)],
  ['response_format', mapped(checkResponseFormat)],
  ['reasoning_effort', mapped(checkString)],
  ['verbosity', unsupported(checkString, 'medium')],
  ['service_tier', mapped(checkString)],
  ['store', unsupported(checkBoolean, false)],
  ['metadata', unsupportedUnless(isEmptyObject, checkObject)],
  ['modalities', unsupportedUnless(isTextOnly, checkStrings)],
  ['audio', unsupported(checkObject)],
  ['prediction', unsupported(checkObject)],
  ['web_search_options', unsupported(checkObject)],
  ['moderation', unsupported(checkObject)],
]);
