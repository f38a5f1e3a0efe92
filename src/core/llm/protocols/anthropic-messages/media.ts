import { Buffer } from 'node:buffer';
import { NexusError } from '../../../errors/nexus-error.ts';
import type { MediaPart } from '../../canonical/request.ts';
import { encodeCacheMark } from './cache-mark.ts';
import type { DocumentBlock, ImageBlock } from './wire.ts';

const IMAGE_TYPES = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);

/** A picture or document → its block. Throws `invalid_request` for kinds and types the format does not know. */
export function encodeMedia(part: MediaPart): ImageBlock | DocumentBlock {
  if (part.kind === 'image') return { type: 'image', source: imageSource(part), ...encodeCacheMark(part.cache) };
  if (part.kind === 'document') {
    const title = part.name === undefined || part.name === '' ? {} : { title: part.name };
    return { type: 'document', source: documentSource(part), ...title, ...encodeCacheMark(part.cache) };
  }
  throw untakable(`takes no ${part.kind}`);
}

function imageSource(part: MediaPart): ImageBlock['source'] {
  if (part.url !== undefined) return { type: 'url', url: part.url };
  if (part.fileId !== undefined) return { type: 'file', file_id: part.fileId };
  const mediaType = part.mediaType === 'image/jpg' ? 'image/jpeg' : part.mediaType;
  if (mediaType === undefined || part.data === undefined || !IMAGE_TYPES.has(mediaType)) {
    throw untakable('takes JPEG, PNG, GIF and WebP images only');
  }
  return { type: 'base64', media_type: mediaType, data: part.data };
}

function documentSource(part: MediaPart): DocumentBlock['source'] {
  if (part.url !== undefined) return { type: 'url', url: part.url };
  if (part.fileId !== undefined) return { type: 'file', file_id: part.fileId };
  if (part.text !== undefined) return { type: 'text', media_type: 'text/plain', data: part.text };
  if (part.data !== undefined && part.mediaType === 'application/pdf') {
    return { type: 'base64', media_type: part.mediaType, data: part.data };
  }
  if (part.data !== undefined && part.mediaType?.startsWith('text/')) {
    return { type: 'text', media_type: 'text/plain', data: Buffer.from(part.data, 'base64').toString('utf8') };
  }
  throw untakable('takes PDF and plain text documents only');
}

function untakable(what: string): NexusError {
  return new NexusError('invalid_request', `This model's provider ${what}`, { param: 'messages' });
}
