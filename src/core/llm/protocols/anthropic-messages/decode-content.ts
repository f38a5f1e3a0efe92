import { NexusError } from '../../../errors/nexus-error.ts';
import type { JsonObject, MediaPart, Part, TextPart, ToolResultPart } from '../../canonical/request.ts';
import { isAbsent } from '../field-check.ts';
import { decodeCacheMark } from './cache-mark.ts';
import { readCitations } from './citation.ts';
import { openProof, provenCall } from './proof.ts';
import type { ClientBlock } from './wire.ts';

/** Members of each kind of block that have a canonical form, or (`caller`) say nothing that other vendors could know. */
const MAPPED_MEMBERS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['text', new Set(['text', 'citations'])],
  ['image', new Set(['source'])],
  ['document', new Set(['source', 'title'])],
  ['search_result', new Set(['content', 'title'])],
  ['thinking', new Set(['thinking', 'signature'])],
  ['redacted_thinking', new Set(['data'])],
  ['tool_use', new Set(['id', 'name', 'input', 'caller'])],
  ['tool_result', new Set(['tool_use_id', 'content', 'is_error'])],
]);

const TEXTS = new Set(['text']);
const RESULT_KINDS = new Set(['text', 'image', 'document', 'search_result', 'tool_reference']);

type Content = string | readonly ClientBlock[] | null | undefined;

/** Content of a message → parts in their order. Empty texts leave no trace; members that get lost are named. */
export function decodeContent(content: Content, path: string, unsupported: Set<string>): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  const parts: Part[] = [];
  let callProofs: Map<string, string> | undefined;
  for (const [index, block] of (content ?? []).entries()) {
    const part = decodeBlock(block, `${path}[${index}]`, unsupported);
    if (part === undefined) continue;
    if (part.type === 'reasoning' && part.redacted !== undefined) {
      const callId = provenCall({ ...part, value: part.redacted });
      if (callId !== undefined) {
        callProofs ??= new Map();
        callProofs.set(callId, part.redacted);
        continue;
      }
    }
    if (part.type === 'tool_call') {
      const signature = callProofs?.get(part.id);
      parts.push(signature === undefined ? part : { ...part, signature });
    } else parts.push(part);
  }
  return parts;
}

/** Content that may hold words only: the system prompt. */
export function decodeTexts(content: Content, path: string, unsupported: Set<string>): TextPart[] {
  checkKinds(content, path, TEXTS, 'anything but text here');
  return decodeContent(content, path, unsupported).filter((part) => part.type === 'text');
}

function decodeResultContent(content: Content, path: string, unsupported: Set<string>): ToolResultPart['content'] {
  checkKinds(content, path, RESULT_KINDS, 'this kind of content in a tool result');
  if (typeof content !== 'string' && content?.some(isToolReference)) {
    unsupported.add('tool_result.tool_reference');
    return decodeResultContent(
      content.filter((block) => !isToolReference(block)),
      path,
      unsupported,
    );
  }
  return decodeContent(content, path, unsupported).filter((part) => part.type === 'text' || part.type === 'media');
}

/** Names a tool whose definition is to be loaded now. Elsewhere all tools are there from the beginning. */
function isToolReference(block: ClientBlock): boolean {
  return block.type === 'tool_reference';
}

function checkKinds(content: Content, path: string, kinds: ReadonlySet<string>, what: string): void {
  if (typeof content === 'string' || isAbsent(content)) return;
  const index = content.findIndex((block) => !kinds.has(block.type));
  if (index >= 0) throw untranslatable(`${path}[${index}].type`, what);
}

