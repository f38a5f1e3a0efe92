import type { JsonObject, MediaPart } from '../../canonical/request.ts';
import { isJsonObject } from '../json-object.ts';
import { member } from './member.ts';
import { untranslatable } from './untranslatable.ts';
import type { Part } from './wire.ts';

const TYPES_BY_EXTENSION: ReadonlyMap<string, string> = new Map([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['webp', 'image/webp'],
  ['gif', 'image/gif'],
  ['heic', 'image/heic'],
  ['pdf', 'application/pdf'],
  ['txt', 'text/plain'],
  ['wav', 'audio/wav'],
  ['mp3', 'audio/mpeg'],
  ['mp4', 'video/mp4'],
  ['webm', 'video/webm'],
]);

/** Whether a part of an answer holds bytes and says what they are. */
export function isInlineData(value: unknown): value is JsonObject {
  return isJsonObject(value) && isNonEmpty(value['data']) && isNonEmpty(member(value, 'mimeType'));
}

function isNonEmpty(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

/** `inlineData` → media. Some clients write base64 in its alphabet for URLs, which other vendors refuse. */
export function decodeInlineData(blob: JsonObject): MediaPart {
  const mediaType = String(member(blob, 'mimeType'));
  const data = String(blob['data']);
  const standard = /[-_]/.test(data) ? data.replaceAll('-', '+').replaceAll('_', '/') : data;
  return { type: 'media', kind: mediaKind(mediaType), mediaType, data: standard };
}

/** `fileData` → media. Files that only Google can open keep their address as the file's id. */
export function decodeFileData(file: JsonObject): MediaPart {
  const uri = String(member(file, 'fileUri'));
  const mediaType = member(file, 'mimeType');
  const atGoogle = !/^https?:/.test(uri) || uri.startsWith('https://generativelanguage.googleapis.com/');
  return {
    type: 'media',
    kind: mediaKind(typeof mediaType === 'string' ? mediaType : (typeByExtension(uri) ?? '')),
    ...(typeof mediaType === 'string' && { mediaType }),
    ...(atGoogle ? { fileId: uri } : { url: uri }),
  };
}

/** Throws `invalid_request` for a file at another vendor. */
export function encodeMedia(media: MediaPart): Part {
  if (media.text !== undefined) return { text: media.text };
  if (media.data !== undefined) {
    return { inlineData: { mimeType: media.mediaType ?? 'application/octet-stream', data: media.data } };
  }
  const uri = media.url ?? media.fileId ?? '';
  if (media.url === undefined && !/^(?:[a-z]+:\/\/|files\/)/.test(uri)) {
    throw untranslatable('messages', 'a file that is stored at another provider');
  }
  const mimeType = media.mediaType ?? typeByExtension(uri);
  return { fileData: { ...(mimeType !== undefined && { mimeType }), fileUri: uri } };
}

function mediaKind(mediaType: string): MediaPart['kind'] {
  const family = mediaType.slice(0, mediaType.indexOf('/'));
  return family === 'image' || family === 'audio' || family === 'video' ? family : 'document';
}

function typeByExtension(uri: string): string | undefined {
  const extension = /\.([A-Za-z0-9]{1,5})(?:[?#].*)?$/.exec(uri)?.[1];
  return extension === undefined ? undefined : TYPES_BY_EXTENSION.get(extension.toLowerCase());
}
