import type { JsonObject, MediaPart, ReasoningPart, TextPart, ToolCallPart } from '../../canonical/request.ts';
import type { CanonicalResponse, ResponsePart } from '../../canonical/response.ts';
import { isJsonObject } from '../json-object.ts';
import type { DecodeContext } from '../protocol.ts';
import { readAnnotations } from './annotation.ts';
import { readContent } from './content.ts';
import { failureIn, unreadable } from './failure.ts';
import { breakdown, finishReason } from './finish.ts';
import { readLogprobs } from './logprobs.ts';
import { readAddress } from './media.ts';
import { readReasoningDetails, reasoningText, thoughtSignature } from './reasoning.ts';
import { readSafety } from './safety.ts';
import { readUsage } from './usage.ts';

/**
 * A chat completion → its canonical form: thoughts, text, refusal, pictures, calls. Further choices, sounds and calls of
 * tools that are not functions are left out. Throws `upstream_invalid` for what is not an answer, and what an error
 * that came with a status of success says.
 */
export function decodeResponse(body: unknown, context: DecodeContext): CanonicalResponse {
  if (!isJsonObject(body)) throw unreadable('an answer that is not a JSON object');
  const failure = failureIn(body);
  if (failure !== undefined) throw failure;
  const choice: unknown = Array.isArray(body['choices']) ? body['choices'][0] : undefined;
  if (!isJsonObject(choice)) throw unreadable('an answer without choices');
  const stopped = failureIn(choice) ?? breakdown(choice['finish_reason']);
  if (stopped !== undefined) throw stopped;
  const { message } = choice;
  if (!isJsonObject(message)) throw unreadable('a choice without a message');

  const content = readContent(message['content']);
  const { refusal } = message;
  const calls = readCalls(message, context);
  const parts: ResponsePart[] = readReasoning(message, content.reasoning);
  if (content.text !== '') parts.push(citedText(content.text, message['annotations']));
  if (typeof refusal === 'string' && refusal !== '') parts.push({ type: 'refusal', text: refusal });
  parts.push(...readImages(message['images']), ...calls);
  const { id, model } = body;
  const logprobs = readLogprobs(choice['logprobs']);
  const safety = readSafety(body, choice);
  return {
    id: typeof id === 'string' ? id : '',
    model: typeof model === 'string' ? model : '',
    parts,
    finish: finishReason(choice['finish_reason'], calls.length > 0),
    ...(logprobs.length > 0 && { logprobs }),
    ...(safety !== undefined && { safety }),
    usage: readUsage(body['usage'], body['service_tier']) ?? readUsage(choice['usage']),
  };
}

/** Hosts that send `reasoning_details` repeat their text in the plain member; where they do not, it comes first. */
function readReasoning(message: JsonObject, inContent: string): ReasoningPart[] {
  const details = readReasoningDetails(message['reasoning_details']);
  const text = reasoningText(message) || inContent;
  if (text === '' || details.some((part) => part.text !== '')) return details;
  const [first, ...others] = details;
  // A lone proof without text of its own proves the plain text.
  if (first?.signature !== undefined && others.length === 0) return [{ ...first, text }];
  return [{ type: 'reasoning', text }, ...details];
}

function citedText(text: string, annotations: unknown): TextPart {
  const citations = readAnnotations(annotations);
  return citations.length > 0 ? { type: 'text', text, citations } : { type: 'text', text };
}

function readImages(images: unknown): MediaPart[] {
  if (!Array.isArray(images)) return [];
  const parts: MediaPart[] = [];
  for (const image of images) {
    const holder = isJsonObject(image) ? image['image_url'] : undefined;
    const url = isJsonObject(holder) ? holder['url'] : undefined;
    const address = typeof url === 'string' ? readAddress(url) : undefined;
    if (address !== undefined) parts.push({ type: 'media', kind: 'image', ...address });
  }
  return parts;
}

function readCalls(message: JsonObject, context: DecodeContext): ToolCallPart[] {
  const calls: ToolCallPart[] = [];
  const listed: unknown = message['tool_calls'];
  for (const call of Array.isArray(listed) ? listed : []) {
    if (!isJsonObject(call)) throw unreadable('a tool call that is not an object');
    if (!isJsonObject(call['function'])) continue;
    const { name } = call['function'];
    if (typeof name !== 'string' || name === '') throw unreadable('a tool call without a name');
    const signature = thoughtSignature(call) ?? (calls.length === 0 ? thoughtSignature(message) : undefined);
    calls.push({
      type: 'tool_call',
      id: callId(call['id'], context),
      name,
      arguments: argumentsText(call['function']['arguments']),
      ...(signature !== undefined && { signature }),
    });
  }
  const legacy = message['function_call'];
  // Snowflake sends it empty beside the real calls.
  if (isJsonObject(legacy) && typeof legacy['name'] === 'string' && legacy['name'] !== '') {
    const args = argumentsText(legacy['arguments']);
    calls.push({ type: 'tool_call', id: callId(undefined, context), name: legacy['name'], arguments: args });
  }
  return calls;
}

/** Some hosts give calls no id, or an empty one. */
export function callId(id: unknown, context: DecodeContext): string {
  return typeof id === 'string' && id !== '' ? id : `call_${context.newId()}`;
}

/** Arguments are JSON text; some hosts send the object itself. */
export function argumentsText(value: unknown): string {
  if (typeof value === 'string') return value;
  return isJsonObject(value) ? JSON.stringify(value) : '';
}
