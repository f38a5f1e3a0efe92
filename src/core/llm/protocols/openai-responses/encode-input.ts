import { NexusError } from '../../../errors/nexus-error.ts';
import type {
  CanonicalRequest,
  JsonObject,
  MediaPart,
  Part,
  ReasoningPart,
  TextPart,
  ToolResultPart,
} from '../../canonical/request.ts';

/**
 * The conversation as flat items. Thoughts go back to their own vendor only, with their proof; all others are left out.
 * Throws `invalid_request` for what has no form here: audio, video, nothing at all.
 */
export function encodeInput(
  request: CanonicalRequest,
  dropped: Set<string>,
): { instructions?: string; input: JsonObject[] } {
  const system = request.system.map(({ text }) => text).join('\n\n');
  const input: JsonObject[] = [];
  for (const turn of request.turns) {
    if (turn.role === 'assistant') encodeAssistant(turn.parts, input, dropped);
    else encodeUser(turn.parts, input, dropped);
  }
  if (input.length > 0) return { ...(system.trim() !== '' && { instructions: system }), input };
  // The format wants somebody to have spoken; a caller may give instructions only.
  if (system.trim() !== '') return { input: [{ role: 'user', content: system }] };
  throw new NexusError(
    'invalid_request',
    "The request holds no content, and this model's provider does not answer to nothing",
  );
}

/** Whether the thought can be read by the models of this format's vendor. */
export function isOwnThought(part: Part): part is ReasoningPart & { redacted: string } {
  return (
    part.type === 'reasoning' && part.origin === 'openai' && part.redacted !== undefined && part.signature === undefined
  );
}

function encodeAssistant(parts: readonly Part[], input: JsonObject[], dropped: Set<string>): void {
  let words = '';
  const close = () => {
    if (words !== '') input.push({ role: 'assistant', content: words });
    words = '';
  };
  for (const part of parts) {
    if (part.type === 'text' || part.type === 'refusal') words += part.text;
    else if (part.type === 'media') dropped.add('media of the assistant');
    else if (part.type === 'tool_call') {
      close();
      input.push({ type: 'function_call', call_id: part.id, name: part.name, arguments: part.arguments || '{}' });
    } else if (isOwnThought(part)) {
      close();
      input.push({
        type: 'reasoning',
        ...(part.id !== undefined && { id: part.id }),
        summary: part.text === '' ? [] : [{ type: 'summary_text', text: part.text }],
        encrypted_content: part.redacted,
      });
    }
  }
  close();
}

function encodeUser(parts: readonly Part[], input: JsonObject[], dropped: Set<string>): void {
  const content: JsonObject[] = [];
  for (const part of parts) {
    if (part.type === 'tool_result') input.push(encodeResult(part, dropped));
    else if (part.type === 'text' || part.type === 'media') content.push(encodeContent(part));
  }
  if (content.length > 0) input.push({ role: 'user', content });
}

function encodeResult(part: ToolResultPart, dropped: Set<string>): JsonObject {
  if (part.isError) dropped.add('tool_result.is_error');
  const [first, second] = part.content;
  const plain = second === undefined && (first === undefined || first.type === 'text');
  const output = plain ? (first?.text ?? '') : part.content.map(encodeContent);
  return { type: 'function_call_output', call_id: part.callId, output };
}

function encodeContent(part: TextPart | MediaPart): JsonObject {
  if (part.type === 'text') return { type: 'input_text', text: part.text };
  // A document that is plain text is what it says.
  if (part.text !== undefined) return { type: 'input_text', text: part.text };
  const inline = part.data === undefined ? undefined : `data:${part.mediaType ?? ''};base64,${part.data}`;
  switch (part.kind) {
    case 'image': {
      const image = part.fileId === undefined ? { image_url: inline ?? part.url } : { file_id: part.fileId };
      return { type: 'input_image', detail: part.detail ?? 'auto', ...image };
    }
    case 'document':
      if (part.fileId !== undefined) return { type: 'input_file', file_id: part.fileId };
      // A name belongs to bytes only: beside an address the vendor refuses it.
      if (inline === undefined) return { type: 'input_file', file_url: part.url };
      return { type: 'input_file', filename: part.name ?? 'document', file_data: inline };
    case 'audio':
    case 'video':
      throw new NexusError('invalid_request', `This model's provider cannot take ${part.kind}`);
  }
}
