import type {
  CacheMark,
  JsonObject,
  MediaPart,
  Part,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../../canonical/request.ts';
import { isJsonObject } from '../json-object.ts';
import { encodeCitation } from './citation.ts';
import { type DocumentNames, encodeMedia } from './media.ts';
import { type ModelFamily, takesCacheMarks } from './model-family.ts';
import { encodeThought } from './reasoning.ts';
import type { ToolIds } from './tool-id.ts';
import type { CachePoint, CitationsBlock, ContentBlock, ToolResultBlock, ToolUseBlock } from './wire.ts';

/** What is known of a whole request while its parts are written. */
export interface Writing {
  readonly family: ModelFamily;
  readonly documents: DocumentNames;
  readonly ids: ToolIds;
}

/** Parts of a turn → blocks in their order. Blank texts go, because the format refuses them, and thoughts of other models. */
export function encodeContent(parts: readonly Part[], writing: Writing): ContentBlock[] {
  const blocks: ContentBlock[] = [];
  for (const part of parts) {
    switch (part.type) {
      case 'text': {
        const block = encodeText(part, writing.family);
        if (block !== undefined) blocks.push(block);
        break;
      }
      case 'media':
        blocks.push(encodeMedia(part, writing.documents));
        break;
      case 'refusal':
        if (part.text.trim() !== '') blocks.push({ text: part.text });
        break;
      case 'reasoning': {
        const thought = encodeThought(part, writing.family);
        if (thought !== undefined) blocks.push(thought);
        break;
      }
      case 'tool_call':
        blocks.push(encodeCall(part, writing.ids));
        break;
      case 'tool_result':
        blocks.push(encodeResult(part, writing));
        break;
    }
    const mark = markOf(part);
    if (mark !== undefined && takesCacheMarks(writing.family, 'prompt')) pushMark(blocks, mark);
  }
  return blocks;
}

export function encodeMark({ ttl }: CacheMark): CachePoint {
  return { cachePoint: { type: 'default', ...(ttl !== undefined && { ttl }) } };
}

/** A mark covers what stands before it: at the beginning, or behind another, it would say nothing. */
export function pushMark(blocks: (object | CachePoint)[], mark: CacheMark): void {
  const last = blocks.at(-1);
  if (last !== undefined && !('cachePoint' in last)) blocks.push(encodeMark(mark));
}

/** Inside a result there is no place for a mark: one there counts for the whole of it. */
function markOf(part: Part): CacheMark | undefined {
  if (part.type === 'reasoning' || part.type === 'refusal') return undefined;
  if (part.type === 'tool_result') return part.cache ?? part.content.find(({ cache }) => cache !== undefined)?.cache;
  return part.cache;
}

function encodeText(part: TextPart, family: ModelFamily): { text: string } | CitationsBlock | undefined {
  const { text } = part;
  if (text.trim() === '') return undefined;
  const citations = family === 'anthropic' ? encodeCitations(part.citations ?? []) : [];
  return citations.length === 0 ? { text } : { citationsContent: { content: [{ text }], citations } };
}

function encodeCitations(citations: readonly JsonObject[]): JsonObject[] {
  return citations.map(encodeCitation).filter((citation) => citation !== undefined);
}

function encodeCall({ id, name, arguments: json }: ToolCallPart, ids: ToolIds): ToolUseBlock {
  return { toolUse: { toolUseId: ids.of(id), name, input: toolInput(json) } };
}

/** The format wants an object: whatever else the arguments are is wrapped in one. */
function toolInput(json: string): JsonObject {
  if (json.trim() === '') return {};
  let value: unknown = json;
  try {
    value = JSON.parse(json);
  } catch {
    // What is not JSON goes as the text it is.
  }
  if (value === null) return {};
  return isJsonObject(value) ? value : { value };
}

function encodeResult({ callId, content, isError }: ToolResultPart, writing: Writing): ToolResultBlock {
  return {
    toolResult: {
      toolUseId: writing.ids.of(callId),
      content: content.flatMap((item) => encodeResultItem(item, writing)),
      ...(isError && { status: 'error' as const }),
    },
  };
}

function encodeResultItem(
  item: TextPart | MediaPart,
  { documents }: Writing,
): ToolResultBlock['toolResult']['content'] {
  if (item.type === 'media') return [encodeMedia(item, documents)];
  return item.text.trim() === '' ? [] : [{ text: item.text }];
}
