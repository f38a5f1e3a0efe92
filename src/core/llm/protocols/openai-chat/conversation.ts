import { NexusError } from '../../../errors/nexus-error.ts';
import type { ImagePart, Part, TextPart, ToolCallPart, Turn } from '../../canonical/request.ts';
import { decodeImage } from './image.ts';
import type { ChatContentPart, ChatMessage } from './wire.ts';

export interface Conversation {
  /** System and developer texts in order, wherever they stood. */
  readonly system: string[];
  readonly turns: Turn[];
}

/** Members with a canonical form, or (`annotations`) an echo of an answer that says nothing new. */
const MAPPED_MEMBERS = new Set([
  'role',
  'content',
  'refusal',
  'tool_calls',
  'tool_call_id',
  'function_call',
  'annotations',
]);

/**
 * Messages → turns. Neighbours on one side of the conversation become one turn, and a turn of the user begins with its
 * tool results, as formats without a tool role demand. Members that get lost are added to `unsupported`.
 */
export function decodeConversation(messages: readonly ChatMessage[], unsupported: Set<string>): Conversation {
  const system: string[] = [];
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
        for (const part of decodeTexts(message, path)) system.push(part.text);
        break;
      case 'user':
        for (const part of decodeContent(message, path, unsupported)) turns.add('user', part);
        break;
      case 'tool': {
        const content = decodeContent(message, path, unsupported);
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
        for (const part of decodeTexts(message, path)) turns.add('assistant', part);
        if (message.refusal) turns.add('assistant', { type: 'text', text: message.refusal });
        for (const call of decodeCalls(message, path, legacyCalls)) turns.add('assistant', call);
    }
  }
  return { system, turns: turns.close() };
}

/** Collects parts into turns of alternating sides. A message without parts leaves no trace. */
class TurnList {
  readonly #turns: Turn[] = [];
  #role: Turn['role'] = 'user';
  #results: Part[] = [];
  #parts: Part[] = [];

  add(role: Turn['role'], part: Part): void {
    this.#turnTo(role);
    this.#parts.push(part);
  }

  addResult(part: Part): void {
    this.#turnTo('user');
    this.#results.push(part);
  }

  close(): Turn[] {
    const parts = this.#results.concat(this.#parts);
    if (parts.length > 0) this.#turns.push({ role: this.#role, parts });
    this.#results = [];
    this.#parts = [];
    return this.#turns;
  }

  #turnTo(role: Turn['role']): void {
    if (role === this.#role) return;
    this.close();
    this.#role = role;
  }
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

function decodeContent(message: ChatMessage, path: string, unsupported: Set<string>): (TextPart | ImagePart)[] {
  const { content } = message;
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  const parts: (TextPart | ImagePart)[] = [];
  for (const [index, part] of (content ?? []).entries()) {
    const partPath = `${path}.content[${index}]`;
    if (part.type === 'image_url' && part.image_url !== undefined) {
      parts.push(decodeImage(part.image_url, `${partPath}.image_url`, unsupported));
    } else {
      const text = textOf(part, partPath);
      if (text !== '') parts.push({ type: 'text', text });
    }
  }
  return parts;
}

/** The content of sides that have only words. Reasoning is left out: it belongs to the model that wrote it. */
function decodeTexts(message: ChatMessage, path: string): TextPart[] {
  const { content } = message;
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  const parts: TextPart[] = [];
  for (const [index, part] of (content ?? []).entries()) {
    if (part.type === 'thinking' && message.role === 'assistant') continue;
    const text = textOf(part, `${path}.content[${index}]`);
    if (text !== '') parts.push({ type: 'text', text });
  }
  return parts;
}

function textOf(part: ChatContentPart, path: string): string {
  if (part.type === 'text') return part.text ?? '';
  if (part.type === 'refusal') return part.refusal ?? '';
  throw untranslatable(`${path}.type`, 'this kind of content');
}

function decodeCalls(message: ChatMessage, path: string, legacyCalls: LegacyCallIds): ToolCallPart[] {
  const calls: ToolCallPart[] = [];
  for (const [index, call] of (message.tool_calls ?? []).entries()) {
    if (call.function === undefined || (call.type ?? 'function') !== 'function') {
      throw untranslatable(`${path}.tool_calls[${index}].type`, 'calls of tools that are not functions');
    }
    const { name } = call.function;
    calls.push({ type: 'tool_call', id: call.id || legacyCalls.next(name), name, arguments: call.function.arguments });
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
