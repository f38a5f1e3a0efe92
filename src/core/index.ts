// The one door of the core: what adapters, the testing kit and users may know.
export type { HostedRequestInit, HostRequest, InProcessClients } from './clients/in-process.ts';
export type { NexusOpenAI, OpenAIOptions } from './clients/openai-types.ts';
export {
  defineConfig,
  type ModelId,
  type NamedConfig,
  type NamedLlmConfig,
  type NamedMcpConfig,
  type NamedProviderConfig,
} from './config/named-config.ts';
export type { NexusConfig } from './config/types.ts';
export { ERROR_RULES, type ErrorCode, type ErrorRule } from './errors/codes.ts';
export { NexusError, type NexusErrorOptions } from './errors/nexus-error.ts';
export type { AttemptRecord, FailureClass } from './exchange/attempt-record.ts';
export type { Cost } from './exchange/cost.ts';
export type { Exchange, HostFacts } from './exchange/exchange.ts';
export type { Charge, RequestRecord, UsageSource } from './exchange/record.ts';
export { type ByteSink, type ByteStream, isByteStream, type Reply } from './exchange/reply.ts';
export type { NexusEvents, RecordSink, SinkState } from './exchange/sink.ts';
export type { ServiceTier, Usage } from './exchange/usage.ts';
export type { Fetch } from './http/fetch-transport.ts';
export type {
  Transport,
  UpstreamCall,
  UpstreamHeaders,
  UpstreamReceiver,
  UpstreamRequest,
} from './http/transport.ts';
export type { WebHostFacts } from './http/web.ts';
export {
  defineProvider,
  type ModelListing,
  type Place,
  type ProviderDefinition,
  type SpokenProtocol,
  type TransportSettings,
} from './llm/providers/definition.ts';
export type { ExplainedChoice, ExplainedTarget, Explanation } from './llm/routing/explain.ts';
export type { ModelInfo, ModelOverview, RouteInfo } from './llm/routing/overview.ts';
export type { LlmStatus, PriceListStatus, ProviderStatus, TargetStatus } from './llm/status.ts';
export type { LocalName, McpCalls, NexusMcp } from './mcp/plane.ts';
export type { ExecuteOptions, McpServerInfo, McpTool, McpToolResult } from './mcp/serve/in-process-calls.ts';
export type { McpClientTransport } from './mcp/serve/linked-transport.ts';
export type { FoundTool } from './mcp/serve/tool-search.ts';
export type { McpServerStatus, McpStatus } from './mcp/status.ts';
export type { InProcessServer as McpServer, McpServerLike } from './mcp/upstream/in-process.ts';
export type { LocalTool, ToolContext } from './mcp/upstream/local-tool.ts';
export {
  createNexus,
  type EndpointInfo,
  type Identify,
  type Identity,
  isNexus,
  type ModelQuestion,
  type Nexus,
  type NexusOptions,
} from './nexus.ts';
export type { WellKnown } from './policy/auth/well-known.ts';
export { type LineLoggerSettings, type LineOutput, type LogLevel, lineLogger } from './runtime/line-logger.ts';
export type { Logger } from './runtime/logger.ts';
export { oncePerTurn } from './runtime/once-per-turn.ts';
export type { Runtime } from './runtime/runtime.ts';
export type { LimitsStatus, NexusStatus, RecordsStatus } from './status.ts';
export type { StoreUse } from './stores/store-errors.ts';
export type { HostProviders } from './telemetry/otel/host-providers.ts';
