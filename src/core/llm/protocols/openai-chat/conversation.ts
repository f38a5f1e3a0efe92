import { NexusError } from '../../../errors/nexus-error.ts';
import type { MediaPart, Part, RefusalPart, TextPart, ToolCallPart, Turn } from '../../canonical/request.ts';
import { customArguments } from '../../canonical/special-tool.ts';
import { TurnList } from '../../canonical/turn-list.ts';
import { isJsonObject } from '../json-object.ts';
import { decodeAddress, decodeMedia } from './media.ts';
import { readReasoningDetails, thoughtSignature } from './reasoning.ts';
import type { ChatContentPart, ChatMessage } from './wire.ts';

export interface Conversation {
  /** System and developer texts in order, wherever they stood. */
  readonly system: TextPart[];
  readonly turns: Turn[];
}

/**
 * Members with a canonical form, or an echo of an answer that says nothing new: `annotations`, and thoughts without
 * proof, which no other model may be shown as its own.
 */
const MAPPED_MEMBERS = new Set([
  'role',
  'content',
  'refusal',
  'tool_calls',
  'tool_call_id',
  'function_call',
  'annotations',
  'reasoning',
  'reasoning_content',
  'reasoning_details',
  'extra_content',
  'thought_signature',
  'images',
]);

/**
 * Messages → turns. Neighbours on one side of the conversation become one turn, and a turn of the user begins with its
 * tool results, as formats without a tool role demand. Members that get lost are added to `unsupported`.
 */
export function decodeConversation(messages: readonly ChatMessage[], unsupported: Set<string>): Conversation {
  const system: TextPart[] = [];
  const turns = new TurnList();
  const legacyCalls = new LegacyCallIds();

  for (let index = 0; index < messages.length; index++) {
    const message = messages[index];
    if (message === undefined) continue;
    const path = `messages[${index}]`;
    nameLostMembers(message, unsupported);
    switch (message.role) {
      case 'system':
      case 'developer':
        system.push(...decodeTexts(message, path));
        break;
      case 'user':
        for (const part of decodeContent(message, path)) turns.add('user', part);
        break;
      case 'tool': {
        const content = decodeContent(message, path);
        turns.addResult({ type: 'tool_result', callId: message.tool_call_id ?? '', content, isError: false });
        break;
      }
      case 'function': {
        const callId = legacyCalls.last(message.name ?? '');
        turns.addResult({ type: 'tool_result', callId, content: decodeTexts(message, path), isError: false });
        break;
      }
      case 'assistant':
        if (message['audio'] !== undefined && message['audio'] !== null) throw untranslatable(`${path}.audio`, 'audio');
        for (const part of decodeAnswer(message, path, legacyCalls)) turns.add('assistant', part);
    }
  }
  return { system, turns: turns.close() };
}

/** Calls from before `tool_calls` have no ids: the function's name stands in, numbered from its second call on. */
class LegacyCallIds {
  readonly #calls = new Map<string, number>();

  next(name: string): string {
    this.#calls.set(name, (this.#calls.get(name) ?? 0) + 1);
    return this.last(name);
  }

  last(name: string): string {
    const calls = this.#calls.get(name) ?? 1;
    return calls === 1 ? name : `${name}_${calls}`;
  }
}

function nameLostMembers(message: ChatMessage, unsupported: Set<string>): void {
  for (const member in message) {
    if (MAPPED_MEMBERS.has(member) || message[member] === null) continue;
    if (member === 'audio' || (member === 'name' && message.role === 'function')) continue;
    unsupported.add(`messages.${member}`);
  }
}

function decodeContent(message: ChatMessage, path: string): (TextPart | MediaPart)[] {
  const { content } = message;
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  const parts: (TextPart | MediaPart)[] = [];
  for (const [index, part] of (content ?? []).entries()) {
    const partPath = `${path}.content[${index}]`;
    const media = decodeMedia(part, partPath);
    if (media !== undefined) parts.push(media);
    else pushText(parts, { type: 'text', text: textOf(part, partPath) });
  }
  return parts;
}

