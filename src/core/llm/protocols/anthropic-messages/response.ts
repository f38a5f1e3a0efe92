import type { JsonObject } from '../../canonical/request.ts';
import type { CanonicalResponse, ResponsePart } from '../../canonical/response.ts';
import { isJsonObject } from '../json-object.ts';
import { readCitations } from './citation.ts';
import { errorUnderSuccess, unreadable } from './error.ts';
import { finishReason } from './finish.ts';
import { toolInputText } from './tool-input.ts';
import { readUsage } from './usage.ts';

/**
 * A Messages answer → its canonical form. Blocks of the vendor's own tools are left out. Throws `upstream_invalid` when
 * the body is an error, whatever its status was, or not an answer of this format.
 */
export function decodeMessagesResponse(body: unknown): CanonicalResponse {
  if (!isJsonObject(body)) throw unreadable('an answer that is not a JSON object');
  if (body['type'] === 'error' || !Array.isArray(body['content'])) {
    throw errorUnderSuccess(body) ?? unreadable('an answer without content');
  }
  const parts: ResponsePart[] = [];
  for (const block of body['content']) {
    if (!isJsonObject(block)) throw unreadable('a content block that is not an object');
    const part = decodeBlock(block);
    if (part !== undefined) parts.push(part);
  }
  const { id, model, stop_sequence: stopSequence } = body;
  return {
    id: typeof id === 'string' ? id : '',
    model: typeof model === 'string' ? model : '',
    parts,
    finish: finishReason(body['stop_reason']),
    ...(typeof stopSequence === 'string' && { stopSequence }),
    usage: readUsage(body['usage']),
  };
}

function decodeBlock(block: JsonObject): ResponsePart | undefined {
  switch (block['type']) {
    case 'text': {
      const { text } = block;
      if (typeof text !== 'string') throw unreadable('a text block without text');
      const citations = readCitations(block['citations']);
      return text === '' ? undefined : { type: 'text', text, ...(citations.length > 0 && { citations }) };
    }
    case 'thinking': {
      const { thinking, signature } = block;
      if (typeof thinking !== 'string') throw unreadable('a thinking block without thinking');
      const proof = typeof signature === 'string' && signature !== '' ? { signature } : {};
      return { type: 'reasoning', text: thinking, ...proof, origin: 'anthropic' };
    }
    case 'redacted_thinking': {
      const { data } = block;
      if (typeof data !== 'string') throw unreadable('a redacted_thinking block without data');
      return { type: 'reasoning', text: '', redacted: data, origin: 'anthropic' };
    }
    case 'tool_use': {
      const { id, name, input } = block;
      if (typeof id !== 'string' || typeof name !== 'string') throw unreadable('a tool call without id or name');
      return { type: 'tool_call', id, name, arguments: toolInputText(input) };
    }
    default:
      return undefined;
  }
}
