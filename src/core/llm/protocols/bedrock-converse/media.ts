import { Buffer } from 'node:buffer';
import { NexusError } from '../../../errors/nexus-error.ts';
import type { MediaPart } from '../../canonical/request.ts';
import type { ByteSource, MediaBlock } from './wire.ts';

/** Formats by what stands behind the slash of a MIME type. The format wants its own short names. */
const FORMATS: Readonly<Record<MediaPart['kind'], ReadonlyMap<string, string>>> = {
  image: same('png', 'jpeg', 'gif', 'webp').set('jpg', 'jpeg'),
  video: same('mov', 'mkv', 'mp4', 'webm', 'flv', 'mpeg', 'mpg', 'wmv', 'three_gp')
    .set('quicktime', 'mov')
    .set('x-matroska', 'mkv')
    .set('x-flv', 'flv')
    .set('x-ms-wmv', 'wmv')
    .set('3gpp', 'three_gp'),
  audio: same('mp3', 'opus', 'wav', 'aac', 'flac', 'mp4', 'ogg', 'mkv', 'mka', 'm4a', 'mpeg', 'mpga', 'pcm', 'webm')
    .set('x-wav', 'wav')
    .set('x-m4a', 'm4a'),
  document: same('pdf', 'csv', 'html')
    .set('plain', 'txt')
    .set('markdown', 'md')
    .set('msword', 'doc')
    .set('vnd.openxmlformats-officedocument.wordprocessingml.document', 'docx')
    .set('vnd.ms-excel', 'xls')
    .set('vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'xlsx'),
};

function same(...names: string[]): Map<string, string> {
  return new Map(names.map((name) => [name, name]));
}

const LONGEST_NAME = 200;

/** The names of the documents of one request, which must differ from each other. */
export class DocumentNames {
  readonly #taken = new Set<string>();

  /** A name made of what the format allows: letters, digits, single blanks, hyphens, parentheses, brackets. */
  of(wanted: string | undefined): string {
    const clean = (wanted ?? '')
      .replace(/[^A-Za-z0-9()[\]-]+/g, ' ')
      .trim()
      .slice(0, LONGEST_NAME - 8)
      .trim();
    const base = clean === '' ? 'document' : clean;
    let name = base;
    for (let count = 2; this.#taken.has(name); count++) name = `${base} ${count}`;
    this.#taken.add(name);
    return name;
  }
}

/**
 * An image, document, video or sound → its block. Throws `invalid_request` for what the format does not take: other
 * types, and anything that lies elsewhere than in the request or in S3.
 */
export function encodeMedia(part: MediaPart, names: DocumentNames): MediaBlock {
  const format = formatOf(part);
  const source = sourceOf(part);
  switch (part.kind) {
    case 'image':
      return { image: { format, source } };
    case 'video':
      return { video: { format, source } };
    case 'audio':
      return { audio: { format, source } };
    case 'document':
      return { document: { format, name: names.of(part.name), source } };
  }
}

function formatOf({ kind, mediaType, text, url, fileId }: MediaPart): string {
  if (text !== undefined) return mediaType?.includes('markdown') === true ? 'md' : 'txt';
  const [type = '', subtype = ''] = (mediaType ?? '').toLowerCase().split(';', 1)[0]?.trim().split('/') ?? [];
  const extension = /\.(\w{1,8})$/.exec(url ?? fileId ?? '')?.[1]?.toLowerCase();
  const found = FORMATS[kind].get(subtype) ?? (extension === undefined ? undefined : FORMATS[kind].get(extension));
  if (found !== undefined) return found;
  if (kind === 'document' && type === 'text') return 'txt';
  throw untakable(mediaType === undefined ? `${kind}s of unknown type` : `${kind}s of this type`);
}

function sourceOf({ data, text, url, fileId }: MediaPart): ByteSource {
  if (data !== undefined) return { bytes: data };
  if (text !== undefined) return { bytes: Buffer.from(text).toString('base64') };
  const place = url ?? fileId ?? '';
  if (place.startsWith('s3://')) return { s3Location: { uri: place } };
  throw untakable(url === undefined ? 'files stored at another provider' : 'files by address (send their bytes)');
}

function untakable(what: string): NexusError {
  return new NexusError('invalid_request', `This model's provider takes no ${what}`, { param: 'messages' });
}
