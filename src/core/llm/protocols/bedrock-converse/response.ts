import type { JsonObject, Origin } from '../../canonical/request.ts';
import type { CanonicalResponse, ResponsePart } from '../../canonical/response.ts';
import { toolInputText } from '../anthropic-messages/tool-input.ts';
import { isJsonObject } from '../json-object.ts';
import type { DecodeContext } from '../protocol.ts';
import { decodeCitation } from './citation.ts';
import { decodeError, unreadable } from './error.ts';
import { finishReason, isFailedAnswer } from './finish.ts';
import { proofOrigin, unwrapRedacted } from './reasoning.ts';
import { readUsage } from './usage.ts';

/**
 * A Converse answer → its canonical form. The format has neither id nor model. Calls and results of tools that the
 * vendor ran itself are left out. Throws `upstream_invalid` when the body is not an answer of this format.
 */
export function decodeConverseResponse(body: unknown, { upstreamModel }: DecodeContext): CanonicalResponse {
  if (!isJsonObject(body)) throw unreadable('an answer that is not a JSON object');
  const { output, stopReason } = body;
  const message = isJsonObject(output) ? output['message'] : undefined;
  const content = isJsonObject(message) ? message['content'] : undefined;
  if (!Array.isArray(content)) {
    const error = decodeError(body);
    throw unreadable(error === undefined ? 'an answer without content' : `an error as an answer: ${error.message}`);
  }
  const origin = proofOrigin(upstreamModel);
  const parts: ResponsePart[] = [];
  for (const block of content) {
    if (!isJsonObject(block)) throw unreadable('a content block that is not an object');
    const part = decodeBlock(block, origin);
    if (part !== undefined) parts.push(part);
  }
  if (parts.length === 0 && isFailedAnswer(stopReason)) throw unreadable('an answer its own service could not read');
  const sequence = stopSequence(body);
  return {
    id: '',
    model: upstreamModel ?? '',
    parts,
    finish: finishReason(stopReason),
    ...(sequence !== undefined && { stopSequence: sequence }),
    usage: readUsage(body['usage'], body['serviceTier']),
  };
}

/** What the native answer says of it, for those who asked to see that. */
export function stopSequence({ additionalModelResponseFields: fields }: JsonObject): string | undefined {
  const sequence = isJsonObject(fields) ? fields['stop_sequence'] : undefined;
  return typeof sequence === 'string' ? sequence : undefined;
}

/** Vendors mark the calls of tools they run themselves by another type than `tool_use`, and give their results along. */
export function isVendorsCall(toolUse: JsonObject): boolean {
  const { type } = toolUse;
  return type !== undefined && type !== null && type !== 'tool_use';
}

function decodeBlock(block: JsonObject, origin: Origin | undefined): ResponsePart | undefined {
  const { text, toolUse, reasoningContent, citationsContent, image } = block;
  if (text !== undefined) {
    if (typeof text !== 'string') throw unreadable('a text block without text');
    return text === '' ? undefined : { type: 'text', text };
  }
  if (isJsonObject(toolUse)) return decodeCall(toolUse);
  if (isJsonObject(reasoningContent)) return decodeThought(reasoningContent, origin);
  if (isJsonObject(citationsContent)) return decodeCited(citationsContent);
  return isJsonObject(image) ? decodeImage(image) : undefined;
}

function decodeCall(toolUse: JsonObject): ResponsePart | undefined {
  const { toolUseId: id, name, input } = toolUse;
  if (isVendorsCall(toolUse)) return undefined;
  if (typeof id !== 'string' || typeof name !== 'string') throw unreadable('a tool call without id or name');
  return { type: 'tool_call', id, name, arguments: toolInputText(input) };
}

function decodeThought(content: JsonObject, origin: Origin | undefined): ResponsePart | undefined {
  const { reasoningText, redactedContent } = content;
  const owner = origin === undefined ? {} : { origin };
  if (typeof redactedContent === 'string') {
    return { type: 'reasoning', text: '', redacted: unwrapRedacted(redactedContent), ...owner };
  }
  if (!isJsonObject(reasoningText)) return undefined;
  const { text = '', signature } = reasoningText;
  if (typeof text !== 'string') throw unreadable('a thought without text');
  const proof = typeof signature === 'string' && signature !== '' ? { signature } : {};
  return { type: 'reasoning', text, ...proof, ...owner };
}

function decodeCited({ content, citations }: JsonObject): ResponsePart | undefined {
  let text = '';
  for (const piece of Array.isArray(content) ? content : []) {
    if (isJsonObject(piece) && typeof piece['text'] === 'string') text += piece['text'];
  }
  if (text === '') return undefined;
  const sources = (Array.isArray(citations) ? citations : []).filter(isJsonObject).map(decodeCitation);
  return { type: 'text', text, ...(sources.length > 0 && { citations: sources }) };
}

function decodeImage({ format, source }: JsonObject): ResponsePart | undefined {
  const data = isJsonObject(source) ? source['bytes'] : undefined;
  if (typeof format !== 'string' || typeof data !== 'string') return undefined;
  return { type: 'media', kind: 'image', mediaType: `image/${format}`, data };
}
