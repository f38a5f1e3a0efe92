import type { JsonObject } from '../../canonical/request.ts';
import { invalidBody, invalidField } from '../field-check.ts';
import { isJsonObject } from '../json-object.ts';
import { CHAT_FIELDS } from './fields.ts';

/**
 * Checks the body of a chat completion request and hands it back; nothing is copied or changed. Only fields that
 * Nexus knows are judged: unknown ones pass, `null` counts as absent. Throws `invalid_request` with the path of the
 * first wrong field.
 */
export function validateRequest(body: unknown): JsonObject {
  if (!isJsonObject(body)) throw invalidBody(body);
  for (const name in body) {
    const value = body[name];
    if (value !== null) CHAT_FIELDS.get(name)?.check(value, name);
  }
  requireField(body['model'], 'model', 'a non-empty string');
  requireField(body['messages'], 'messages', 'a non-empty array');
  return body;
}

function requireField(value: unknown, path: string, expected: string): void {
  if (value === undefined || value === null) throw invalidField(path, expected, value);
}
