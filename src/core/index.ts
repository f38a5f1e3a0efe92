// The one door of the core: what adapters, the testing kit and users may know.
export type { NexusConfig } from './config/types.ts';
export { ERROR_RULES, type ErrorCode, type ErrorRule } from './errors/codes.ts';
export { NexusError, type NexusErrorOptions } from './errors/nexus-error.ts';
export type { AttemptRecord, FailureClass } from './exchange/attempt-record.ts';
export type { Cost } from './exchange/cost.ts';
export type { Exchange, HostFacts } from './exchange/exchange.ts';
export type { RequestRecord, UsageSource } from './exchange/record.ts';
export { type ByteSink, type ByteStream, isByteStream, type Reply } from './exchange/reply.ts';
export type { RecordSink } from './exchange/sink.ts';
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
export type { ExplainedTarget, Explanation } from './llm/routing/explain.ts';
export type { NexusMcp } from './mcp/plane.ts';
export type { ExecuteOptions, McpTool, McpToolResult } from './mcp/serve/in-process-calls.ts';
export type { McpClientTransport } from './mcp/serve/linked-transport.ts';
export type { FoundTool } from './mcp/serve/tool-search.ts';
export {
  createNexus,
  type EndpointInfo,
  type HostedRequestInit,
  type Identify,
  type Identity,
  isNexus,
  type Nexus,
  type NexusOptions,
} from './nexus.ts';
export type { WellKnown } from './policy/auth/well-known.ts';
export type { Logger } from './runtime/logger.ts';
export type { Runtime } from './runtime/runtime.ts';
