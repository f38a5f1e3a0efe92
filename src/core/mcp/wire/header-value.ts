import { Buffer } from 'node:buffer';

const PREFIX = '=?base64?';
const SUFFIX = '?=';
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const PLAIN = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/;

/** Text as the value of an `Mcp-Name` or `Mcp-Param-*` header; what plain ASCII cannot carry goes as `=?base64?…?=`. */
export function encodeHeaderValue(text: string): string {
  if (PLAIN.test(text) && !(text.startsWith(PREFIX) && text.endsWith(SUFFIX))) return text;
  return `${PREFIX}${Buffer.from(text, 'utf8').toString('base64')}${SUFFIX}`;
}

/**
 * The text an `Mcp-Name` or `Mcp-Param-*` header stands for: as it is, or out of the base64 form that carries what plain
 * ASCII cannot. Undefined when that form holds no UTF-8 text.
 */
export function decodeHeaderValue(value: string): string | undefined {
  const text = value.trim();
  if (!text.startsWith(PREFIX) || !text.endsWith(SUFFIX)) return text;
  const encoded = text.slice(PREFIX.length, -SUFFIX.length);
  if (!BASE64.test(encoded)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(encoded, 'base64'));
  } catch {
    return undefined;
  }
}
