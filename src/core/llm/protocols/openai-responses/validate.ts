import { invalidBody, invalidField } from '../field-check.ts';
import { isJsonObject } from '../json-object.ts';
import { RESPONSES_FIELDS } from './fields.ts';
import type { ResponsesRequest } from './wire.ts';

/** With one of these the conversation is at the vendor, and `input` may be left out. */
const STORED = ['previous_response_id', 'conversation', 'prompt'] as const;

/**
 * Checks the body of a request for a response and hands it back, typed; nothing is copied or changed. Only fields that
 * Nexus knows are judged: unknown ones pass, `null` counts as absent. Throws `invalid_request` with the path of the
 * first wrong field.
 */
export function validateResponsesRequest(body: unknown): ResponsesRequest {
  if (!isJsonObject(body)) throw invalidBody(body);
  for (const name in body) {
    const value = body[name];
    if (value !== null) RESPONSES_FIELDS.get(name)?.check(value, name);
  }
  const { model, input } = body;
  if (isAbsent(model)) throw invalidField('model', 'a non-empty string', model);
  if (isAbsent(input) && STORED.every((name) => isAbsent(body[name]))) {
    throw invalidField('input', 'a string or an array of items', input);
  }
  return body as ResponsesRequest;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
