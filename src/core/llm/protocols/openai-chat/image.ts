import { NexusError } from '../../../errors/nexus-error.ts';
import type { ImagePart } from '../../canonical/request.ts';
import type { ChatImageUrl } from './wire.ts';

/** `image_url` → bytes for a base64 data URL, an address for http and https. Throws `invalid_request` for the rest. */
export function decodeImage(image: string | ChatImageUrl, path: string, unsupported: Set<string>): ImagePart {
  if (typeof image === 'string') return decodeImageUrl(image, path);
  const detail = image.detail ?? 'auto';
  if (detail !== 'auto') unsupported.add('image_url.detail');
  return decodeImageUrl(image.url, `${path}.url`);
}

function decodeImageUrl(url: string, path: string): ImagePart {
  if (/^https?:\/\//i.test(url)) return { type: 'image', url };
  if (!/^data:/i.test(url)) throw invalidImage(path, 'an http, https or data URL');
  const comma = url.indexOf(',');
  const [mediaType = '', ...parameters] = url.slice('data:'.length, Math.max(comma, 0)).toLowerCase().split(';');
  if (comma < 0 || !mediaType.includes('/') || parameters.at(-1)?.trim() !== 'base64') {
    throw invalidImage(path, 'a data URL that names a media type and holds base64');
  }
  return { type: 'image', mediaType: mediaType.trim(), data: url.slice(comma + 1) };
}

function invalidImage(path: string, expected: string): NexusError {
  return new NexusError('invalid_request', `${path} must be ${expected}`, { param: path });
}
