import type { ParsedMcp } from '../config/resolve-mcp.ts';
import { NexusError } from '../errors/nexus-error.ts';
import type { Endpoint, OwnedPrefix } from '../http/endpoint.ts';
import type { ToolLimits } from '../policy/limits/tool-limits.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { jsonRpcDialect } from './dialect.ts';
import type { LinkAsker, McpGateway } from './serve/gateway.ts';
import type {
  AsCaller,
  ExecuteOptions,
  InProcessCalls,
  McpServerInfo,
  McpTool,
  McpToolResult,
} from './serve/in-process-calls.ts';
import type { McpClientTransport } from './serve/linked-transport.ts';
import type { FoundTool } from './serve/tool-search.ts';
import type { McpServerStatus, McpStatus } from './status.ts';
import type { UpstreamOptions } from './upstream/open.ts';
import type { Upstream } from './upstream/upstream.ts';
import type { JsonObject } from './wire/json-rpc.ts';

export interface McpPlaneOptions extends Pick<UpstreamOptions, 'tools' | 'mcpServers' | 'fetch'> {
  readonly logger: Logger;
  readonly runtime: Runtime;
  readonly version: string;
  /** Bytes of a request body. */
  readonly maxBody: number;
  /** Absent: calls are not limited. */
  readonly limits?: ToolLimits | undefined;
}

/** The name of a function of the application as a tool, unless `mcp.namespace` is false. */
export type LocalName<Tool extends string> = `local__${Tool}`;

/** The tools of all servers for code of the same process; the rules are those for clients. */
export interface McpCalls<Tool extends string = string, Server extends string = string> {
  /** All tools the caller may use, under the names they are executed by. */
  listTools(): Promise<McpTool[]>;
  /** The ten tools that fit best, best first. */
  search(query: string | readonly string[]): Promise<FoundTool[]>;
  /**
   * Runs a tool. Rejects with `tool_not_found` (also for one the caller may not use), `invalid_request` for arguments
   * its server refuses, `upstream_timeout` and `upstream_failed`. A tool's own failure is a result with `isError`.
   */
  execute(
    name: Tool | (string & {}),
    args?: Readonly<Record<string, unknown>>,
    options?: ExecuteOptions,
  ): Promise<McpToolResult>;
  /**
   * A transport for an SDK client of either line: `await client.connect(await nexus.mcp.client())`. It stays inside this
   * process. `server` names one server, with its own names; default: all of them.
   */
  client(options?: { server?: Server | undefined }): Promise<McpClientTransport>;
}

/** The tools of all servers, for nobody in particular. */
export interface NexusMcp<Tool extends string = string, Server extends string = string> extends McpCalls<Tool, Server> {
  /**
   * The servers as they stand, for people who run them: all tools of each, whoever may use them. Starts the servers, and
   * waits for each until it has listed its tools or its start deadline has passed.
   */
  servers(): Promise<McpServerInfo[]>;
}

export type McpCallOptions = ExecuteOptions & AsCaller;

/** The same with the caller as an argument: what the clients of one caller are made from. */
export interface McpApi extends NexusMcp {
  listTools(options?: AsCaller): Promise<McpTool[]>;
  search(query: string | readonly string[], options?: AsCaller): Promise<FoundTool[]>;
  execute(name: string, args?: JsonObject, options?: McpCallOptions): Promise<McpToolResult>;
  client(options?: LinkAsker & { server?: string | undefined }): Promise<McpClientTransport>;
}

interface Loaded {
  readonly gateway: McpGateway;
  readonly calls: InProcessCalls;
}

/** The MCP plane. Nothing of it but this file is loaded before its first use, and nothing at all where no server is configured. */
export class McpPlane {
  readonly endpoints: readonly Endpoint[];
  readonly prefixes: readonly OwnedPrefix[];
  readonly api: McpApi;
  readonly #config: ParsedMcp;
  readonly #options: McpPlaneOptions;
  readonly #isOn: boolean;
  #loading: Promise<Loaded> | undefined;
  #loaded: Loaded | undefined;
  #closed = false;

