import {
  checkArray,
  checkBoolean,
  checkCount,
  checkNonEmptyString,
  checkNumber,
  checkObject,
  checkPositiveInteger,
  checkString,
  checkStringOrObject,
  checkStrings,
  type FieldCheck,
  invalidField,
  optional,
} from '../field-check.ts';
import { isJsonObject } from '../json-object.ts';
import { checkCacheControl, checkMessages, checkTextOrBlocks } from './validate-messages.ts';
import { checkToolChoice, checkTools } from './validate-tools.ts';

/** What becomes of a field when the request goes to a vendor that speaks another format. */
export type FieldFate =
  /** It has a canonical form. */
  | { readonly kind: 'mapped' }
  /** It may be left out without a word: the answer is the same. */
  | { readonly kind: 'harmless'; readonly because: string }
  /** It is left out and named, unless its value says what happens anyway. */
  | { readonly kind: 'unsupported'; readonly isNeutral: (value: unknown) => boolean };

export interface MessagesField {
  readonly check: FieldCheck;
  readonly fate: FieldFate;
}

const mapped = (check: FieldCheck): MessagesField => ({ check, fate: { kind: 'mapped' } });
const harmless = (check: FieldCheck, because: string): MessagesField => ({
  check,
  fate: { kind: 'harmless', because },
});
const unsupported = (check: FieldCheck, ...neutral: readonly unknown[]): MessagesField => ({
  check,
  fate: { kind: 'unsupported', isNeutral: (value) => neutral.includes(value) },
});
const unsupportedUnlessEmpty = (check: FieldCheck): MessagesField => ({
  check,
  fate: { kind: 'unsupported', isNeutral: (value) => Array.isArray(value) && value.length === 0 },
});

const checkOptionalString = optional(checkString);

function checkMetadata(value: unknown, path: string): void {
  if (!isJsonObject(value)) throw invalidField(path, 'an object', value);
  checkOptionalString(value['user_id'], `${path}.user_id`);
}

function checkThinking(value: unknown, path: string): void {
  if (!isJsonObject(value)) throw invalidField(path, 'an object', value);
  checkNonEmptyString(value['type'], `${path}.type`);
  if (value['type'] === 'enabled') checkPositiveInteger(value['budget_tokens'], `${path}.budget_tokens`);
  checkOptionalString(value['display'], `${path}.display`);
}

function checkOutputFormat(value: unknown, path: string): void {
  if (!isJsonObject(value)) throw invalidField(path, 'an object', value);
  checkNonEmptyString(value['type'], `${path}.type`);
  if (value['type'] === 'json_schema') checkObject(value['schema'], `${path}.schema`);
}

const checkOptionalFormat = optional(checkOutputFormat);

function checkOutputConfig(value: unknown, path: string): void {
  if (!isJsonObject(value)) throw invalidField(path, 'an object', value);
  checkOptionalString(value['effort'], `${path}.effort`);
  checkOptionalFormat(value['format'], `${path}.format`);
}

/**
 * Every top-level field of a Messages request, as the official SDK declares it, with its beta fields. A field that is
 * not here passes on a forwarded request and counts as unsupported on a translated one.
 */
export const MESSAGES_FIELDS: ReadonlyMap<string, MessagesField> = new Map<string, MessagesField>([
  ['model', mapped(checkNonEmptyString)],
  ['messages', mapped(checkMessages)],
  ['max_tokens', mapped(checkPositiveInteger)],
  ['system', mapped(checkTextOrBlocks)],
  ['stream', mapped(checkBoolean)],
  ['temperature', mapped(checkNumber)],
  ['top_p', mapped(checkNumber)],
  ['top_k', mapped(checkCount)],
  ['stop_sequences', mapped(checkStrings)],
  ['tools', mapped(checkTools)],
  ['tool_choice', mapped(checkToolChoice)],
  ['thinking', mapped(checkThinking)],
  ['output_config', mapped(checkOutputConfig)],
  ['output_format', mapped(checkOutputFormat)],
  ['metadata', mapped(checkMetadata)],
  ['cache_control', harmless(checkCacheControl, "steers the vendor's cache, not the answer")],
  ['service_tier', unsupported(checkString, 'auto')],
  ['container', unsupported(checkStringOrObject)],
  ['mcp_servers', unsupportedUnlessEmpty(checkArray)],
  ['context_management', unsupported(checkObject)],
  ['compaction', unsupported(checkObject)],
  ['diagnostics', unsupported(checkObject)],
  ['inference_geo', unsupported(checkString)],
  ['speed', unsupported(checkString, 'standard')],
  ['user_profile_id', unsupported(checkString)],
  ['workspace_id', unsupported(checkString)],
  ['betas', unsupportedUnlessEmpty(checkArray)],
  // Beta fields whose shape is still moving: the vendor judges them.
  ['billing_policy', unsupported(() => undefined)],
  ['fallback_credit_token', unsupported(() => undefined)],
  ['fallbacks', unsupportedUnlessEmpty(() => undefined)],
  ['thread', unsupported(() => undefined)],
]);
