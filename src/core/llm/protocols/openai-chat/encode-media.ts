import { NexusError } from '../../../errors/nexus-error.ts';
import type { JsonObject, MediaPart } from '../../canonical/request.ts';
import { dataUrl } from './media.ts';

const DETAILS: ReadonlySet<string> = new Set(['auto', 'low', 'high']);

/** Names that vendors give the two formats of sound this one takes. */
const AUDIO_FORMATS: ReadonlyMap<string | undefined, 'wav' | 'mp3'> = new Map([
  ['audio/wav', 'wav'],
  ['audio/wave', 'wav'],
  ['audio/x-wav', 'wav'],
  ['audio/vnd.wave', 'wav'],
  ['audio/mp3', 'mp3'],
  ['audio/mpeg', 'mp3'],
]);

/**
 * A part of the user that is not text → a content part. A document of plain text becomes text. Throws
 * `invalid_request` for what has no place here: film, other sounds, documents that are only an address.
 */
export function encodeMedia(part: MediaPart): JsonObject {
  const { kind, fileId } = part;
  if (kind === 'video') throw untakable('video');
  if (fileId !== undefined) return { type: 'file', file: { file_id: fileId } };
  if (kind === 'image') return encodeImage(part);
  return kind === 'audio' ? encodeAudio(part) : encodeDocument(part);
}

function encodeImage({ data, detail, mediaType, url }: MediaPart): JsonObject {
  const address =
    data === undefined ? url : dataUrl(mediaType === 'image/jpg' ? 'image/jpeg' : (mediaType ?? ''), data);
  if (address === undefined || (data !== undefined && !mediaType)) throw untakable('an image of no known type');
  const known = detail !== undefined && DETAILS.has(detail) ? { detail } : {};
  return { type: 'image_url', image_url: { url: address, ...known } };
}

function encodeAudio({ data, mediaType }: MediaPart): JsonObject {
  const format = AUDIO_FORMATS.get(mediaType?.toLowerCase());
  if (data === undefined || format === undefined) throw untakable('sound other than the bytes of WAV or MP3');
  return { type: 'input_audio', input_audio: { data, format } };
}

function encodeDocument({ data, mediaType, name, text }: MediaPart): JsonObject {
  if (text !== undefined) return { type: 'text', text: name === undefined ? text : `${name}\n\n${text}` };
  if (data === undefined || !mediaType) throw untakable('a document that is only an address');
  return { type: 'file', file: { filename: name ?? fileName(mediaType), file_data: dataUrl(mediaType, data) } };
}

/** The format wants a name beside the bytes; its ending tells the kind. */
function fileName(mediaType: string): string {
  const subtype = /\/([a-z0-9]{1,8})$/.exec(mediaType)?.[1] ?? 'bin';
  return `document.${subtype === 'plain' ? 'txt' : subtype}`;
}

function untakable(what: string): NexusError {
  const message = `messages: the protocol of this model's provider cannot take ${what}`;
  return new NexusError('invalid_request', message, { param: 'messages' });
}
