import { NexusError } from '../../../errors/nexus-error.ts';
import type {
  JsonObject,
  MediaPart,
  Part,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../../canonical/request.ts';
import { isJsonObject } from '../json-object.ts';
import { encodeCacheMark } from './cache-mark.ts';
import { encodeCitations } from './citation.ts';
import { encodeMedia } from './media.ts';
import type {
  ContentBlock,
  RedactedThinkingBlock,
  ResultBlock,
  TextBlock,
  ThinkingBlock,
  ToolResultBlock,
} from './wire.ts';

/**
 * Parts of a turn → content blocks in their order; a lone plain text becomes a string. Blank texts go, because the
 * format refuses them, and so do thoughts of other vendors' models.
 */
export function encodeContent(parts: readonly Part[]): string | ContentBlock[] {
  const blocks: ContentBlock[] = [];
  for (const part of parts) {
    switch (part.type) {
      case 'text':
      case 'media':
        pushContent(blocks, part);
        break;
      case 'refusal':
        pushContent(blocks, { type: 'text', text: part.text });
        break;
      case 'reasoning': {
        const thought = encodeThought(part);
        if (thought !== undefined) blocks.push(thought);
        break;
      }
      case 'tool_call': {
        const { id, name, cache } = part;
        const input = parseArguments(part);
        blocks.push({ type: 'tool_use', id: toolUseId(id), name, input, ...encodeCacheMark(cache) });
        break;
      }
      case 'tool_result':
        blocks.push(encodeResult(part));
    }
  }
  return collapse(blocks);
}

/** Text → its block; `undefined` for a blank one. */
export function encodeText(part: TextPart): TextBlock | undefined {
  if (part.text.trim() === '') return undefined;
  if (part.citations === undefined && part.cache === undefined) return { type: 'text', text: part.text };
  const citations = encodeCitations(part.citations ?? []);
  return {
    type: 'text',
    text: part.text,
    ...(citations.length > 0 && { citations }),
    ...encodeCacheMark(part.cache),
  };
}

/** Only what Anthropic's models thought and signed may go back to them. */
export function encodeThought(part: ReasoningPart): ThinkingBlock | RedactedThinkingBlock | undefined {
  if (part.origin !== 'anthropic') return undefined;
  if (part.redacted !== undefined) return { type: 'redacted_thinking', data: part.redacted };
  if (part.signature === undefined) return undefined;
  return { type: 'thinking', thinking: part.text, signature: part.signature };
}

function encodeResult(part: ToolResultPart): ToolResultBlock {
  const blocks: ResultBlock[] = [];
  for (const item of part.content) pushContent(blocks, item);
  const content = collapse(blocks);
  return {
    type: 'tool_result',
    tool_use_id: toolUseId(part.callId),
    ...(content.length > 0 && { content }),
    ...(part.isError && { is_error: true }),
    ...encodeCacheMark(part.cache),
  };
}

function pushContent(blocks: (ResultBlock | ContentBlock)[], part: TextPart | MediaPart): void {
  const block = part.type === 'media' ? encodeMedia(part) : encodeText(part);
  if (block !== undefined) blocks.push(block);
}

function collapse<Block extends ContentBlock>(blocks: Block[]): string | Block[] {
  const [first] = blocks;
  const isPlain = first?.type === 'text' && first.citations === undefined && first.cache_control === undefined;
  return blocks.length === 1 && isPlain ? first.text : blocks;
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
