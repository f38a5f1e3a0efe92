// The door of this room for the command line: what `nexus-ai/config` offers, and what the house makes of a configuration.
// `createNexus` itself needs only `parse.ts`.
export { expandEnv } from './env.ts';
export { nearestName } from './issues.ts';
export { type LoadedConfig, readConfig } from './load.ts';
export { parseConfig } from './parse.ts';
export * from './public.ts';
export type { ParsedConfig, ParsedProvider } from './resolve.ts';
export { type ListenAddress, parseListenAddress } from './schema/values.ts';
export { parseDuration } from './units.ts';
