// What is code and not configuration.
import type { RecordSink } from './exchange/sink.ts';
import type { Fetch } from './http/fetch-transport.ts';
import type { Identify } from './identify.ts';
import type { ProviderDefinition } from './llm/providers/definition.ts';
import type { InProcessServer } from './mcp/upstream/in-process.ts';
import type { LocalTool } from './mcp/upstream/local-tool.ts';
import type { Logger } from './runtime/logger.ts';
import type { Runtime } from './runtime/runtime.ts';
import type { HostProviders } from './telemetry/otel/host-providers.ts';

/** What an instance is given besides its configuration; holds for all configurations it ever has. */
export interface NexusOptions<Tool extends string = string, Local extends string = string> {
  /** Reaches the upstreams instead of the built-in connection pool: another runtime's client, a test's. */
  fetch?: Fetch;
  /** Default: warnings and errors to the console. */
  logger?: Logger;
  /** Vendors of your own, made with `defineProvider`; the configuration names them by their kind. */
  providers?: readonly ProviderDefinition[];
  /** Each is called with every sealed record, after the request. */
  sinks?: readonly RecordSink[];
  /** Functions of the application as MCP tools, by name; clients see them as those of a server `local`. */
  tools?: Readonly<Record<Tool, LocalTool>> | undefined;
  /** MCP servers of the application (`McpServer` of either SDK line, or functions that make one), by name. */
  mcpServers?: Readonly<Record<Local, InProcessServer>> | undefined;
  /**
   * Says who calls, once per request. A caller it names needs no token and no header; undefined is nobody it knows, who
   * then has to show what the configuration asks for. What it throws is answered with a masked 500.
   */
  identify?: Identify;
  /**
   * Providers of the application's own OpenTelemetry. They take traces, metrics and logs in the place of configured
   * exporters, and a request is a child of the span that is active where it comes in.
   */
  telemetry?: HostProviders;
  /** Clock and ids; for tests. */
  runtime?: Partial<Runtime>;
}