  constructor(config: ParsedMcp, options: McpPlaneOptions) {
    this.#config = config;
    this.#options = options;
    const { servers, path } = config;
    refuseTwice([...Object.keys(servers), ...Object.keys(options.mcpServers ?? {})], hasMembers(options.tools));
    this.#isOn = config.enabled && (hasMembers(servers) || hasMembers(options.tools) || hasMembers(options.mcpServers));
    this.endpoints = this.#isOn
      ? (['POST', 'GET', 'DELETE'] as const).map((method) => this.#endpoint(method, path))
      : [];
    this.prefixes = this.#isOn ? [{ prefix: path, dialect: jsonRpcDialect }] : [];
    this.api = this.#makeApi();
  }

  get inFlight(): number {
    return this.#loaded?.gateway.inFlight ?? 0;
  }

  status(): McpStatus {
    const { inFlight } = this;
    const upstreams = this.#loaded?.gateway.aggregate.upstreams.values();
    if (upstreams !== undefined) return { inFlight, servers: [...upstreams].map(statusOf) };
    const names = this.#isOn ? namesOf(this.#config, this.#options) : [];
    return { inFlight, servers: names.map((name) => ({ name, state: 'idle' })) };
  }

  /** Starts the servers; does not wait for them. */
  async open(): Promise<void> {
    if (this.#isOn) await this.#load();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const loaded = await this.#loading?.catch(() => undefined);
    await loaded?.gateway.close();
  }

  #endpoint(method: Endpoint['method'], path: string): Endpoint {
    return {
      name: 'mcp',
      method,
      paths: [path, `${path}/`],
      dialect: jsonRpcDialect,
      handle: (exchange, context) => {
        const { gateway } = this.#loaded ?? {};
        if (gateway !== undefined) return gateway.handle(exchange, context);
        return this.#load().then((loaded) => loaded.gateway.handle(exchange, context));
      },
    };
  }

  #load(): Promise<Loaded> {
    this.#loading ??= this.#start();
    return this.#loading;
  }

  async #start(): Promise<Loaded> {
    if (!this.#isOn) throw new NexusError('tool_not_found', 'No MCP server is configured');
    const { limits } = this.#options;
    const [{ McpGateway }, { InProcessCalls }, { openUpstreams }, { ToolIndex }, limited] = await Promise.all([
      import('./serve/gateway.ts'),
      import('./serve/in-process-calls.ts'),
      import('./upstream/open.ts'),
      import('./search/tool-index.ts'),
      limits === undefined ? undefined : import('./serve/limited-upstream.ts'),
    ]);
    if (this.#closed) throw new NexusError('shutting_down', 'The gateway is shutting down');
    const upstreams = openUpstreams(this.#config, this.#options).map((upstream) =>
      limits?.has(upstream.name) === true && limited !== undefined
        ? new limited.LimitedUpstream(upstream, limits)
        : upstream,
    );
    const gateway = new McpGateway(this.#config, upstreams, {
      ...this.#options,
      createRanking: (tools) => new ToolIndex(tools),
    });
    this.#loaded = { gateway, calls: new InProcessCalls(gateway, this.#options.runtime.elapsed) };
    return this.#loaded;
  }

  #makeApi(): McpApi {
    const calls = async (): Promise<InProcessCalls> => (await this.#load()).calls;
    return {
      listTools: async (asker = {}) => (this.#isOn ? (await calls()).listTools(asker) : []),
      search: async (query, asker = {}) => (this.#isOn ? (await calls()).search(query, asker) : []),
      execute: async (name, args = {}, options = {}) => (await calls()).execute(name, args, options),
      client: async ({ server, ...asker } = {}) => (await this.#load()).gateway.link(server, asker),
      servers: async () => (this.#isOn ? (await calls()).servers() : []),
    };
  }
}

function hasMembers(record: object | undefined): boolean {
  return record !== undefined && Object.keys(record).length > 0;
}

function statusOf({ name, state, toolCount, problem }: Upstream): McpServerStatus {
  return { name, state, tools: toolCount, problem };
}

function namesOf({ servers }: ParsedMcp, { mcpServers = {}, tools }: McpPlaneOptions): readonly string[] {
  return [...Object.keys(servers), ...Object.keys(mcpServers), ...(hasMembers(tools) ? ['local'] : [])];
}

/** Said at creation rather than at the first call. */
function refuseTwice(names: readonly string[], hasTools: boolean): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index || (hasTools && name === 'local'));
  if (twice !== undefined) throw new NexusError('config_invalid', `two MCP servers are named "${twice}"`);
}
