// The door of this folder: configured servers, servers of this process and functions of this process, as upstreams.
import type { ParsedMcp, ParsedMcpServer } from '../../config/resolve-mcp.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Dialer } from './dialer.ts';
import { HttpDialer } from './http/http-dialer.ts';
import { InProcessDialer, type InProcessServer } from './in-process.ts';
import { LinkPool } from './link-pool.ts';
import { LOCAL, LocalUpstream } from './local/local-upstream.ts';
import type { LocalTool } from './local-tool.ts';
import { ProgramDialer } from './program-dialer.ts';
import { RemoteUpstream, type RemoteUpstreamSettings } from './remote-upstream.ts';
import type { Upstream } from './upstream.ts';

export interface UpstreamOptions {
  /** Nexus's own, told to servers. */
  readonly version: string;
  readonly logger: Logger;
  readonly runtime: Pick<Runtime, 'now' | 'elapsed'>;
  /** Functions of this process as tools, by name; they are the upstream `local`. */
  readonly tools?: Readonly<Record<string, LocalTool>> | undefined;
  /** MCP servers of this process, by the name that stands before their tools. */
  readonly mcpServers?: Readonly<Record<string, InProcessServer>> | undefined;
  /** Reaches remote servers instead of the built-in connection pool. TLS settings have no effect on it. */
  readonly fetch?: ((input: string | URL, init?: RequestInit) => Promise<Response>) | undefined;
}

/**
 * One upstream per server, in the order: configured, in process, `local`. All start in the background; none is waited
 * for. Throws `config_invalid` when a name is taken twice or cannot be one.
 */
export function openUpstreams(config: ParsedMcp, options: UpstreamOptions): readonly Upstream[] {
  const { logger, runtime, version, tools, mcpServers = {} } = options;
  const { now, elapsed } = runtime;
  const configured = Object.values(config.servers);
  const inProcess = Object.entries(mcpServers);
  const hasTools = tools !== undefined && Object.keys(tools).length > 0;
  refuseTwice([
    ...configured.map(({ name }) => name),
    ...inProcess.map(([name]) => name),
    ...(hasTools ? [LOCAL] : []),
  ]);

  const pool = new LinkPool({ ...config.downstreamCache, now, elapsed });
  const services = { pool, logger, clientInfo: { name: CLIENT_NAME, version }, now, elapsed };
  const upstreams: Upstream[] = configured.map(
    (server) => new RemoteUpstream({ ...settingsOf(server), dialer: dialerOf(server, options) }, services),
  );
  for (const [name, server] of inProcess) {
    upstreams.push(new RemoteUpstream({ ...IN_PROCESS, name, dialer: new InProcessDialer(server) }, services));
  }
  if (hasTools) {
    const onBroken = (tool: string, problem: string): void =>
      logger.error('A tool cannot be offered', { tool, problem });
    upstreams.push(new LocalUpstream(tools, onBroken));
  }
  return upstreams;
}

const CLIENT_NAME = 'nexus-ai';

const IN_PROCESS = {
  era: 'legacy',
  forwardsToken: false,
  clientFeatures: true,
  startTimeout: 10_000,
  timeout: 60_000,
  toolTimeouts: new Map<string, number>(),
} as const;

function settingsOf(server: ParsedMcpServer): Omit<RemoteUpstreamSettings, 'dialer'> {
  const { name, era, clientFeatures, startTimeout, timeout, tools } = server;
  const toolTimeouts = new Map<string, number>();
  for (const [tool, rules] of Object.entries(tools))
    if (rules.timeout !== undefined) toolTimeouts.set(tool, rules.timeout);
  const forwardsToken = server.kind === 'http' && server.auth?.type === 'forward';
  return { name, era, forwardsToken, clientFeatures, startTimeout, timeout, toolTimeouts };
}

function dialerOf(server: ParsedMcpServer, { logger, runtime, fetch }: UpstreamOptions): Dialer {
  return server.kind === 'http'
    ? new HttpDialer(server, { now: runtime.now, fetch })
    : new ProgramDialer(server, { logger, elapsed: runtime.elapsed });
}

function refuseTwice(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw new NexusError('config_invalid', `two MCP servers are named "${name}"`);
    if (name === '' || name.includes('__') || /[/\p{Cc}]/u.test(name)) {
      throw new NexusError('config_invalid', `"${name}" cannot be the name of an MCP server`);
    }
    seen.add(name);
  }
}
