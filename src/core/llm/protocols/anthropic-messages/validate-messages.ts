import type { JsonObject } from '../../canonical/request.ts';
import {
  checkBoolean,
  checkNonEmptyString,
  checkObject,
  checkString,
  type FieldCheck,
  invalidField,
  isAbsent,
  optional,
} from '../field-check.ts';
import { isJsonObject } from '../json-object.ts';

/*
 * Runs for every request, also one that is forwarded as bytes, so paths are only put together where something is wrong
 * or rare.
 */

const ROLES = new Set<unknown>(['user', 'assistant', 'system']);

export function checkMessages(value: unknown): void {
  if (!Array.isArray(value) || value.length === 0) throw invalidField('messages', 'a non-empty array', value);
  for (let index = 0; index < value.length; index++) checkMessage(value[index], index);
}

function checkMessage(message: unknown, index: number): void {
  if (!isJsonObject(message)) throw invalidField(`messages[${index}]`, 'an object', message);
  const { role, content } = message;
  if (!ROLES.has(role)) {
    const path = `messages[${index}].role`;
    throw typeof role === 'string' && role !== ''
      ? invalidField(path, 'user, assistant or system', role, 'another name')
      : invalidField(path, 'user, assistant or system', role);
  }
  if (typeof content === 'string' || (role === 'system' && isAbsent(content))) return;
  checkContent(content, `messages[${index}].content`);
}

/** The system prompt and the bodies of tool results have the same two forms as the content of a message. */
export function checkTextOrBlocks(value: unknown, path: string): void {
  if (typeof value !== 'string') checkContent(value, path);
}

/** Longer than the path to anything the format knows; whatever lies deeper is nested without end. */
const MAX_PATH_LENGTH = 200;

function checkContent(content: unknown, path: string): void {
  if (path.length > MAX_PATH_LENGTH) throw invalidField(path, 'nested less deeply', content);
  if (!Array.isArray(content)) throw invalidField(path, 'a string or an array of content blocks', content);
  for (let index = 0; index < content.length; index++) {
    const block: unknown = content[index];
    if (isJsonObject(block) && block['type'] === 'text' && typeof block['text'] === 'string') {
      if (isAbsent(block['cache_control']) && isAbsent(block['citations'])) continue;
    }
    checkBlock(block, `${path}[${index}]`);
  }
}

/** Blocks of kinds that are not named here pass: vendors add some every month. */
function checkBlock(block: unknown, path: string): void {
  if (!isJsonObject(block)) throw invalidField(path, 'an object', block);
  checkNonEmptyString(block['type'], `${path}.type`);
  checkCacheControl(block['cache_control'], `${path}.cache_control`);
  switch (block['type']) {
    case 'text':
      checkString(block['text'], `${path}.text`);
      checkObjects(block['citations'], `${path}.citations`);
      break;
    case 'image':
    case 'document':
      checkSource(block['source'], `${path}.source`);
      break;
    case 'search_result':
      checkMembers(block, path, [
        ['source', checkString],
        ['title', checkString],
        ['content', checkTextOrBlocks],
      ]);
      break;
    case 'thinking':
      checkMembers(block, path, [
        ['thinking', checkString],
        ['signature', optional(checkString)],
      ]);
      break;
    case 'redacted_thinking':
      checkString(block['data'], `${path}.data`);
      break;
    case 'tool_use':
      checkMembers(block, path, [
        ['id', checkNonEmptyString],
        ['name', checkNonEmptyString],
        ['input', checkObject],
      ]);
      break;
    case 'tool_result':
      checkMembers(block, path, [
        ['tool_use_id', checkNonEmptyString],
        ['content', optional(checkTextOrBlocks)],
        ['is_error', optional(checkBoolean)],
      ]);
  }
}

/** Where a picture or document is: each kind of source has its own member. */
function checkSource(source: unknown, path: string): void {
  if (!isJsonObject(source)) throw invalidField(path, 'an object', source);
  checkNonEmptyString(source['type'], `${path}.type`);
  switch (source['type']) {
    case 'base64':
      checkMembers(source, path, [
        ['media_type', checkNonEmptyString],
        ['data', checkString],
      ]);
      break;
    case 'url':
      checkNonEmptyString(source['url'], `${path}.url`);
      break;
    case 'file':
      checkNonEmptyString(source['file_id'], `${path}.file_id`);
      break;
    case 'text':
      checkString(source['data'], `${path}.data`);
      break;
    case 'content':
      checkTextOrBlocks(source['content'], `${path}.content`);
  }
}

export function checkCacheControl(value: unknown, path: string): void {
  if (isAbsent(value)) return;
  if (!isJsonObject(value)) throw invalidField(path, 'an object', value);
  checkMembers(value, path, [
    ['type', checkNonEmptyString],
    ['ttl', optional(checkString)],
  ]);
}

function checkObjects(value: unknown, path: string): void {
  if (isAbsent(value)) return;
  if (!Array.isArray(value)) throw invalidField(path, 'an array', value);
  for (let index = 0; index < value.length; index++) checkObject(value[index], `${path}[${index}]`);
}

function checkMembers(object: JsonObject, path: string, checks: readonly (readonly [string, FieldCheck])[]): void {
  for (const [member, check] of checks) check(object[member], `${path}.${member}`);
}
