import type { JsonObject } from '../../canonical/request.ts';
import { isJsonObject } from '../json-object.ts';

/** How this format places a citation, how Anthropic's does, and what Anthropic calls the place's members. */
interface Kind {
  readonly location: string;
  readonly type: string;
  readonly index: readonly [string, string];
  readonly start: string;
  readonly end: string;
}

const DOCUMENT = ['documentIndex', 'document_index'] as const;

const KINDS: readonly Kind[] = [
  {
    location: 'documentChar',
    type: 'char_location',
    index: DOCUMENT,
    start: 'start_char_index',
    end: 'end_char_index',
  },
  {
    location: 'documentPage',
    type: 'page_location',
    index: DOCUMENT,
    start: 'start_page_number',
    end: 'end_page_number',
  },
  {
    location: 'documentChunk',
    type: 'content_block_location',
    index: DOCUMENT,
    start: 'start_block_index',
    end: 'end_block_index',
  },
  {
    location: 'searchResultLocation',
    type: 'search_result_location',
    index: ['searchResultIndex', 'search_result_index'],
    start: 'start_block_index',
    end: 'end_block_index',
  },
];

/**
 * A citation of this format → Anthropic's form, from whose models it comes, or a web address in OpenAI's. One of another
 * kind stays as it is: nobody can read it, but it is not lost.
 */
export function decodeCitation(citation: JsonObject): JsonObject {
  const { location, title, source } = citation;
  if (!isJsonObject(location)) return citation;
  const { web } = location;
  if (isJsonObject(web)) return { type: 'url_citation', url: web['url'], title: title ?? web['domain'] };
  for (const kind of KINDS) {
    const place = location[kind.location];
    if (!isJsonObject(place)) continue;
    const inDocument = kind.index === DOCUMENT;
    return {
      type: kind.type,
      cited_text: sourceText(citation['sourceContent']),
      [kind.index[1]]: place[kind.index[0]],
      ...(inDocument ? { document_title: title ?? null } : { title: title ?? null, source }),
      [kind.start]: place['start'],
      [kind.end]: place['end'],
    };
  }
  return citation;
}

/** The way back, for the history of a conversation; `undefined` for citations this format cannot place. */
export function encodeCitation(citation: JsonObject): JsonObject | undefined {
  const kind = KINDS.find(({ type }) => type === citation['type']);
  if (kind === undefined) return undefined;
  const { cited_text: text, source } = citation;
  const title = citation['document_title'] ?? citation['title'];
  return {
    ...(typeof title === 'string' && { title }),
    ...(typeof source === 'string' && { source }),
    ...(typeof text === 'string' && { sourceContent: [{ text }] }),
    location: {
      [kind.location]: {
        [kind.index[0]]: citation[kind.index[1]],
        start: citation[kind.start],
        end: citation[kind.end],
      },
    },
  };
}

function sourceText(content: unknown): string {
  if (!Array.isArray(content)) return '';
  return content
    .map((piece) => (isJsonObject(piece) && typeof piece['text'] === 'string' ? piece['text'] : ''))
    .join('');
}
