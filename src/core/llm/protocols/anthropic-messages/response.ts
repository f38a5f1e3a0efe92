import type { CanonicalResponse } from '../../canonical/response.ts';
import { isJsonObject } from '../json-object.ts';
import { errorUnderSuccess, unreadable } from './error.ts';
import { finishReason } from './finish.ts';
import { toolInputText } from './tool-input.ts';
import { readUsage } from './usage.ts';

/**
 * A Messages answer → its canonical form. Blocks other than text and calls of the caller's tools are left out. Throws
 * `upstream_invalid` when the body is an error, whatever its status was, or not an answer of this format.
 */
export function decodeMessagesResponse(body: unknown): CanonicalResponse {
  if (!isJsonObject(body)) throw unreadable('an answer that is not a JSON object');
  if (body['type'] === 'error' || !Array.isArray(body['content'])) {
    throw errorUnderSuccess(body) ?? unreadable('an answer without content');
  }
  const parts: CanonicalResponse['parts'][number][] = [];
  for (const block of body['content']) {
    if (!isJsonObject(block)) throw unreadable('a content block that is not an object');
    const { type, text, id, name, input } = block;
    if (type === 'text') {
      if (typeof text !== 'string') throw unreadable('a text block without text');
      if (text !== '') parts.push({ type: 'text', text });
    } else if (type === 'tool_use') {
      if (typeof id !== 'string' || typeof name !== 'string') throw unreadable('a tool call without id or name');
      parts.push({ type: 'tool_call', id, name, arguments: toolInputText(input) });
    }
  }
  const { id, model } = body;
  return {
    id: typeof id === 'string' ? id : '',
    model: typeof model === 'string' ? model : '',
    parts,
    finish: finishReason(body['stop_reason']),
    usage: readUsage(body['usage']),
  };
}
