import type { JsonObject } from '../../canonical/request.ts';
import { invalidBody, invalidField } from '../field-check.ts';
import { isJsonObject } from '../json-object.ts';
import { REQUEST_FIELDS } from './fields.ts';
import { member } from './member.ts';
import { checkContents } from './validate-contents.ts';

/**
 * Checks the body of a generateContent request and hands it back; nothing is copied or changed. Members may be spelled
 * in lowerCamel or in snake_case, unknown ones pass, `null` counts as absent. Throws `invalid_request` with the path of
 * the first wrong field, in the published spelling.
 */
export function validateGenerateRequest(body: unknown): JsonObject {
  if (!isJsonObject(body)) throw invalidBody(body);
  for (const [name, field] of REQUEST_FIELDS) {
    const value = member(body, name);
    if (value !== undefined) field.check(value, name);
  }
  if (member(body, 'contents') === undefined) throw invalidField('contents', 'a non-empty array', undefined);
  return body;
}

/** The same for countTokens: `contents`, or a whole request under `generateContentRequest`. */
export function validateCountTokens(body: unknown): JsonObject {
  if (!isJsonObject(body)) throw invalidBody(body);
  const whole = member(body, 'generateContentRequest');
  if (whole !== undefined) {
    if (!isJsonObject(whole)) throw invalidField('generateContentRequest', 'an object', whole);
    validateGenerateRequest(whole);
  } else {
    checkContents(member(body, 'contents'), 'contents');
  }
  return body;
}
