// What a fake MCP server answers when nothing in its script says otherwise; no transport. Source of the shapes: the
// specification's revisions to 2026-07-28.
import type { FakeMcpCall, FakeMcpEra, FakeMcpOffer, FakeMcpTool } from './fake-mcp-rule.ts';
import { isObject, type JsonObject, member } from './json-value.ts';

export const MODERN = '2026-07-28';
/** Newest first. */
export const LEGACY: readonly string[] = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '2024-10-07'];

export const NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;

/** A refusal in the words of JSON-RPC. */
export class RpcRefusal extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** Lists that clients of the modern revision are told how long to keep. */
const CACHED = /^(?:(?:tools|prompts|resources)\/list|resources\/templates\/list|resources\/read|server\/discover)$/;

export function capabilitiesOf({ prompts, resources }: FakeMcpOffer): JsonObject {
  return {
    tools: { listChanged: true },
    ...(prompts === undefined ? {} : { prompts: { listChanged: true } }),
    ...(resources === undefined ? {} : { resources: { listChanged: true, subscribe: true } }),
  };
}

/** The result of a request that only reads what is offered, or runs a tool. Throws an `RpcRefusal`. */
export async function answerFrom(
  offer: FakeMcpOffer,
  method: string,
  params: JsonObject,
  call: FakeMcpCall,
): Promise<JsonObject> {
  switch (method) {
    case 'tools/list':
      return { tools: entriesOf(offer.tools).map(([name, tool]) => listTool(name, tool)) };
    case 'tools/call':
      return callTool(offer, params, call);
    case 'prompts/list':
      if (offer.prompts === undefined) break;
      return {
        prompts: entriesOf(offer.prompts).map(([name, { description, arguments: args }]) =>
          present({ name, description, arguments: args }),
        ),
      };
    case 'prompts/get':
      return getPrompt(offer, params);
    case 'resources/list':
      if (offer.resources === undefined) break;
      return {
        resources: entriesOf(offer.resources).map(([uri, { name = uri, mimeType }]) =>
          present({ uri, name, mimeType }),
        ),
      };
    case 'resources/templates/list':
      if (offer.resources === undefined) break;
      return { resourceTemplates: [] };
    case 'resources/read':
      return readResource(offer, params, call.era);
  }
  throw new RpcRefusal(NOT_FOUND, 'Method not found');
}

/** A result as its era wants it. */
export function inEra(era: FakeMcpEra, method: string, result: JsonObject, serverInfo: JsonObject): JsonObject {
  if (era === 'legacy') return result;
  const meta = isObject(result['_meta']) ? result['_meta'] : {};
  return {
    resultType: 'complete',
    ...(CACHED.test(method) ? { ttlMs: 0, cacheScope: 'private' } : {}),
    ...result,
    _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo, ...meta },
  };
}

function listTool(
  name: string,
  { title, description, inputSchema = { type: 'object' }, more }: FakeMcpTool,
): JsonObject {
  return { ...present({ name, title, description, inputSchema }), ...more };
}

async function callTool({ tools }: FakeMcpOffer, params: JsonObject, call: FakeMcpCall): Promise<JsonObject> {
  const name = String(params['name']);
  const tool = find(tools, name);
  if (tool === undefined) throw new RpcRefusal(INVALID_PARAMS, `Unknown tool: ${name}`);
  const { result = 'ok' } = tool;
  try {
    return asResult(typeof result === 'function' ? await result(params['arguments'] ?? {}, call) : result);
  } catch (thrown) {
    if (thrown instanceof RpcRefusal || call.signal.aborted) throw thrown;
    return { ...asResult(thrown instanceof Error ? thrown.message : String(thrown)), isError: true };
  }
}

function asResult(value: unknown): JsonObject {
  if (isObject(value) && Array.isArray(value['content'])) return value;
  if (typeof value === 'string') return { content: [{ type: 'text', text: value }] };
  if (value === undefined) return { content: [] };
  const content = [{ type: 'text', text: JSON.stringify(value) }];
  return isObject(value) ? { content, structuredContent: value } : { content };
}

function getPrompt({ prompts }: FakeMcpOffer, params: JsonObject): JsonObject {
  const name = String(params['name']);
  const prompt = find(prompts, name);
  if (prompt === undefined) throw new RpcRefusal(INVALID_PARAMS, `Unknown prompt: ${name}`);
  const text = prompt.text.replace(/\{([^{}]*)\}/g, (hole, argument: string) => {
    const value = member(params['arguments'], argument);
    return typeof value === 'string' ? value : hole;
  });
  return { messages: [{ role: 'user', content: { type: 'text', text } }] };
}

function readResource({ resources }: FakeMcpOffer, params: JsonObject, era: FakeMcpEra): JsonObject {
  const uri = String(params['uri']);
  const resource = find(resources, uri);
  if (resource !== undefined) {
    const { text, mimeType } = resource;
    return { contents: [present({ uri, mimeType, text })] };
  }
  throw new RpcRefusal(era === 'modern' ? INVALID_PARAMS : -32002, 'Resource not found', { uri });
}

function entriesOf<Value>(record: Readonly<Record<string, Value>> | undefined): [string, Value][] {
  return Object.entries(record ?? {});
}

function find<Value>(record: Readonly<Record<string, Value>> | undefined, name: string): Value | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

function present(members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
