import type { JsonObject } from '../../canonical/request.ts';
import { isJsonObject } from '../json-object.ts';

/**
 * A source of the text from `start` to `end` → an annotation of this format, which wants an address. Sources that have
 * none (a page of a document, a span of characters) cannot be said and are left out.
 */
export function annotationOf(citation: JsonObject, start: number, end: number): JsonObject | undefined {
  // OpenAI's chat format wraps what this one writes flat; Google calls the address `uri`.
  const source = isJsonObject(citation['url_citation']) ? citation['url_citation'] : citation;
  const url = source['url'] ?? source['uri'];
  if (typeof url !== 'string' || url === '') return undefined;
  const { end_index: givenEnd, start_index: givenStart, title } = source;
  const given = Number.isSafeInteger(givenStart) && Number.isSafeInteger(givenEnd);
  return {
    type: 'url_citation',
    url,
    title: typeof title === 'string' ? title : '',
    start_index: given ? givenStart : start,
    end_index: given ? givenEnd : end,
  };
}
