// The one door of the core: what adapters, the testing kit and users may know.
export type { NexusConfig } from './config/types.ts';
export { ERROR_RULES, type ErrorCode, type ErrorRule } from './errors/codes.ts';
export { NexusError, type NexusErrorOptions } from './errors/nexus-error.ts';
export type { Exchange, HostFacts } from './exchange/exchange.ts';
export type { RequestRecord } from './exchange/record.ts';
export { type ByteSink, type ByteStream, isByteStream, type Reply } from './exchange/reply.ts';
export type { RecordSink } from './exchange/sink.ts';
export type { Usage } from './exchange/usage.ts';
export type { Fetch } from './http/fetch-transport.ts';
export {
  defineProvider,
  type Place,
  type ProviderDefinition,
  type SpokenProtocol,
} from './llm/providers/definition.ts';
export { createNexus, type EndpointInfo, isNexus, type Nexus, type NexusOptions } from './nexus.ts';
export type { Logger } from './runtime/logger.ts';
export type { Runtime } from './runtime/runtime.ts';
