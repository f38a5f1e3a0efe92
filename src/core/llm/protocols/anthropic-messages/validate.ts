import { invalidBody, invalidField, isAbsent } from '../field-check.ts';
import { isJsonObject } from '../json-object.ts';
import { MESSAGES_FIELDS } from './fields.ts';
import type { ClientRequest } from './wire.ts';

/**
 * Checks the body of a Messages request and hands it back, typed; nothing is copied or changed. Only fields that Nexus
 * knows are judged: unknown ones pass, `null` counts as absent. Throws `invalid_request` with the path of the first
 * wrong field.
 */
export function validateMessagesRequest(body: unknown): ClientRequest {
  const request = validateCountTokens(body);
  requireField(request.max_tokens, 'max_tokens', 'a positive integer');
  return request;
}

/** The same for a request that is only counted, and needs no `max_tokens`. */
export function validateCountTokens(body: unknown): ClientRequest {
  if (!isJsonObject(body)) throw invalidBody(body);
  for (const name in body) {
    const value = body[name];
    if (value !== null) MESSAGES_FIELDS.get(name)?.check(value, name);
  }
  requireField(body['model'], 'model', 'a non-empty string');
  requireField(body['messages'], 'messages', 'a non-empty array');
  return body as ClientRequest;
}

function requireField(value: unknown, path: string, expected: string): void {
  if (isAbsent(value)) throw invalidField(path, expected, value);
}
