import type { JsonObject, MediaPart, TextPart, Turn } from '../../canonical/request.ts';
import { TurnList } from '../../canonical/turn-list.ts';
import { isJsonObject } from '../json-object.ts';
import { CallIds } from './call-ids.ts';
import { decodeFileData, decodeInlineData } from './media.ts';
import { camelName, listOf, member } from './member.ts';
import { untranslatable } from './untranslatable.ts';

const MAPPED_MEMBERS = new Set([
  'text',
  'thought',
  'thoughtSignature',
  'inlineData',
  'fileData',
  'functionCall',
  'functionResponse',
]);

/**
 * Contents that have been validated → turns. Parts and members without a canonical form are added to `unsupported`.
 * The signature of a text becomes reasoning without words right before the text.
 */
export function decodeContents(contents: readonly unknown[], unsupported: Set<string>): Turn[] {
  const turns = new TurnList();
  const calls = new CallIds();
  for (const [index, content] of contents.entries()) {
    if (!isJsonObject(content)) continue;
    for (const [at, part] of listOf(content['parts']).entries()) {
      if (!isJsonObject(part)) continue;
      nameLostMembers(part, 'contents.parts', unsupported);
      if (content['role'] === 'model') decodeModelPart(part, turns, calls);
      else decodeUserPart(part, turns, calls, `contents[${index}].parts[${at}]`);
    }
  }
  return turns.close();
}

/** Texts of the system instruction, one per part. */
export function decodeInstruction(instruction: unknown, unsupported: Set<string>): TextPart[] {
  const system: TextPart[] = [];
  for (const part of listOf(isJsonObject(instruction) ? instruction['parts'] : undefined)) {
    if (!isJsonObject(part)) continue;
    const { text } = part;
    if (typeof text !== 'string') unsupported.add('systemInstruction.parts');
    else if (text !== '') system.push({ type: 'text', text });
  }
  return system;
}

function nameLostMembers(part: JsonObject, path: string, unsupported: Set<string>): void {
  for (const name in part) {
    if (!MAPPED_MEMBERS.has(camelName(name)) && part[name] !== null) unsupported.add(`${path}.${name}`);
  }
}

function decodeModelPart(part: JsonObject, turns: TurnList, calls: CallIds): void {
  const text = part['text'] ?? undefined;
  const found = member(part, 'thoughtSignature');
  const signature = typeof found === 'string' && found !== '' ? { signature: found } : undefined;
  if (typeof text === 'string') {
    if (part['thought'] === true) {
      if (text !== '' || signature) turns.add('assistant', { type: 'reasoning', text, ...signature, origin: 'google' });
      return;
    }
    if (signature) turns.add('assistant', { type: 'reasoning', text: '', ...signature, origin: 'google' });
    if (text !== '') turns.add('assistant', { type: 'text', text });
    return;
  }
  const call = member(part, 'functionCall');
  if (isJsonObject(call)) {
    const name = String(call['name']);
    const args = JSON.stringify(call['args'] ?? {});
    const id = calls.forCall(name, call['id']);
    turns.add('assistant', { type: 'tool_call', id, name, arguments: args, ...signature });
    return;
  }
  const media = decodeMedia(part);
  if (media !== undefined) turns.add('assistant', media);
}

function decodeUserPart(part: JsonObject, turns: TurnList, calls: CallIds, path: string): void {
  const text = part['text'] ?? undefined;
  if (typeof text === 'string') {
    if (text !== '' && part['thought'] !== true) turns.add('user', { type: 'text', text });
    return;
  }
  const result = member(part, 'functionResponse');
  if (isJsonObject(result)) {
    const media = listOf(result['parts']).flatMap((each) => (isJsonObject(each) ? (decodeMedia(each) ?? []) : []));
    const { text: said, isError } = decodeResponse(result['response']);
    turns.addResult({
      type: 'tool_result',
      callId: calls.forResult(String(result['name']), result['id']),
      content: [{ type: 'text', text: said }, ...media],
      isError,
    });
    return;
  }
  if (member(part, 'functionCall') !== undefined) throw untranslatable(`${path}.functionCall`, 'calls by the user');
  const media = decodeMedia(part);
  if (media !== undefined) turns.add('user', media);
}

function decodeMedia(part: JsonObject): MediaPart | undefined {
  const inline = member(part, 'inlineData');
  if (isJsonObject(inline)) return decodeInlineData(inline);
  const file = member(part, 'fileData');
  return isJsonObject(file) ? decodeFileData(file) : undefined;
}

/** Results are objects by force: a lone `result` or `output` wraps words, a lone `error` says that the call failed. */
function decodeResponse(response: unknown): { text: string; isError: boolean } {
  if (!isJsonObject(response)) return { text: '{}', isError: false };
  const [name, ...others] = Object.keys(response);
  const value = name === undefined ? undefined : response[name];
  if (others.length === 0) {
    if (name === 'error') return { text: typeof value === 'string' ? value : JSON.stringify(value), isError: true };
    if ((name === 'result' || name === 'output') && typeof value === 'string') return { text: value, isError: false };
  }
  return { text: JSON.stringify(response), isError: false };
}
