import { NexusError } from '../../../errors/nexus-error.ts';
import type { MediaPart, RefusalPart, TextPart } from '../../canonical/request.ts';
import type { ContentPart } from './wire.ts';

export function untranslatable(path: string, what: string): NexusError {
  const message = `${path}: the protocol of this model's provider cannot take ${what}`;
  return new NexusError('invalid_request', message, { param: path });
}

/** What a message of the user, or the result of a tool, is made of. Empty texts are left out. */
export function decodeContent(content: string | readonly ContentPart[], path: string): (TextPart | MediaPart)[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  const parts: (TextPart | MediaPart)[] = [];
  for (const [index, part] of content.entries()) {
    const partPath = `${path}[${index}]`;
    if (part.type === 'input_image') parts.push({ ...decodeImage(part, partPath), ...cacheMark(part) });
    else if (part.type === 'input_file') parts.push({ ...decodeFile(part, partPath), ...cacheMark(part) });
    else {
      const text = textOf(part, partPath);
      if (text !== '') parts.push({ type: 'text', text, ...cacheMark(part) });
    }
  }
  return parts;
}

/** The content of the sides that have only words: instructions, and what the model said. */
export function decodeWords(
  content: string | readonly ContentPart[] | null | undefined,
  path: string,
): (TextPart | RefusalPart)[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  const parts: (TextPart | RefusalPart)[] = [];
  for (const [index, part] of (content ?? []).entries()) {
    if (part.type === 'refusal') {
      if (part.refusal) parts.push({ type: 'refusal', text: part.refusal });
      continue;
    }
    const text = textOf(part, `${path}[${index}]`);
    if (text !== '') parts.push({ type: 'text', text, ...cacheMark(part) });
  }
  return parts;
}

function textOf(part: ContentPart, path: string): string {
  if (part.type === 'input_text' || part.type === 'output_text' || part.type === 'text') return part.text ?? '';
  throw untranslatable(`${path}.type`, 'this kind of content');
}

function cacheMark(part: ContentPart): { cache?: Record<string, never> } {
  const mark = part['prompt_cache_breakpoint'];
  return mark === undefined || mark === null ? {} : { cache: {} };
}

function decodeImage(part: ContentPart, path: string): MediaPart {
  const detail = part.detail ? { detail: part.detail } : {};
  if (part.file_id) return { type: 'media', kind: 'image', fileId: part.file_id, ...detail };
  const urlPath = `${path}.image_url`;
  if (!part.image_url) throw invalidMedia(urlPath, 'an http, https or data URL, or file_id must be given');
  const { image_url: url } = part;
  if (isWebAddress(url)) return { type: 'media', kind: 'image', url, ...detail };
  const { data, mediaType } = readDataUrl(url, urlPath);
  return { type: 'media', kind: 'image', mediaType, data, ...detail };
}

function decodeFile(part: ContentPart, path: string): MediaPart {
  const name = part.filename ? { name: part.filename } : {};
  if (part.file_id) return { type: 'media', kind: 'document', fileId: part.file_id, ...name };
  if (part.file_url) {
    if (!isWebAddress(part.file_url)) throw invalidMedia(`${path}.file_url`, 'an http or https URL');
    return { type: 'media', kind: 'document', url: part.file_url, ...name };
  }
  const filePath = `${path}.file_data`;
  if (!part.file_data) throw invalidMedia(filePath, 'a data URL, or file_url or file_id must be given');
  const { data, mediaType } = /^data:/i.test(part.file_data)
    ? readDataUrl(part.file_data, filePath)
    : { data: part.file_data, mediaType: typeOfBareFile(part, filePath) };
  return { type: 'media', kind: kindOf(mediaType), mediaType, data, ...name };
}

function kindOf(mediaType: string): MediaPart['kind'] {
  const [group] = mediaType.split('/');
  return group === 'image' || group === 'audio' || group === 'video' ? group : 'document';
}

/** Base64 of the mark that every PDF begins with. */
const PDF_MARK = 'JVBERi0';

/** Base64 without a data URL does not say what it is; PDF is what the vendor itself takes in this form. */
function typeOfBareFile(part: ContentPart, path: string): string {
  if (part.file_data?.startsWith(PDF_MARK) || /\.pdf$/i.test(part.filename ?? '')) return 'application/pdf';
  throw invalidMedia(path, 'a data URL that names a media type, unless it is a PDF');
}

function isWebAddress(url: string): boolean {
  return /^https?:\/\//i.test(url);
}

function readDataUrl(url: string, path: string): { data: string; mediaType: string } {
  const comma = /^data:/i.test(url) ? url.indexOf(',') : -1;
  const [mediaType = '', ...parameters] = url.slice('data:'.length, Math.max(comma, 0)).toLowerCase().split(';');
  if (comma < 0 || !mediaType.includes('/') || parameters.at(-1)?.trim() !== 'base64') {
    throw invalidMedia(path, 'an http, https or data URL; a data URL names a media type and holds base64');
  }
  return { data: url.slice(comma + 1), mediaType: mediaType.trim() };
}

function invalidMedia(path: string, expected: string): NexusError {
  return new NexusError('invalid_request', `${path} must be ${expected}`, { param: path });
}
