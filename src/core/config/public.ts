// The door of `nexus-ai/config`: reading and writing a configuration. What the house makes of one stays inside.
export type { Environment } from './env.ts';
export { type ConfigIssue, configIssues, formatIssue } from './issues.ts';
export { type LoadOptions, loadConfig } from './load.ts';
export {
  defineConfig,
  type ModelId,
  type NamedConfig,
  type NamedLlmConfig,
  type NamedMcpConfig,
  type NamedProviderConfig,
} from './named-config.ts';
export type { ParseOptions } from './parse.ts';
export type { KnownKind } from './schema/kinds.ts';
export { parseToml } from './toml.ts';
export type * from './types.ts';
