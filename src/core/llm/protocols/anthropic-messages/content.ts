import { NexusError } from '../../../errors/nexus-error.ts';
import type { ImagePart, JsonObject, Part, TextPart, ToolCallPart, ToolResultPart } from '../../canonical/request.ts';
import { isJsonObject } from '../json-object.ts';
import type { ContentBlock, ImageBlock, TextBlock, ToolResultBlock } from './wire.ts';

const IMAGE_TYPES = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);

/** Parts of a turn → content blocks; a lone text becomes a plain string. Blank texts go: the format refuses them. */
export function encodeContent(parts: readonly Part[]): string | ContentBlock[] {
  const blocks: ContentBlock[] = [];
  for (const part of parts) {
    switch (part.type) {
      case 'text':
      case 'image':
        pushMedia(blocks, part);
        break;
      case 'tool_call':
        blocks.push({ type: 'tool_use', id: toolUseId(part.id), name: part.name, input: parseArguments(part) });
        break;
      case 'tool_result':
        blocks.push(encodeResult(part));
    }
  }
  return collapse(blocks);
}

function encodeResult(part: ToolResultPart): ToolResultBlock {
  const blocks: (TextBlock | ImageBlock)[] = [];
  for (const item of part.content) pushMedia(blocks, item);
  const content = collapse(blocks);
  return {
    type: 'tool_result',
    tool_use_id: toolUseId(part.callId),
    ...(content.length > 0 && { content }),
    ...(part.isError && { is_error: true }),
  };
}

function pushMedia(blocks: (TextBlock | ImageBlock | ContentBlock)[], part: TextPart | ImagePart): void {
  if (part.type === 'image') blocks.push(encodeImage(part));
  else if (part.text.trim() !== '') blocks.push({ type: 'text', text: part.text });
}

function collapse<Block extends ContentBlock>(blocks: Block[]): string | Block[] {
  const [first] = blocks;
  return blocks.length === 1 && first?.type === 'text' ? first.text : blocks;
}

function encodeImage(part: ImagePart): ImageBlock {
  if (part.url !== undefined) return { type: 'image', source: { type: 'url', url: part.url } };
  const mediaType = part.mediaType === 'image/jpg' ? 'image/jpeg' : part.mediaType;
  if (mediaType === undefined || part.data === undefined || !IMAGE_TYPES.has(mediaType)) {
    throw new NexusError('invalid_request', "This model's provider takes JPEG, PNG, GIF and WebP images only", {
      param: 'messages',
    });
  }
  return { type: 'image', source: { type: 'base64', media_type: mediaType, data: part.data } };
}

/** Ids that other vendors gave out may hold characters this format refuses; a call and its result change alike. */
function toolUseId(id: string): string {
  return id.replace(/[^A-Za-z0-9_-]/g, '_');
}

function parseArguments(call: ToolCallPart): JsonObject {
  if (call.arguments.trim() === '') return {};
  let input: unknown;
  try {
    input = JSON.parse(call.arguments);
  } catch {
    throw invalidArguments(call, 'valid JSON');
  }
  if (!isJsonObject(input)) throw invalidArguments(call, 'a JSON object');
  return input;
}

function invalidArguments(call: ToolCallPart, expected: string): NexusError {
  const id = call.id.slice(0, 64);
  const param = `tool_calls[${id}].function.arguments`;
  const message = `The arguments of tool call ${id} must be ${expected}: this model's provider takes no other`;
  return new NexusError('invalid_request', message, { param });
}
