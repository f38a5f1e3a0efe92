import {
  checkArray,
  checkBoolean,
  checkCount,
  checkInteger,
  checkNonEmptyString,
  checkNumber,
  checkObject,
  checkPositiveInteger,
  checkString,
  checkStringOrObject,
  checkStrings,
  type FieldCheck,
} from '../field-check.ts';
import { isJsonObject } from '../json-object.ts';
import { checkInput } from './validate-input.ts';
import { checkReasoning, checkText, checkToolChoice, checkTools } from './validate-tools.ts';

/** What becomes of a field when the request goes to a vendor that speaks another format. */
export type FieldFate =
  /** It has a canonical form. */
  | { readonly kind: 'mapped' }
  /** It may be left out without a word: the answer is the same. */
  | { readonly kind: 'harmless'; readonly because: string }
  /** It is left out and named, unless its value says what happens anyway. */
  | { readonly kind: 'unsupported'; readonly isNeutral: (value: unknown) => boolean }
  /** Without it the request means something else, so it is refused, unless its value says what happens anyway. */
  | { readonly kind: 'refused'; readonly because: string; readonly isNeutral: (value: unknown) => boolean };

export interface ResponsesField {
  readonly check: FieldCheck;
  readonly fate: FieldFate;
}

const mapped = (check: FieldCheck): ResponsesField => ({ check, fate: { kind: 'mapped' } });
const harmless = (check: FieldCheck, because: string): ResponsesField => ({
  check,
  fate: { kind: 'harmless', because },
});
const unsupported = (check: FieldCheck, ...neutral: readonly unknown[]): ResponsesField => ({
  check,
  fate: { kind: 'unsupported', isNeutral: (value) => neutral.includes(value) },
});
const unsupportedUnless = (isNeutral: (value: unknown) => boolean, check: FieldCheck): ResponsesField => ({
  check,
  fate: { kind: 'unsupported', isNeutral },
});
const refused = (check: FieldCheck, because: string, ...neutral: readonly unknown[]): ResponsesField => ({
  check,
  fate: { kind: 'refused', because, isNeutral: (value) => neutral.includes(value) },
});

const isEmptyObject = (value: unknown) => isJsonObject(value) && Object.keys(value).length === 0;
const isEmptyArray = (value: unknown) => Array.isArray(value) && value.length === 0;
/** What an answer can be asked to hold besides: the tokens of its text. Thoughts always travel with their proof. */
export const TOKENS_OF_TEXT = 'message.output_text.logprobs';
const asksForWhatIsKnown = (value: unknown) =>
  Array.isArray(value) && value.every((item) => item === 'reasoning.encrypted_content' || item === TOKENS_OF_TEXT);

const STATE = 'the earlier conversation is stored at OpenAI; send the whole conversation as input';

/**
 * Every top-level field of a request for a response, as published by OpenAI. A field that is not here passes on a
 * forwarded request and counts as unsupported on a translated one.
 */
export const RESPONSES_FIELDS: ReadonlyMap<string, ResponsesField> = new Map<string, ResponsesField>([
  ['model', mapped(checkNonEmptyString)],
  ['input', mapped(checkInput)],
  ['instructions', mapped(checkString)],
  ['stream', mapped(checkBoolean)],
  ['max_output_tokens', mapped(checkPositiveInteger)],
  ['temperature', mapped(checkNumber)],
  ['top_p', mapped(checkNumber)],
  ['tools', mapped(checkTools)],
  ['tool_choice', mapped(checkToolChoice)],
  ['parallel_tool_calls', mapped(checkBoolean)],
  ['text', mapped(checkText)],
  ['reasoning', mapped(checkReasoning)],
  ['user', mapped(checkString)],
  ['safety_identifier', mapped(checkString)],
  ['stream_options', harmless(checkObject, 'switches padding of the stream, not the answer')],
  ['prompt_cache_key', harmless(checkString, "steers the vendor's cache, not the answer")],
  ['prompt_cache_retention', harmless(checkString, "steers the vendor's cache, not the answer")],
  ['prompt_cache_options', harmless(checkObject, "steers the vendor's cache, not the answer")],
  ['previous_response_id', refused(checkString, STATE)],
  ['conversation', refused(checkStringOrObject, STATE)],
  ['prompt', refused(checkObject, 'the prompt is stored at OpenAI; send its text as instructions')],
  ['background', refused(checkBoolean, 'a later answer would have to be kept; leave it out and wait', false)],
  ['include', unsupportedUnless(asksForWhatIsKnown, checkStrings)],
  ['max_tool_calls', unsupported(checkInteger)],
  ['metadata', unsupportedUnless(isEmptyObject, checkObject)],
  ['service_tier', mapped(checkString)],
  ['store', unsupported(checkBoolean, false)],
  ['top_logprobs', mapped(checkCount)],
  ['truncation', unsupported(checkString, 'disabled')],
  ['context_management', unsupportedUnless(isEmptyArray, checkArray)],
  ['moderation', unsupported(checkObject)],
]);
