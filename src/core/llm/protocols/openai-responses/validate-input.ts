import type { JsonObject } from '../../canonical/request.ts';
import { checkOptional, checkString, invalidField } from '../field-check.ts';
import { isJsonObject } from '../json-object.ts';

const ROLES = new Set<unknown>(['user', 'assistant', 'system', 'developer']);

/*
 * Runs for every request, also one that is forwarded as bytes, so paths are only put together where something is wrong
 * or rare. Of kinds of items that Nexus does not read only the name of the kind is looked at.
 */

export function checkInput(value: unknown, path: string): void {
  if (typeof value === 'string') return;
  if (!Array.isArray(value)) throw invalidField(path, 'a string or an array of items', value);
  for (let index = 0; index < value.length; index++) checkItem(value[index], index);
}

function checkItem(item: unknown, index: number): void {
  if (!isJsonObject(item)) throw invalidField(`input[${index}]`, 'an object', item);
  switch (item['type']) {
    case undefined:
    case null:
      // An item without a type is a message, or an older reference to an item by its id alone.
      if (item['role'] === undefined && typeof item['id'] === 'string') return;
      checkMessage(item, index);
      return;
    case 'message':
      checkMessage(item, index);
      return;
    case 'function_call':
      checkOptional(checkString, item['namespace'], `input[${index}].namespace`);
      checkMember(item, 'call_id', index);
      checkMember(item, 'name', index);
      checkMember(item, 'arguments', index);
      return;
    case 'custom_tool_call':
      checkOptional(checkString, item['namespace'], `input[${index}].namespace`);
      checkMember(item, 'call_id', index);
      checkMember(item, 'name', index);
      checkMember(item, 'input', index);
      return;
    case 'function_call_output':
    case 'custom_tool_call_output':
      checkMember(item, 'call_id', index);
      checkContent(item['output'], `input[${index}].output`);
      return;
    case 'reasoning':
      checkReasoning(item, index);
      return;
    default:
      checkString(item['type'], `input[${index}].type`);
  }
}

function checkMember(item: JsonObject, name: string, index: number): void {
  if (typeof item[name] !== 'string') throw invalidField(`input[${index}].${name}`, 'a string', item[name]);
}

function checkMessage(item: JsonObject, index: number): void {
  const { role, content } = item;
  if (!ROLES.has(role)) {
    const expected = 'user, assistant, system or developer';
    const path = `input[${index}].role`;
    throw typeof role === 'string' && role !== ''
      ? invalidField(path, expected, role, 'another name')
      : invalidField(path, expected, role);
  }
  // Some clients send the assistant's turn without content; nothing said is nothing lost.
  if (content === null && role === 'assistant') return;
  if (typeof content !== 'string') checkContent(content, `input[${index}].content`);
}

/** The summary is required by the published format; some hosts leave it out and write `content` instead. */
function checkReasoning(item: JsonObject, index: number): void {
  checkOptional(checkString, item['encrypted_content'], `input[${index}].encrypted_content`);
  for (const member of ['summary', 'content'] as const) {
    const parts = item[member];
    if (parts === undefined || parts === null) continue;
    const path = `input[${index}].${member}`;
    if (!Array.isArray(parts)) throw invalidField(path, 'an array of parts', parts);
    for (const [at, part] of parts.entries()) {
      if (!isJsonObject(part)) throw invalidField(`${path}[${at}]`, 'an object', part);
      checkString(part['text'], `${path}[${at}].text`);
    }
  }
}

function checkContent(content: unknown, path: string): void {
  if (typeof content === 'string') return;
  if (!Array.isArray(content)) throw invalidField(path, 'a string or an array of parts', content);
  for (let index = 0; index < content.length; index++) {
    const part: unknown = content[index];
    if (!isJsonObject(part)) throw invalidField(`${path}[${index}]`, 'an object', part);
    switch (part['type']) {
      case 'input_text':
      case 'output_text':
      case 'text':
        if (typeof part['text'] !== 'string') throw invalidField(`${path}[${index}].text`, 'a string', part['text']);
        break;
      case 'refusal':
        checkString(part['refusal'], `${path}[${index}].refusal`);
        break;
      case 'input_image':
        checkOptional(checkString, part['image_url'], `${path}[${index}].image_url`);
        checkOptional(checkString, part['file_id'], `${path}[${index}].file_id`);
        checkOptional(checkString, part['detail'], `${path}[${index}].detail`);
        break;
      case 'input_file':
        for (const name of ['file_id', 'file_url', 'file_data', 'filename'] as const) {
          checkOptional(checkString, part[name], `${path}[${index}].${name}`);
        }
        break;
      default:
        if (typeof part['type'] !== 'string') throw invalidField(`${path}[${index}].type`, 'a string', part['type']);
    }
  }
}
