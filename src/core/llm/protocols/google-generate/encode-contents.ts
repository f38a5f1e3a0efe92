import { NexusError } from '../../../errors/nexus-error.ts';
import type { CanonicalRequest, JsonObject, Part, ToolCallPart, ToolResultPart } from '../../canonical/request.ts';
import { isJsonObject } from '../json-object.ts';
import { isMintedCallId } from './call-id.ts';
import { encodeMedia } from './media.ts';
import { SignedParts } from './signed-parts.ts';
import type { Content, Part as WirePart } from './wire.ts';

/**
 * What Google documents for calls that another model made or whose signature the client could not keep: base64 of
 * `skip_thought_signature_validator`. From Gemini 3 on, the first call of a turn without any signature is refused.
 */
const FOREIGN_CALL_SIGNATURE = 'c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=';

/** Turns → contents. `signCalls` marks calls without a signature for models that insist on one. */
export function encodeContents(turns: CanonicalRequest['turns'], signCalls: boolean): Content[] {
  const names = new Map<string, string>();
  const contents: Content[] = [];
  for (const turn of turns) {
    const parts =
      turn.role === 'assistant' ? encodeModelParts(turn.parts, names, signCalls) : encodeUserParts(turn.parts, names);
    if (parts.length > 0) contents.push({ role: turn.role === 'assistant' ? 'model' : 'user', parts });
  }
  return contents;
}

function encodeModelParts(parts: readonly Part[], names: Map<string, string>, signCalls: boolean): WirePart[] {
  const out = new SignedParts();
  let firstCall = true;
  for (const part of parts) {
    switch (part.type) {
      case 'text':
      case 'refusal':
        if (part.text !== '') out.addText(part.text);
        break;
      case 'reasoning':
        if (part.origin === 'google') out.addReasoning(part);
        break;
      case 'media':
        out.add(encodeMedia(part));
        break;
      case 'tool_call': {
        names.set(part.id, part.name);
        const signature = part.signature ?? (signCalls && firstCall ? FOREIGN_CALL_SIGNATURE : undefined);
        firstCall = false;
        const call = { ...idOf(part.id), name: part.name, args: parseArguments(part) };
        out.add({ functionCall: call, ...(signature !== undefined && { thoughtSignature: signature }) });
        break;
      }
      case 'tool_result':
        break;
    }
  }
  return out.close();
}

/** Results stand together and first; their media follow, because a result itself is one JSON object. */
function encodeUserParts(parts: readonly Part[], names: ReadonlyMap<string, string>): WirePart[] {
  const results: WirePart[] = [];
  const rest: WirePart[] = [];
  for (const part of parts) {
    if (part.type === 'tool_result') {
      results.push(encodeResult(part, names));
      for (const item of part.content) if (item.type === 'media') rest.push(encodeMedia(item));
    } else if (part.type === 'media') {
      rest.push(encodeMedia(part));
    } else if (part.type === 'text' && part.text !== '') {
      rest.push({ text: part.text });
    }
  }
  return results.concat(rest);
}

function encodeResult(result: ToolResultPart, names: ReadonlyMap<string, string>): WirePart {
  const texts = result.content.flatMap((item) => (item.type === 'text' ? [item.text] : []));
  const values = texts.map(structured);
  const value = values.length > 1 ? values : (values[0] ?? '');
  const name = names.get(result.callId) ?? result.callId;
  const response = result.isError ? { error: value } : isJsonObject(value) ? value : { result: value };
  return { functionResponse: { ...idOf(result.callId), name, response } };
}

/** JSON objects and lists become what they say; numbers and words stay text, so that no digit is lost. */
function structured(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function idOf(id: string): { id?: string } {
  return id === '' || isMintedCallId(id) ? {} : { id };
}

function parseArguments(call: ToolCallPart): JsonObject {
  if (call.arguments.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(call.arguments);
  } catch {
    throw invalidArguments(call, 'valid JSON');
  }
  if (!isJsonObject(value)) throw invalidArguments(call, 'a JSON object');
  return value;
}

function invalidArguments(call: ToolCallPart, expected: string): NexusError {
  const id = call.id.slice(0, 64);
  const message = `The arguments of tool call ${id} must be ${expected}: this model's provider takes no other`;
  return new NexusError('invalid_request', message, { param: `tool_calls[${id}].function.arguments` });
}
