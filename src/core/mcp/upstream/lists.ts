// The lists of a server, raw and whole: all pages, members we do not know included. A list that fails leaves the others
// as they are.
import type { Logger } from '../../runtime/logger.ts';
import { type JsonObject, JsonRpcError } from '../wire/json-rpc.ts';
import { isObject } from '../wire/message.ts';
import { CODES } from '../wire/revision.ts';
import type { Connection, ListKind } from './connection.ts';
import { problemOf } from './link-failure.ts';
import { type SentParam, sentParams } from './sent-headers.ts';
import type { Catalogue } from './upstream.ts';

/** Entries of one list; what comes after them is not offered. */
const MOST_ENTRIES = 10_000;
const MOST_PAGES = 1000;

export const EMPTY_CATALOGUE: Catalogue = {
  tools: [],
  prompts: [],
  resources: [],
  resourceTemplates: [],
  capabilities: {},
  instructions: undefined,
};

export interface ListReaderOptions {
  readonly server: string;
  readonly logger: Logger;
}

/** All lists. Rejects when the tools cannot be read: a server that offers tools and does not list them is not up. */
export async function readCatalogue(
  connection: Connection,
  options: ListReaderOptions,
  signal: AbortSignal,
): Promise<Catalogue> {
  const { capabilities, instructions } = connection.session;
  const [tools, rest] = await Promise.all([
    readTools(connection, options, signal),
    Promise.all([readPrompts(connection, options, signal), readResources(connection, options, signal)]),
  ]);
  const [prompts, resources] = rest;
  return { tools, prompts, ...resources, capabilities, instructions };
}

/** `catalogue` with one of its lists read again. A list that cannot be read stays as it was. */
export async function refreshCatalogue(
  catalogue: Catalogue,
  kind: ListKind,
  connection: Connection,
  options: ListReaderOptions,
  signal: AbortSignal,
): Promise<Catalogue> {
  switch (kind) {
    case 'tools':
      return { ...catalogue, tools: await readTools(connection, options, signal) };
    case 'prompts':
      return { ...catalogue, prompts: await readPrompts(connection, options, signal, catalogue.prompts) };
    case 'resources':
      return { ...catalogue, ...(await readResources(connection, options, signal, catalogue)) };
  }
}

async function readTools(
  connection: Connection,
  options: ListReaderOptions,
  signal: AbortSignal,
): Promise<readonly JsonObject[]> {
  if (!isObject(connection.session.capabilities['tools'])) return [];
  let tools: readonly JsonObject[];
  try {
    tools = await readList(connection, 'tools/list', 'tools', 'name', signal);
  } catch (error) {
    // Declared and not there: then there are none.
    if (!(error instanceof JsonRpcError) || error.code !== CODES.methodNotFound) throw error;
    return [];
  }
  return connection.isModern && connection.peer.wire.streamPerRequest
    ? checkMirrored(connection, tools, options)
    : tools;
}

function readPrompts(
  connection: Connection,
  options: ListReaderOptions,
  signal: AbortSignal,
  before: readonly JsonObject[] = [],
): Promise<readonly JsonObject[]> {
  if (!isObject(connection.session.capabilities['prompts'])) return Promise.resolve([]);
  return tolerate(readList(connection, 'prompts/list', 'prompts', 'name', signal), 'prompts', before, options);
}

async function readResources(
  connection: Connection,
  options: ListReaderOptions,
  signal: AbortSignal,
  before: Pick<Catalogue, 'resources' | 'resourceTemplates'> = EMPTY_CATALOGUE,
): Promise<Pick<Catalogue, 'resources' | 'resourceTemplates'>> {
  if (!isObject(connection.session.capabilities['resources'])) return { resources: [], resourceTemplates: [] };
  const list = readList(connection, 'resources/list', 'resources', 'uri', signal);
  const templates = readList(connection, 'resources/templates/list', 'resourceTemplates', 'uriTemplate', signal);
  const [resources, resourceTemplates] = await Promise.all([
    tolerate(list, 'resources', before.resources, options),
    // Many servers have resources and no templates, and say so with an error.
    templates.catch(() => before.resourceTemplates),
  ]);
  return { resources, resourceTemplates };
}

async function tolerate(
  list: Promise<readonly JsonObject[]>,
  what: string,
  before: readonly JsonObject[],
  { server, logger }: ListReaderOptions,
): Promise<readonly JsonObject[]> {
  try {
    return await list;
  } catch (error) {
    logger.warn('An MCP server does not list what it says it has', { server, what, problem: problemOf(error) });
    return before;
  }
}

async function readList(
  connection: Connection,
  method: string,
  member: string,
  key: string,
  signal: AbortSignal,
): Promise<readonly JsonObject[]> {
  const entries: JsonObject[] = [];
  const seen = new Set<string>();
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES && entries.length < MOST_ENTRIES; page++) {
    const result = await connection.request(method, cursor === undefined ? {} : { cursor }, signal);
    const items = result[member];
    if (Array.isArray(items)) {
      for (const item of items) if (isObject(item) && typeof item[key] === 'string') entries.push(item);
    }
    const { nextCursor } = result;
    // A cursor that comes again would lead in a circle.
    if (typeof nextCursor !== 'string' || nextCursor === '' || seen.has(nextCursor)) break;
    seen.add(nextCursor);
    cursor = nextCursor;
  }
  return entries.length > MOST_ENTRIES ? entries.slice(0, MOST_ENTRIES) : entries;
}

/** Clients must not use tools whose header annotations break the rules; the others' arguments are noted. */
function checkMirrored(
  connection: Connection,
  tools: readonly JsonObject[],
  { server, logger }: ListReaderOptions,
): readonly JsonObject[] {
  const mirrored = new Map<string, readonly SentParam[]>();
  const kept = tools.filter((tool) => {
    const params = sentParams(tool['inputSchema'] ?? {});
    if (params === undefined) {
      logger.warn('A tool is not offered: its x-mcp-header annotations are not valid', { server, tool: tool['name'] });
      return false;
    }
    if (params.length > 0) mirrored.set(String(tool['name']), params);
    return true;
  });
  connection.setSentParams(mirrored);
  return kept;
}
