import { checkOptionalObject, checkOptionalString, checkString, invalidField } from '../field-check.ts';
import { isJsonObject } from '../json-object.ts';
import { listOf, member } from './member.ts';

/** `function` is the older name of the side that hands in results. */
const ROLES = new Set<unknown>([undefined, 'user', 'model', 'function']);

export function checkContents(value: unknown, path: string): void {
  if (!Array.isArray(value) || value.length === 0) throw invalidField(path, 'a non-empty array', value);
  for (let index = 0; index < value.length; index++) {
    const content: unknown = value[index];
    const contentPath = `${path}[${index}]`;
    checkContent(content, contentPath);
    const role = isJsonObject(content) ? (content['role'] ?? undefined) : undefined;
    if (!ROLES.has(role)) {
      const found = typeof role === 'string' ? 'another name' : undefined;
      throw invalidField(`${contentPath}.role`, 'user or model', role, found);
    }
  }
}

export function checkContent(content: unknown, path: string): void {
  if (!isJsonObject(content)) throw invalidField(path, 'an object with parts', content);
  const { parts } = content;
  if (parts !== undefined && parts !== null && typeof parts !== 'object') {
    throw invalidField(`${path}.parts`, 'an array of parts', parts);
  }
  for (const [index, part] of listOf(parts).entries()) checkPart(part, `${path}.parts[${index}]`);
}

/** Parts of kinds that Nexus does not know pass. */
function checkPart(part: unknown, path: string): void {
  if (!isJsonObject(part)) throw invalidField(path, 'an object', part);
  const text = member(part, 'text');
  checkOptionalString(text, `${path}.text`);
  checkOptionalString(member(part, 'thoughtSignature'), `${path}.thoughtSignature`);
  if (text !== undefined) return;
  const inline = member(part, 'inlineData');
  if (inline !== undefined) checkMedia(inline, `${path}.inlineData`, 'data');
  const file = member(part, 'fileData');
  if (file !== undefined) checkMedia(file, `${path}.fileData`, 'fileUri');
  const call = member(part, 'functionCall');
  if (call !== undefined) checkFunction(call, `${path}.functionCall`, 'args');
  const result = member(part, 'functionResponse');
  if (result !== undefined) checkFunction(result, `${path}.functionResponse`, 'response');
}

function checkMedia(media: unknown, path: string, where: 'data' | 'fileUri'): void {
  if (!isJsonObject(media)) throw invalidField(path, 'an object', media);
  checkString(member(media, where), `${path}.${where}`);
  const mediaType = member(media, 'mimeType');
  if (where === 'data') checkString(mediaType, `${path}.mimeType`);
  else checkOptionalString(mediaType, `${path}.mimeType`);
}

function checkFunction(value: unknown, path: string, body: 'args' | 'response'): void {
  if (!isJsonObject(value)) throw invalidField(path, 'an object', value);
  checkString(value['name'], `${path}.name`);
  checkOptionalString(value['id'] ?? undefined, `${path}.id`);
  checkOptionalObject(value[body] ?? undefined, `${path}.${body}`);
  if (body === 'args') return;
  for (const [index, part] of listOf(value['parts']).entries()) checkPart(part, `${path}.parts[${index}]`);
}
