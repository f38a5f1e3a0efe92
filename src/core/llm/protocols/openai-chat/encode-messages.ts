import type {
  CanonicalRequest,
  JsonObject,
  MediaPart,
  Origin,
  Part,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../../canonical/request.ts';
import { encodeMedia } from './encode-media.ts';
import { openRouterEntries } from './reasoning.ts';

/** What a host wants back of an earlier answer besides words and calls. */
export interface Echo {
  /** Google's proofs of calls, in `extra_content`. */
  readonly signatures: boolean;
  /** The thoughts before calls, in `reasoning_content`. */
  readonly thoughts: boolean;
  /** Proven thoughts of this vendor's models, in `reasoning_details`. */
  readonly proofs: Origin | undefined;
}

const BLANK_LINE = '\n\n';

/**
 * System texts and turns → messages. Thoughts are left out, unless the host wants them back.
 * What else gets lost is added to `lost`.
 */
export function encodeMessages(request: CanonicalRequest, echo: Echo, lost: Set<string>): JsonObject[] {
  const messages: JsonObject[] = [];
  const system = request.system.filter(({ text }) => text !== '');
  if (system.length > 0) messages.push({ role: 'system', content: joinTexts(system) });
  for (const { role, parts } of request.turns) {
    if (role === 'user') pushUserSide(messages, parts, lost);
    else pushAnswer(messages, parts, echo, lost);
  }
  return messages;
}

/** One message for each tool result, then one for what the user said. */
function pushUserSide(messages: JsonObject[], parts: readonly Part[], lost: Set<string>): void {
  const said: (TextPart | MediaPart)[] = [];
  for (const part of parts) {
    if (part.type === 'tool_result') messages.push(encodeResult(part, said, lost));
  }
  for (const part of parts) {
    if (part.type === 'media') said.push(part);
    else if (part.type === 'text' && part.text !== '') said.push(part);
  }
  const [first] = said;
  if (first === undefined) return;
  const texts = said.filter((part) => part.type === 'text');
  const content = texts.length === said.length ? joinTexts(texts) : said.map(encodeSaid);
  messages.push({ role: 'user', content });
}

/** A tool message holds text only: media of a result go to the user's message behind it, under a line that says whose. */
function encodeResult(part: ToolResultPart, said: (TextPart | MediaPart)[], lost: Set<string>): JsonObject {
  const texts: TextPart[] = [];
  const media: MediaPart[] = [];
  for (const item of part.content) {
    if (item.type === 'media') media.push(item);
    else if (item.text !== '') texts.push(item);
  }
  if (media.length > 0) {
    said.push({ type: 'text', text: `Attached to the result of tool call ${part.callId}:` }, ...media);
  }
  if (part.isError) lost.add('tool_result.is_error');
  return { role: 'tool', tool_call_id: part.callId, content: joinTexts(texts) };
}

function encodeSaid(part: TextPart | MediaPart): JsonObject {
  return part.type === 'text' ? { type: 'text', text: part.text } : encodeMedia(part);
}

/** The texts of one answer are one text that its model split: they are joined as they are. */
function pushAnswer(messages: JsonObject[], parts: readonly Part[], echo: Echo, lost: Set<string>): void {
  let text = '';
  let thought = '';
  let refusal = '';
  const calls: JsonObject[] = [];
  const details: JsonObject[] = [];
  for (const part of parts) {
    if (part.type === 'text') text += part.text;
    else if (part.type === 'refusal') refusal += part.text;
    else if (part.type === 'tool_call') calls.push(encodeCall(part, echo.signatures));
    else if (part.type === 'reasoning') {
      if (echo.thoughts && isUnproven(part)) thought += part.text;
      if (echo.proofs !== undefined && echo.proofs === part.origin) details.push(...openRouterEntries(part));
    } else if (part.type === 'media') lost.add('media of the assistant');
  }
  if (text === '' && refusal === '' && calls.length === 0) return;
  messages.push({
    role: 'assistant',
    content: text === '' ? null : text,
    ...(refusal !== '' && { refusal }),
    ...(thought !== '' && calls.length > 0 && { reasoning_content: thought }),
    ...(details.length > 0 && { reasoning_details: details }),
    ...(calls.length > 0 && { tool_calls: calls }),
  });
}

/** A thought with a proof belongs to a model of the vendor that minted it. */
function isUnproven({ signature, redacted }: ReasoningPart): boolean {
  return signature === undefined && redacted === undefined;
}

function encodeCall(part: ToolCallPart, signatures: boolean): JsonObject {
  const { id, name, signature } = part;
  return {
    id,
    type: 'function',
    function: { name, arguments: part.arguments.trim() === '' ? '{}' : part.arguments },
    ...(signatures && signature !== undefined && { extra_content: { google: { thought_signature: signature } } }),
  };
}

function joinTexts(parts: readonly TextPart[]): string {
  return parts.map(({ text }) => text).join(BLANK_LINE);
}
