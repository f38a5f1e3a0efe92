import { isJsonObject } from '../json-object.ts';

/** What `content` of an answer says: mostly a string, at Mistral a list of parts with the thoughts among them. */
export interface ReadContent {
  readonly text: string;
  readonly reasoning: string;
}

const NOTHING: ReadContent = { text: '', reasoning: '' };

export function readContent(content: unknown): ReadContent {
  if (typeof content === 'string') return content === '' ? NOTHING : { text: content, reasoning: '' };
  if (!Array.isArray(content)) return NOTHING;
  let text = '';
  let reasoning = '';
  for (const part of content) {
    if (!isJsonObject(part)) continue;
    if (part['type'] === 'text' && typeof part['text'] === 'string') text += part['text'];
    if (part['type'] === 'thinking') reasoning += thoughtOf(part['thinking']);
  }
  return { text, reasoning };
}

/** A thought is a string or, again, a list of text parts. */
function thoughtOf(thinking: unknown): string {
  if (typeof thinking === 'string') return thinking;
  if (!Array.isArray(thinking)) return '';
  let text = '';
  for (const part of thinking) if (isJsonObject(part) && typeof part['text'] === 'string') text += part['text'];
  return text;
}
