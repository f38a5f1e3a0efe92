import { isJsonObject } from '../json-object.ts';
import {
  checkBoolean,
  checkInteger,
  checkNonEmptyString,
  checkNumber,
  checkObject,
  checkPositiveInteger,
  checkString,
  checkStringOrStrings,
  checkStrings,
  checkTypedObject,
  type FieldCheck,
  invalidField,
} from './field-check.ts';
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
const isTextFormat = (value: unknown) => isJsonObject(value) && value['type'] === 'text';
const isTextOnly = (value: unknown) => Array.isArray(value) && value.every((item) => item === 'text');

function checkStreamOptions(value: unknown, path: string): void {
  if (!isJsonObject(value)) throw invalidField(path, 'an object', value);
  const usage = value['include_usage'];
  if (usage !== undefined && usage !== null) checkBoolean(usage, `${path}.include_usage`);
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
  ['frequency_penalty', unsupported(checkNumber, 0)],
  ['presence_penalty', unsupported(checkNumber, 0)],
  ['logit_bias', unsupportedUnless(isEmptyObject, checkObject)],
  ['logprobs', unsupported(checkBoolean, false)],
  ['top_logprobs', unsupported(checkInteger, 0)],
  ['seed', unsupported(checkInteger)],
  ['response_format', unsupportedUnless(isTextFormat, checkTypedObject)],
  ['reasoning_effort', unsupported(checkString, 'none')],
  ['verbosity', unsupported(checkString, 'medium')],
  ['service_tier', unsupported(checkString, 'auto', 'default')],
  ['store', unsupported(checkBoolean, false)],
  ['metadata', unsupportedUnless(isEmptyObject, checkObject)],
  ['modalities', unsupportedUnless(isTextOnly, checkStrings)],
  ['audio', unsupported(checkObject)],
  ['prediction', unsupported(checkObject)],
  ['web_search_options', unsupported(checkObject)],
  ['moderation', unsupported(checkObject)],
]);
