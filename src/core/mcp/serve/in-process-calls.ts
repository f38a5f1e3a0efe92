import { NexusError } from '../../errors/nexus-error.ts';
import type { Principal } from '../../exchange/principal.ts';
import type { RequestRecord } from '../../exchange/record.ts';
import type { CallContext, Caller } from '../caller.ts';
import { type JsonObject, JsonRpcError } from '../wire/json-rpc.ts';
import { CODES } from '../wire/revision.ts';
import type { McpGateway } from './gateway.ts';
import { noteOwnTool, noteSearch, noteTool, observed } from './observed-call.ts';
import { unknownTool } from './surface.ts';
import type { FoundTool } from './tool-search.ts';

/** A tool as clients are listed it; members we do not know are carried along. */
export interface McpTool {
  /** `server__tool` */
  readonly name: string;
  readonly description?: string;
  readonly inputSchema: unknown;
  readonly [member: string]: unknown;
}

/** What a tool answers. */
export interface McpToolResult {
  readonly content?: readonly JsonObject[];
  readonly structuredContent?: unknown;
  readonly isError?: boolean;
  readonly [member: string]: unknown;
}

export interface ExecuteOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told of the call's progress, where its server reports any. */
  readonly onProgress?: ((progress: JsonObject) => void) | undefined;
}

/** Who calls. */
export interface AsCaller {
  readonly principal?: Principal | undefined;
  /** What becomes of the call is written there; absent: nowhere. */
  readonly record?: RequestRecord | undefined;
}

/** One server behind Nexus, as it stands. */
export interface McpServerInfo {
  readonly name: string;
  readonly state: 'starting' | 'ready' | 'down' | 'closed';
  /** Why it is down, in words that hold no secret. */
  readonly problem: string | undefined;
  /** Its tools under the names clients execute them by; of a server that went down, those it had. */
  readonly tools: readonly McpTool[];
}

/** The tools of all servers for code of the same process, under the rules that hold for clients. */
export class InProcessCalls {
  readonly #gateway: McpGateway;
  readonly #elapsed: () => number;

  /** `elapsed` is the clock that records count from. */
  constructor(gateway: McpGateway, elapsed: () => number) {
    this.#gateway = gateway;
    this.#elapsed = elapsed;
  }

  listTools(asker: AsCaller): Promise<McpTool[]> {
    return observed('tools/list', contextOf(asker), this.#elapsed, async ({ caller }) => {
      const catalogue = await this.#gateway.aggregate.catalogue(caller);
      return catalogue.visible(caller.principal).tools.map(toTool);
    });
  }

  async servers(): Promise<McpServerInfo[]> {
    const { entries } = (await this.#gateway.aggregate.catalogue(callerOf(undefined))).tools;
    return [...this.#gateway.aggregate.upstreams.values()].map(({ name, state, problem }) => ({
      name,
      state,
      problem,
      tools: entries.filter(({ server }) => server === name).map(({ item }) => toTool(item)),
    }));
  }

  /** Written down as clients of the endpoint search: as a call of `search`. */
  search(query: string | readonly string[], asker: AsCaller): Promise<FoundTool[]> {
    return observed('tools/call', contextOf(asker), this.#elapsed, async (call) => {
      noteOwnTool(call, 'search');
      const { principal } = call.caller;
      const catalogue = await this.#gateway.aggregate.catalogue(call.caller);
      const found = this.#gateway.search.find(catalogue, query, principal);
      noteSearch(call, typeof query === 'string' ? 1 : query.length, found.length);
      return found;
    });
  }

  /** Rejects with `tool_not_found` for a tool that is unknown or not the caller's, and with the server's refusal. */
  async execute(name: string, args: JsonObject, options: ExecuteOptions & AsCaller): Promise<McpToolResult> {
    const { signal } = options;
    signal?.throwIfAborted();
    try {
      return await observed('tools/call', contextOf(options), this.#elapsed, (call) => this.#run(name, args, call));
    } catch (error) {
      signal?.throwIfAborted();
      throw toNexusError(error, name);
    }
  }

  async #run(name: string, args: JsonObject, call: CallContext): Promise<JsonObject> {
    noteOwnTool(call, 'execute');
    const { aggregate } = this.#gateway;
    const listed = (await aggregate.catalogue(call.caller)).tool(name, call.caller.principal);
    const upstream = listed && aggregate.upstreams.get(listed.server);
    if (listed === undefined || upstream === undefined) throw unknownTool();
    noteTool(call, listed.server, listed.original);
    return upstream.request('tools/call', { name: listed.original, arguments: args }, call);
  }
}

function contextOf({ principal, record, signal, onProgress }: ExecuteOptions & AsCaller): CallContext {
  return {
    caller: callerOf(principal),
    signal: signal ?? new AbortController().signal,
    requestId: record?.id,
    record,
    meta: {},
    ...(onProgress === undefined ? {} : { onProgress }),
    relayInputRequired: false,
  };
}

function toTool(item: JsonObject): McpTool {
  return { inputSchema: {}, ...item, name: String(item['name']) };
}

function callerOf(principal: Principal | undefined): Caller {
  return { principal, scope: principal === undefined ? 'process' : `process:${principal.id}`, capabilities: {} };
}

function unknown(name: string): NexusError {
  return new NexusError('tool_not_found', `There is no tool ${JSON.stringify(name)}`, { param: 'name' });
}

function toNexusError(error: unknown, name: string): unknown {
  if (!(error instanceof JsonRpcError)) return error;
  const { code, message } = error;
  // Our own limits refused it; no server was asked.
  if (NexusError.is(error.cause)) return error.cause;
  const options = { upstreamCode: String(code), cause: error };
  if (code === CODES.methodNotFound) return unknown(name);
  if (code === CODES.invalidParams)
    return new NexusError('invalid_request', message, { ...options, param: 'arguments' });
  if (code === CODES.sessionNotFound) return new NexusError('upstream_timeout', message, options);
  return new NexusError('upstream_failed', message, options);
}
