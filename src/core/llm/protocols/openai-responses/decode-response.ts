import type { TokenLogprob } from '../../canonical/logprobs.ts';
import type { JsonObject, ReasoningPart, RefusalPart, TextPart } from '../../canonical/request.ts';
import type { CanonicalResponse, FinishReason, ResponsePart } from '../../canonical/response.ts';
import { isJsonObject } from '../json-object.ts';
import type { DecodeContext } from '../protocol.ts';
import { readTokens } from '../token-list.ts';
import { failureOf, unreadable } from './error.ts';
import { readSafety } from './safety.ts';
import { readUsage } from './usage.ts';

/**
 * A response → its canonical form. Items of tools that the vendor ran itself are left out: what they brought is in the
 * text. Throws `upstream_invalid` for a body that is not an answer, and what the body says when it says it failed.
 */
export function decodeResponse(body: unknown, context: DecodeContext): CanonicalResponse {
  if (!isJsonObject(body)) throw unreadable('an answer that is not a JSON object');
  if (body['status'] === 'failed' || isJsonObject(body['error']) || typeof body['error'] === 'string') {
    throw failureOf(body);
  }
  const { id, model, output } = body;
  if (!Array.isArray(output)) throw unreadable('an answer without output');
  const parts: ResponsePart[] = [];
  const logprobs: TokenLogprob[] = [];
  for (const item of output) {
    if (!isJsonObject(item)) throw unreadable('an output item that is not an object');
    decodeItem(item, parts, logprobs, context);
  }
  const safety = readSafety(body);
  return {
    id: textOf(id),
    model: textOf(model),
    parts,
    finish: finishOf(
      body,
      parts.some((part) => part.type === 'tool_call'),
    ),
    ...(logprobs.length > 0 && { logprobs }),
    ...(safety !== undefined && { safety }),
    usage: readUsage(body),
  };
}

/** The format does not say that a call is why the model stopped; the items do. */
export function finishOf(response: JsonObject, called: boolean): FinishReason {
  const details = response['incomplete_details'];
  if (response['status'] === 'incomplete' || isJsonObject(details)) {
    return isJsonObject(details) && details['reason'] === 'content_filter' ? 'content_filter' : 'length';
  }
  return called ? 'tool_calls' : 'stop';
}

/** What closes a thought: its proof, where it was asked for. */
export function proofOf(item: JsonObject): Pick<ReasoningPart, 'redacted' | 'origin' | 'id'> {
  const { encrypted_content: redacted, id } = item;
  if (typeof redacted !== 'string' || redacted === '') return {};
  return { redacted, origin: 'openai', ...(typeof id === 'string' && id !== '' && { id }) };
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function decodeItem(item: JsonObject, parts: ResponsePart[], logprobs: TokenLogprob[], { newId }: DecodeContext): void {
  switch (item['type']) {
    case 'message':
      if (!Array.isArray(item['content'])) throw unreadable('a message without content');
      for (const part of item['content']) {
        if (!isJsonObject(part)) throw unreadable('a message with content that is not an object');
        const words = decodeWords(part);
        if (words !== undefined && words.text !== '') parts.push(words);
        if (part['logprobs'] !== undefined) logprobs.push(...readTokens(part['logprobs']));
      }
      break;
    case 'reasoning': {
      const proof = proofOf(item);
      const text = joinTexts(item['summary'], '\n\n') || joinTexts(item['content'], '');
      if (text !== '' || proof.redacted !== undefined) parts.push({ type: 'reasoning', text, ...proof });
      break;
    }
    case 'function_call': {
      const { arguments: json, call_id: id, name } = item;
      if (typeof name !== 'string' || name === '') throw unreadable('a call without a name');
      parts.push({ type: 'tool_call', id: textOf(id) || newId(), name, arguments: textOf(json) });
      break;
    }
    case 'image_generation_call': {
      const { output_format: format, result } = item;
      if (typeof result !== 'string' || result === '') break;
      parts.push({ type: 'media', kind: 'image', mediaType: `image/${textOf(format) || 'png'}`, data: result });
    }
  }
}

function decodeWords(part: JsonObject): TextPart | RefusalPart | undefined {
  if (part['type'] === 'refusal') return { type: 'refusal', text: textOf(part['refusal']) };
  if (part['type'] !== 'output_text') return undefined;
  const { annotations } = part;
  const citations = Array.isArray(annotations) ? annotations.filter(isJsonObject) : [];
  return { type: 'text', text: textOf(part['text']), ...(citations.length > 0 && { citations }) };
}

function joinTexts(parts: unknown, between: string): string {
  if (!Array.isArray(parts)) return '';
  return parts.map((part) => (isJsonObject(part) ? textOf(part['text']) : '')).join(between);
}
