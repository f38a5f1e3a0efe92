import type { JsonObject } from '../../canonical/request.ts';
import { isJsonObject } from '../../protocols/json-object.ts';

/**
 * What the user said last, of a request in any client dialect: the texts of the last message of the user's that has any.
 * Results of tools, images and files say nothing. Empty: there is no such text. At most `longest` characters of its
 * beginning and end are looked at.
 */
export function lastUserText({ messages, input, contents }: JsonObject, longest: number): string {
  if (typeof input === 'string') return bounded(input, longest);
  for (const list of [messages, input, contents]) {
    if (!Array.isArray(list)) continue;
    for (let index = list.length - 1; index >= 0; index--) {
      const text = userText(list[index], list === contents);
      if (text !== '') return bounded(text, longest);
    }
  }
  return '';
}

/** Google's contents may leave the role out. */
function userText(item: unknown, mayBeUnnamed: boolean): string {
  if (typeof item === 'string') return item;
  if (!isJsonObject(item)) return '';
  const { role, content, parts } = item;
  if (role !== 'user' && !(mayBeUnnamed && role === undefined)) return '';
  const said = content ?? parts;
  if (typeof said === 'string') return said;
  if (!Array.isArray(said)) return '';
  return said.map(partText).join('\n').trim();
}

function partText(part: unknown): string {
  if (typeof part === 'string') return part;
  if (!isJsonObject(part)) return '';
  const { type, text } = part;
  const isText = type === undefined || type === 'text' || type === 'input_text';
  return isText && typeof text === 'string' ? text : '';
}

/** The instruction stands before what it is about, or behind it. */
function bounded(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const end = Math.floor(longest / 4);
  return `${text.slice(0, longest - end - 1)}\n${text.slice(-end)}`;
}
