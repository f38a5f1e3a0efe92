import type { JsonObject } from '../../canonical/request.ts';
import { isJsonObject } from '../json-object.ts';

/** The stretch of the answer's text that a source belongs to, in characters. */
interface Stretch {
  readonly start: number;
  readonly end: number;
}

/**
 * A citation, in the form of whichever vendor named it → JSON text of a `url_citation`; `undefined` for sources without
 * an address, which this format cannot name. The vendor's own indexes win over `stretch`.
 */
export function writeAnnotation(citation: JsonObject, stretch?: Stretch): string | undefined {
  const { url, title, start_index: start = stretch?.start, end_index: end = stretch?.end } = citation;
  if (typeof url !== 'string' || url === '') return undefined;
  const named = typeof title === 'string' ? `,"title":${JSON.stringify(title)}` : '';
  const where = Number.isInteger(start) && Number.isInteger(end) ? `,"start_index":${start},"end_index":${end}` : '';
  return `{"type":"url_citation","url_citation":{"url":${JSON.stringify(url)}${named}${where}}}`;
}

/** `annotations` of a message or a delta → citations, each with its kind and its own members side by side. */
export function readAnnotations(annotations: unknown): JsonObject[] {
  if (!Array.isArray(annotations)) return [];
  const citations: JsonObject[] = [];
  for (const annotation of annotations) {
    if (!isJsonObject(annotation) || !isJsonObject(annotation['url_citation'])) continue;
    citations.push({ type: 'url_citation', ...annotation['url_citation'] });
  }
  return citations;
}
