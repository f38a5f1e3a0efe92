import type { Buffer } from 'node:buffer';
import type { JsonObject } from '../../canonical/request.ts';
import { isJsonObject } from '../json-object.ts';
import { isForeignProof } from './proof.ts';

/** How thoughts that Anthropic did not sign look in JSON text, with and without a blank. */
const TRACES = ['"nexus:', '"signature":""', '"signature": ""'] as const;

/**
 * Whether a request may hold thoughts that Nexus translated from another vendor. A client that was served by another
 * vendor before sends them along; Anthropic refuses what it did not sign.
 */
export function hasForeignThoughts(bytes: Buffer): boolean {
  return TRACES.some((trace) => bytes.indexOf(trace) >= 0);
}

/** The request without them; everything else is carried as it came. */
export function withoutForeignThoughts(body: JsonObject): JsonObject {
  const { messages } = body;
  if (!Array.isArray(messages)) return body;
  return { ...body, messages: messages.flatMap(cleanMessage) };
}

/** A message that held nothing else goes with them: the format refuses empty ones. */
function cleanMessage(message: unknown): unknown[] {
  if (!isJsonObject(message) || message['role'] !== 'assistant' || !Array.isArray(message['content'])) return [message];
  const content = message['content'].filter((block) => !isJsonObject(block) || !isForeignThought(block));
  if (content.length === message['content'].length) return [message];
  return content.length === 0 ? [] : [{ ...message, content }];
}

function isForeignThought(block: JsonObject): boolean {
  const { type, signature, data } = block;
  if (type === 'thinking') return signature === '' || (typeof signature === 'string' && isForeignProof(signature));
  return type === 'redacted_thinking' && typeof data === 'string' && isForeignProof(data);
}
