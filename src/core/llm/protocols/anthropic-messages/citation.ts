import type { JsonObject } from '../../canonical/request.ts';
import { isJsonObject } from '../json-object.ts';

/** Kinds of citation with the members a request may repeat; answers carry more (`file_id`), which requests refuse. */
const CITATION_MEMBERS: ReadonlyMap<unknown, readonly string[]> = new Map<unknown, readonly string[]>([
  ['char_location', ['cited_text', 'document_index', 'document_title', 'start_char_index', 'end_char_index']],
  ['page_location', ['cited_text', 'document_index', 'document_title', 'start_page_number', 'end_page_number']],
  [
    'content_block_location',
    ['cited_text', 'document_index', 'document_title', 'start_block_index', 'end_block_index'],
  ],
  ['web_search_result_location', ['cited_text', 'encrypted_index', 'title', 'url']],
  [
    'search_result_location',
    ['cited_text', 'end_block_index', 'search_result_index', 'source', 'start_block_index', 'title'],
  ],
]);

/** Whether a citation is in this format, that is, came from Anthropic. */
export function isOwnCitation(citation: JsonObject): boolean {
  return CITATION_MEMBERS.has(citation['type']);
}

/** Citations of an earlier answer → what a request may say about them; those of other vendors are left out. */
export function encodeCitations(citations: readonly JsonObject[]): JsonObject[] {
  const encoded: JsonObject[] = [];
  for (const citation of citations) {
    const members = CITATION_MEMBERS.get(citation['type']);
    if (members === undefined) continue;
    const copy: JsonObject = { type: citation['type'] };
    for (const member of members) copy[member] = citation[member] ?? null;
    encoded.push(copy);
  }
  return encoded;
}

/** `citations` of a text block → those that are objects. */
export function readCitations(citations: unknown): JsonObject[] {
  return Array.isArray(citations) ? citations.filter(isJsonObject) : [];
}
