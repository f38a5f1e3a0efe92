import type { JsonObject } from '../wire/json-rpc.ts';

// The two tools that stand for all others. No `$schema` and no `format` in them: a widespread inspector refuses these.

const SEARCH_DESCRIPTION =
  'Finds tools by keywords. Each result has the name of a tool (server__tool), what it does, the fields of its input ' +
  'and a score; the best come first, and there are at most ten. Call this first, then run what you found with "execute".';

const EXECUTE_DESCRIPTION =
  'Runs a tool that "search" has found: "name" is its exact name (server__tool), "arguments" are the fields of its input. ' +
  'Call "search" first; names cannot be guessed. "calls" takes further calls, which run side by side with the first one; ' +
  'the answers come in order.';

const RESULT_SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    name: { type: 'string', description: 'Name to run the tool by' },
    description: { type: 'string', description: 'What the tool does' },
    input_schema: { description: 'JSON Schema of its arguments' },
    score: { type: 'number', description: 'How well it fits; larger is better' },
  },
  required: ['name', 'description', 'input_schema', 'score'],
};

const OUTPUT_SCHEMA: JsonObject = {
  title: 'SearchResponse',
  type: 'object',
  properties: { results: { type: 'array', items: { $ref: '#/$defs/SearchResult' } } },
  required: ['results'],
  $defs: { SearchResult: RESULT_SCHEMA },
};

const CALL_SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    name: { type: 'string', description: 'Exact name of the tool' },
    arguments: { type: 'object', description: 'Arguments of the tool', additionalProperties: true },
  },
  required: ['name', 'arguments'],
};

/** What `tools/list` says in search mode. `structured` tells whether searches answer in structured content as well. */
export function searchTools(structured: boolean): readonly JsonObject[] {
  const search = {
    name: 'search',
    description: SEARCH_DESCRIPTION,
    inputSchema: {
      title: 'SearchParameters',
      type: 'object',
      properties: {
        keywords: {
          type: 'array',
          items: { type: 'string' },
          description: 'Words that describe what the tool should do',
        },
      },
      required: ['keywords'],
    },
    ...(structured ? { outputSchema: OUTPUT_SCHEMA } : {}),
    annotations: { readOnlyHint: true },
  };
  const execute = {
    name: 'execute',
    description: EXECUTE_DESCRIPTION,
    inputSchema: {
      title: 'ExecuteParameters',
      type: 'object',
      properties: {
        name: { type: 'string', description: 'Exact name of the tool, as search gave it (server__tool)' },
        arguments: { type: 'object', description: 'Arguments of the tool', additionalProperties: true },
        calls: {
          type: 'array',
          items: CALL_SCHEMA,
          description: 'Further calls, run side by side with the first',
        },
      },
      required: ['name', 'arguments'],
    },
    annotations: { destructiveHint: true, openWorldHint: true },
  };
  return [search, execute];
}