/** The content of sides that have only words. */
function decodeTexts(message: ChatMessage, path: string): TextPart[] {
  const { content } = message;
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  const parts: TextPart[] = [];
  for (const [index, part] of (content ?? []).entries()) {
    pushText(parts, { type: 'text', text: textOf(part, `${path}.content[${index}]`) });
  }
  return parts;
}

/** An earlier answer: proven thoughts first, then what was said, then the calls. */
function decodeAnswer(message: ChatMessage, path: string, legacyCalls: LegacyCallIds): Part[] {
  const parts: Part[] = [];
  for (const part of readReasoningDetails(message['reasoning_details'])) {
    const isProven = part.signature !== undefined || part.redacted !== undefined;
    if (isProven && part.origin !== undefined) parts.push(part);
  }
  const { content } = message;
  if (typeof content === 'string') pushText(parts, { type: 'text', text: content });
  else {
    for (const [index, part] of (content ?? []).entries()) {
      // Mistral's thoughts: they carry no proof.
      if (part.type === 'thinking') continue;
      const said: TextPart | RefusalPart =
        part.type === 'refusal'
          ? { type: 'refusal', text: part.refusal ?? '' }
          : { type: 'text', text: textOf(part, `${path}.content[${index}]`) };
      pushText(parts, said);
    }
  }
  if (message.refusal) parts.push({ type: 'refusal', text: message.refusal });
  parts.push(...decodeImages(message['images'], path));
  parts.push(...decodeCalls(message, path, legacyCalls));
  return parts;
}

/** Pictures in an answer, a de-facto extension: `images: [{type:'image_url',image_url:{url}}]`. */
function decodeImages(images: unknown, path: string): MediaPart[] {
  if (!Array.isArray(images)) return [];
  const parts: MediaPart[] = [];
  for (const [index, image] of images.entries()) {
    const address = isJsonObject(image) ? image['image_url'] : undefined;
    const url = isJsonObject(address) ? address['url'] : undefined;
    if (typeof url !== 'string') continue;
    const urlPath = `${path}.images[${index}].image_url.url`;
    parts.push({ type: 'media', kind: 'image', ...decodeAddress(url, urlPath) });
  }
  return parts;
}

function pushText(parts: Part[], part: TextPart | RefusalPart): void {
  if (part.text !== '') parts.push(part);
}

function textOf(part: ChatContentPart, path: string): string {
  if (part.type === 'text') return part.text ?? '';
  if (part.type === 'refusal') return part.refusal ?? '';
  throw untranslatable(`${path}.type`, 'this kind of content');
}

function decodeCalls(message: ChatMessage, path: string, legacyCalls: LegacyCallIds): ToolCallPart[] {
  const calls: ToolCallPart[] = [];
  for (const [index, call] of (message.tool_calls ?? []).entries()) {
    if (call.type === 'custom' && call.custom !== undefined) {
      const { name, input } = call.custom;
      const signature = thoughtSignature(call);
      calls.push({
        type: 'tool_call',
        id: call.id || legacyCalls.next(name),
        name,
        arguments: customArguments(input),
        ...(signature !== undefined && { signature }),
      });
      continue;
    }
    if (call.function === undefined || (call.type ?? 'function') !== 'function') {
      throw untranslatable(`${path}.tool_calls[${index}].type`, 'calls of tools of other kinds');
    }
    const { name } = call.function;
    const signature = thoughtSignature(call) ?? (index === 0 ? thoughtSignature(message) : undefined);
    calls.push({
      type: 'tool_call',
      id: call.id || legacyCalls.next(name),
      name,
      arguments: call.function.arguments,
      ...(signature !== undefined && { signature }),
    });
  }
  if (message.function_call) {
    const { name } = message.function_call;
    calls.push({ type: 'tool_call', id: legacyCalls.next(name), name, arguments: message.function_call.arguments });
  }
  return calls;
}

function untranslatable(path: string, what: string): NexusError {
  const message = `${path}: the protocol of this model's provider cannot take ${what} yet`;
  return new NexusError('invalid_request', message, { param: path });
}
