import { NexusError } from '../../../errors/nexus-error.ts';
import type { MediaPart } from '../../canonical/request.ts';
import type { ChatContentPart, ChatFile, ChatImageUrl, ChatInputAudio } from './wire.ts';

/**
 * A content part that is not text → its canonical form; `undefined` for kinds this format does not know. Throws
 * `invalid_request` for addresses and bytes that cannot be read.
 */
export function decodeMedia(part: ChatContentPart, path: string): MediaPart | undefined {
  if (part.type === 'image_url' && part.image_url !== undefined)
    return decodeImage(part.image_url, `${path}.image_url`);
  if (part.type === 'file' && part.file !== undefined) return decodeFile(part.file, `${path}.file`);
  if (part.type === 'input_audio' && part.input_audio !== undefined) {
    return decodeAudio(part.input_audio, `${path}.input_audio`);
  }
  return undefined;
}

/** `image_url` → bytes for a base64 data URL, an address for http and https. `auto` is what happens anyway. */
function decodeImage(image: string | ChatImageUrl, path: string): MediaPart {
  if (typeof image === 'string') return { type: 'media', kind: 'image', ...decodeAddress(image, path) };
  const { detail } = image;
  const address = decodeAddress(image.url, `${path}.url`);
  return {
    type: 'media',
    kind: 'image',
    ...address,
    ...(typeof detail === 'string' && detail !== 'auto' && { detail }),
  };
}

/** A file is given by its bytes or by its id at the vendor. */
function decodeFile({ file_data: data, file_id: fileId, filename }: ChatFile, path: string): MediaPart {
  const name = filename ? { name: filename } : {};
  if (data) return { type: 'media', kind: 'document', ...decodeAddress(data, `${path}.file_data`), ...name };
  if (fileId) return { type: 'media', kind: 'document', fileId, ...name };
  throw invalidMedia(path, 'an object with file_data or file_id');
}

function decodeAudio({ data, format }: ChatInputAudio, path: string): MediaPart {
  if (format !== 'wav' && format !== 'mp3') throw invalidMedia(`${path}.format`, 'wav or mp3');
  if (!data) throw invalidMedia(`${path}.data`, 'base64 of some sound');
  return { type: 'media', kind: 'audio', mediaType: `audio/${format}`, data };
}

/** An address of ours or of the caller's: a data URL becomes the bytes it holds. */
export function decodeAddress(url: string, path: string): Pick<MediaPart, 'mediaType' | 'data' | 'url'> {
  const address = readAddress(url);
  if (address !== undefined) return address;
  throw /^data:/i.test(url)
    ? invalidMedia(path, 'a data URL that names a media type and holds base64')
    : invalidMedia(path, 'an http, https or data URL');
}

/** `undefined` when it is neither an http address nor a data URL with a media type and base64. */
export function readAddress(url: string): Pick<MediaPart, 'mediaType' | 'data' | 'url'> | undefined {
  if (/^https?:\/\//i.test(url)) return { url };
  if (!/^data:/i.test(url)) return undefined;
  const comma = url.indexOf(',');
  const [mediaType = '', ...parameters] = url.slice('data:'.length, Math.max(comma, 0)).toLowerCase().split(';');
  if (comma < 0 || !mediaType.includes('/') || parameters.at(-1)?.trim() !== 'base64') return undefined;
  return { mediaType: mediaType.trim(), data: url.slice(comma + 1) };
}

/** Bytes as a data URL. */
export function dataUrl(mediaType: string, data: string): string {
  return `data:${mediaType};base64,${data}`;
}

function invalidMedia(path: string, expected: string): NexusError {
  return new NexusError('invalid_request', `${path} must be ${expected}`, { param: path });
}
