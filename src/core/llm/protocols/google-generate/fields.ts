import {
  checkBoolean,
  checkInteger,
  checkNonEmptyString,
  checkNumber,
  checkObject,
  checkObjects,
  checkPositiveInteger,
  checkString,
  checkStrings,
  type FieldCheck,
  invalidField,
} from '../field-check.ts';
import { isJsonObject } from '../json-object.ts';
import { member } from './member.ts';
import { checkContent, checkContents } from './validate-contents.ts';
import { checkToolConfig, checkTools } from './validate-tools.ts';

/** What becomes of a field when the request goes to a vendor that speaks another format. */
export type FieldFate =
  /** It has a canonical form. */
  | { readonly kind: 'mapped' }
  /** It may be left out without a word: the answer is the same. */
  | { readonly kind: 'harmless'; readonly because: string }
  /** It is left out and named, unless its value says what happens anyway. */
  | { readonly kind: 'unsupported'; readonly isNeutral: (value: unknown) => boolean };

export interface RequestField {
  readonly check: FieldCheck;
  readonly fate: FieldFate;
}

const mapped = (check: FieldCheck): RequestField => ({ check, fate: { kind: 'mapped' } });
const harmless = (check: FieldCheck, because: string): RequestField => ({ check, fate: { kind: 'harmless', because } });
const unsupported = (check: FieldCheck, isNeutral: (value: unknown) => boolean = () => false): RequestField => ({
  check,
  fate: { kind: 'unsupported', isNeutral },
});

const isFalse = (value: unknown) => value === false;
const isEmptyObject = (value: unknown) => isJsonObject(value) && Object.keys(value).length === 0;
const isEmptyList = (value: unknown) => Array.isArray(value) && value.length === 0;
const isTextOnly = (value: unknown) => Array.isArray(value) && value.every((item) => item === 'TEXT');
const isUnspecified = (value: unknown) => value === 'MEDIA_RESOLUTION_UNSPECIFIED';
const checkAnything: FieldCheck = () => {};

function checkThinkingConfig(value: unknown, path: string): void {
  if (!isJsonObject(value)) throw invalidField(path, 'an object', value);
  const visible = member(value, 'includeThoughts');
  if (visible !== undefined) checkBoolean(visible, `${path}.includeThoughts`);
  const budget = member(value, 'thinkingBudget');
  if (budget !== undefined) checkInteger(budget, `${path}.thinkingBudget`);
  const level = member(value, 'thinkingLevel');
  if (level !== undefined) checkString(level, `${path}.thinkingLevel`);
}

/** Members of `generationConfig`, as Google publishes them and real clients send them. */
export const GENERATION_FIELDS: ReadonlyMap<string, RequestField> = new Map<string, RequestField>([
  ['candidateCount', mapped(checkPositiveInteger)],
  ['stopSequences', mapped(checkStrings)],
  ['maxOutputTokens', mapped(checkPositiveInteger)],
  ['temperature', mapped(checkNumber)],
  ['topP', mapped(checkNumber)],
  ['topK', mapped(checkNumber)],
  ['seed', mapped(checkInteger)],
  ['presencePenalty', mapped(checkNumber)],
  ['frequencyPenalty', mapped(checkNumber)],
  ['responseMimeType', mapped(checkString)],
  ['responseSchema', mapped(checkObject)],
  ['responseJsonSchema', mapped(checkAnything)],
  ['responseJsonSchemaOrdered', mapped(checkAnything)],
  ['thinkingConfig', mapped(checkThinkingConfig)],
  ['responseModalities', unsupported(checkStrings, isTextOnly)],
  ['responseLogprobs', mapped(checkBoolean)],
  ['logprobs', mapped(checkInteger)],
  ['enableEnhancedCivicAnswers', unsupported(checkBoolean, isFalse)],
  ['speechConfig', unsupported(checkObject)],
  ['imageConfig', unsupported(checkObject)],
  ['mediaResolution', unsupported(checkString, isUnspecified)],
]);

function checkGenerationConfig(value: unknown, path: string): void {
  if (!isJsonObject(value)) throw invalidField(path, 'an object', value);
  for (const name of GENERATION_FIELDS.keys()) {
    const found = member(value, name);
    if (found !== undefined) GENERATION_FIELDS.get(name)?.check(found, `${path}.${name}`);
  }
}

/**
 * Every top-level field of a generateContent request: Google's publication and what Vertex adds to it. A field that is
 * not here passes on a forwarded request and counts as unsupported on a translated one.
 */
export const REQUEST_FIELDS: ReadonlyMap<string, RequestField> = new Map<string, RequestField>([
  ['model', harmless(checkNonEmptyString, 'the path names the model')],
  ['contents', mapped(checkContents)],
  ['systemInstruction', mapped(checkContent)],
  ['tools', mapped(checkTools)],
  ['toolConfig', mapped(checkToolConfig)],
  ['generationConfig', mapped(checkGenerationConfig)],
  ['cachedContent', mapped(checkString)],
  ['safetySettings', unsupported(checkObjects, isEmptyList)],
  ['modelArmorConfig', unsupported(checkObject)],
  ['labels', unsupported(checkObject, isEmptyObject)],
  ['serviceTier', mapped(checkString)],
]);
