// The door of this room for the command line: TOML, environment and the schema. `createNexus` itself needs only `parse.ts`; what
// `nexus-ai/config` offers stands in `public.ts`.
export { type Environment, expandEnv } from './env.ts';
export { type ConfigIssue, configIssues, formatIssue, nearestName } from './issues.ts';
export { type LoadedConfig, type LoadOptions, loadConfig, readConfig } from './load.ts';
export {
  defineConfig,
  type ModelId,
  type NamedConfig,
  type NamedLlmConfig,
  type NamedMcpConfig,
  type NamedProviderConfig,
} from './named-config.ts';
export { type ParseOptions, type ParseResult, parseConfig } from './parse.ts';
export type { HeaderRule, ParsedConfig, ParsedModel, ParsedProtocol, ParsedProvider } from './resolve.ts';
export type {
  ParsedClientRate,
  ParsedLimitStorage,
  ParsedRate,
  ParsedRateLimits,
  ParsedServerRates,
  ParsedTokenLimit,
  ParsedTokenRate,
} from './resolve-limits.ts';
export type {
  ParsedHttpServer,
  ParsedInsertRule,
  ParsedMcp,
  ParsedMcpAuth,
  ParsedMcpServer,
  ParsedMcpTls,
  ParsedMcpTool,
  ParsedStdioServer,
} from './resolve-mcp.ts';
export type {
  IdentitySource,
  ParsedCors,
  ParsedIdentification,
  ParsedOAuth,
  ParsedServer,
} from './resolve-server.ts';
export type { KnownKind } from './schema/kinds.ts';
export { configSchema } from './schema/root.ts';
export { type ListenAddress, parseListenAddress } from './schema/values.ts';
export { Secret } from './secret.ts';
export { parseToml } from './toml.ts';
export type * from './types.ts';
export { parseDuration } from './units.ts';