function decodeBlock(block: ClientBlock, path: string, unsupported: Set<string>): Part | undefined {
  nameLostMembers(block, unsupported);
  const cache = decodeCacheMark(block.cache_control);
  switch (block.type) {
    case 'text': {
      const citations = readCitations(block['citations']);
      const text = String(block['text']);
      return text === '' ? undefined : { type: 'text', text, ...(citations.length > 0 && { citations }), ...cache };
    }
    case 'image':
    case 'document': {
      const name = typeof block['title'] === 'string' ? { name: block['title'] } : {};
      const source = decodeSource(block['source'] as JsonObject, block.type, `${path}.source`, unsupported);
      return { type: 'media', kind: block.type, ...source, ...name, ...cache };
    }
    case 'search_result': {
      const text = joinTexts(block['content'] as Content, `${path}.content`, unsupported);
      return { type: 'media', kind: 'document', mediaType: 'text/plain', text, name: String(block['title']), ...cache };
    }
    case 'thinking': {
      const proof = openProof(typeof block['signature'] === 'string' ? block['signature'] : undefined);
      return {
        type: 'reasoning',
        text: String(block['thinking']),
        ...(proof && { signature: proof.value }),
        ...proofOwner(proof),
      };
    }
    case 'redacted_thinking': {
      const proof = openProof(String(block['data']));
      return proof && { type: 'reasoning', text: '', redacted: proof.value, ...proofOwner(proof) };
    }
    case 'tool_use': {
      const args = inputText(block['input'], `${path}.input`);
      return { type: 'tool_call', id: String(block['id']), name: String(block['name']), arguments: args, ...cache };
    }
    case 'tool_result':
      return {
        type: 'tool_result',
        callId: String(block['tool_use_id']),
        content: decodeResultContent(block['content'] as Content, `${path}.content`, unsupported),
        isError: block['is_error'] === true,
        ...cache,
      };
    default:
      throw untranslatable(`${path}.type`, 'this kind of content');
  }
}

function proofOwner(proof: ReturnType<typeof openProof>): Pick<NonNullable<typeof proof>, 'origin' | 'id'> {
  return { ...(proof?.origin && { origin: proof.origin }), ...(proof?.id !== undefined && { id: proof.id }) };
}

/** The format publishes PDF as the only document behind a URL. */
function decodeSource(
  source: JsonObject,
  kind: 'image' | 'document',
  path: string,
  unsupported: Set<string>,
): Pick<MediaPart, 'mediaType' | 'data' | 'url' | 'fileId' | 'text'> {
  switch (source['type']) {
    case 'base64':
      return { mediaType: String(source['media_type']), data: String(source['data']) };
    case 'url':
      return { ...(kind === 'document' && { mediaType: 'application/pdf' }), url: String(source['url']) };
    case 'file':
      return { fileId: String(source['file_id']) };
    case 'text':
      return { mediaType: 'text/plain', text: String(source['data']) };
    case 'content':
      return { mediaType: 'text/plain', text: joinTexts(source['content'] as Content, `${path}.content`, unsupported) };
    default:
      throw untranslatable(`${path}.type`, 'this kind of source');
  }
}

function joinTexts(content: Content, path: string, unsupported: Set<string>): string {
  return decodeTexts(content, path, unsupported)
    .map((part) => part.text)
    .join('\n\n');
}

/** Writing JSON recurses where reading it does not: input nested thousands of levels deep ends here. */
function inputText(input: unknown, path: string): string {
  try {
    return JSON.stringify(input);
  } catch (cause) {
    throw new NexusError('invalid_request', `${path} is nested too deeply`, { param: path, cause });
  }
}

function nameLostMembers(block: ClientBlock, unsupported: Set<string>): void {
  const known = MAPPED_MEMBERS.get(block.type);
  for (const member in block) {
    if (member === 'type' || member === 'cache_control' || isAbsent(block[member])) continue;
    if (!known?.has(member)) unsupported.add(`${block.type}.${member}`);
  }
}

export function untranslatable(path: string, what: string): NexusError {
  const message = `${path}: the protocol of this model's provider cannot take ${what}`;
  return new NexusError('invalid_request', message, { param: path });
}
