import { checkOptionalString, checkString, invalidField } from '../field-check.ts';
import { isJsonObject } from '../json-object.ts';

const FILE_MEMBERS = ['file_data', 'file_id', 'filename'] as const;
const AUDIO_MEMBERS = ['data', 'format'] as const;
const ROLES = new Set<unknown>(['system', 'developer', 'user', 'assistant', 'tool', 'function']);

/*
 * Runs for every request, also one that is forwarded as bytes, so paths are only put together where something is wrong
 * or rare.
 */

export function checkMessages(value: unknown): void {
  if (!Array.isArray(value) || value.length === 0) throw invalidField('messages', 'a non-empty array', value);
  for (let index = 0; index < value.length; index++) checkMessage(value[index], index);
}

function checkMessage(message: unknown, index: number): void {
  if (!isJsonObject(message)) throw invalidField(`messages[${index}]`, 'an object', message);
  const { role, content } = message;
  if (!ROLES.has(role)) {
    const expected = 'system, developer, user, assistant, tool or function';
    const path = `messages[${index}].role`;
    throw typeof role === 'string' && role !== ''
      ? invalidField(path, expected, role, 'another name')
      : invalidField(path, expected, role);
  }
  if (typeof content !== 'string' && content !== null && content !== undefined) checkContent(content, index);
  if (role === 'tool') {
    if (typeof message['tool_call_id'] !== 'string') {
      throw invalidField(`messages[${index}].tool_call_id`, 'a string', message['tool_call_id']);
    }
  } else if (role === 'assistant') {
    if (message['refusal'] !== undefined) checkOptionalString(message['refusal'], `messages[${index}].refusal`);
    const call = message['function_call'];
    if (call !== undefined && call !== null) checkFunctionCall(call, `messages[${index}].function_call`);
  } else if (role === 'function') {
    checkString(message['name'], `messages[${index}].name`);
  }
  const calls = message['tool_calls'];
  if (calls !== undefined && calls !== null) checkToolCalls(calls, `messages[${index}].tool_calls`);
  if (message['name'] !== undefined) checkOptionalString(message['name'], `messages[${index}].name`);
}

function checkContent(content: unknown, message: number): void {
  if (!Array.isArray(content)) {
    throw invalidField(`messages[${message}].content`, 'a string or an array of parts', content);
  }
  for (let index = 0; index < content.length; index++) {
    const part: unknown = content[index];
    if (!isJsonObject(part)) throw invalidField(partPath(message, index), 'an object', part);
    const type = part['type'];
    switch (type) {
      case 'text':
      case 'refusal':
        if (typeof part[type] !== 'string') {
          throw invalidField(`${partPath(message, index)}.${type}`, 'a string', part[type]);
        }
        break;
      case 'image_url':
        checkImage(part['image_url'], `${partPath(message, index)}.image_url`);
        break;
      case 'input_audio':
        checkMembers(part[type], `${partPath(message, index)}.${type}`, AUDIO_MEMBERS);
        break;
      case 'file':
        checkMembers(part[type], `${partPath(message, index)}.${type}`, FILE_MEMBERS);
        break;
      default:
        if (typeof type !== 'string') throw invalidField(`${partPath(message, index)}.type`, 'a string', type);
    }
  }
}

function partPath(message: number, part: number): string {
  return `messages[${message}].content[${part}]`;
}

function checkMembers(value: unknown, path: string, members: readonly string[]): void {
  if (!isJsonObject(value)) throw invalidField(path, 'an object', value);
  for (const member of members) checkOptionalString(value[member], `${path}.${member}`);
}

/** The published format has an object here; a bare string is what some clients send and some hosts take. */
function checkImage(value: unknown, path: string): void {
  if (typeof value === 'string') return;
  if (!isJsonObject(value)) throw invalidField(path, 'an object with a url, or a string', value);
  checkString(value['url'], `${path}.url`);
}

function checkToolCalls(value: unknown, path: string): void {
  if (!Array.isArray(value)) throw invalidField(path, 'an array', value);
  for (let index = 0; index < value.length; index++) {
    const call: unknown = value[index];
    const callPath = `${path}[${index}]`;
    if (!isJsonObject(call)) throw invalidField(callPath, 'an object', call);
    checkOptionalString(call['id'], `${callPath}.id`);
    checkOptionalString(call['type'], `${callPath}.type`);
    const type = call['type'] ?? 'function';
    if (type === 'function') checkFunctionCall(call['function'], `${callPath}.function`);
    else if (type === 'custom') checkCustomCall(call['custom'], `${callPath}.custom`);
  }
}

function checkCustomCall(value: unknown, path: string): void {
  if (!isJsonObject(value)) throw invalidField(path, 'an object', value);
  checkString(value['name'], `${path}.name`);
  checkString(value['input'], `${path}.input`);
}

function checkFunctionCall(value: unknown, path: string): void {
  if (!isJsonObject(value)) throw invalidField(path, 'an object', value);
  checkString(value['name'], `${path}.name`);
  checkString(value['arguments'], `${path}.arguments`);
}
