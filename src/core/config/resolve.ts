// What the schema accepted → what the rest of the house reads: values that depend on other keys are filled in.
import type * as z from 'zod';
import type { configSchema } from './schema/root.ts';
import type { ListenAddress } from './schema/values.ts';
import type { Secret } from './secret.ts';

type Validated = z.output<typeof configSchema>;
type ValidatedProvider = Validated['llm']['providers'][string];

/** The configuration as the house reads it: complete, frozen, durations in milliseconds, sizes in bytes. */
export interface ParsedConfig {
  readonly server: {
    /** Where `nexus serve` listens. */
    readonly listenAddress: ListenAddress;
    readonly health: { readonly enabled: boolean; readonly path: string };
    readonly maxBody: number;
  };
  readonly llm: {
    readonly enabled: boolean;
    readonly protocols: {
      readonly openai: ParsedProtocol;
      readonly anthropic: ParsedProtocol;
      readonly google: ParsedProtocol;
    };
    /** In the order of the file. No prototype: any name is safe to look up. */
    readonly providers: Readonly<Record<string, ParsedProvider>>;
  };
  /** Absent: there is no demo provider. */
  readonly demo: Validated['demo'];
}

export interface ParsedProtocol {
  readonly enabled: boolean;
  /** Prefixes the protocol is mounted under, the one to advertise first; `''` is the root. */
  readonly paths: readonly string[];
}

/** What happens to one header, or to those whose names match. Names are in lower case. */
export type HeaderRule = Readonly<ValidatedProvider['headers'][number]>;

export interface ParsedProvider {
  readonly name: string;
  readonly type: string;
  readonly apiKey: Secret | undefined;
  /** A key the client sends goes before the configured one. */
  readonly forwardToken: boolean;
  /** Without a trailing slash; absent means the vendor's own. */
  readonly baseUrl: string | undefined;
  readonly apiVersion: string | undefined;
  readonly headers: readonly HeaderRule[];
  readonly timeout: number;
  readonly firstByteTimeout: number;
  readonly idleTimeout: number;
  readonly modelsOnly: boolean;
  /** Models that can be called without being listed; case-insensitive, unanchored. */
  readonly modelFilter: RegExp | undefined;
  /** Public id → the model; in the order of the file. No prototype: any name is safe to look up. */
  readonly models: Readonly<Record<string, ParsedModel>>;
}

export interface ParsedModel {
  /** The provider's own name for it. */
  readonly upstream: string;
  /** Applied after the provider's. */
  readonly headers: readonly HeaderRule[];
}

const LEGACY_PATH = '/llm';

export function resolveConfig(validated: Validated): ParsedConfig {
  const { server, llm, demo } = validated;
  const providers = table(llm.providers, (name, provider) => resolveProvider(name, provider, llm));
  return deepFreeze({ server, llm: { enabled: llm.enabled, protocols: resolveProtocols(llm), providers }, demo });
}

function resolveProtocols({ protocols, path, legacyPaths }: Validated['llm']): ParsedConfig['llm']['protocols'] {
  const { openai, anthropic, google } = protocols;
  const legacy = legacyPaths ? [LEGACY_PATH] : [];
  return {
    openai: mounted({ ...openai, path: openai.path ?? path }, [...legacy, '/llm/openai']),
    anthropic: mounted(anthropic, [...legacy, '/llm/anthropic']),
    google: mounted(google, ['/llm/google']),
  };
}

function mounted(
  { enabled, path }: { enabled: boolean; path?: string | undefined },
  standard: readonly string[],
): ParsedProtocol {
  return { enabled, paths: path === undefined ? standard : [path] };
}

function resolveProvider(name: string, provider: ValidatedProvider, llm: Validated['llm']): ParsedProvider {
  return {
    name,
    type: provider.type,
    apiKey: provider.apiKey,
    forwardToken: provider.forwardToken,
    baseUrl: provider.baseUrl,
    apiVersion: provider.apiVersion,
    headers: provider.headers,
    timeout: provider.timeout ?? llm.timeout,
    firstByteTimeout: provider.firstByteTimeout ?? llm.firstByteTimeout,
    idleTimeout: provider.idleTimeout ?? llm.idleTimeout,
    modelsOnly: provider.modelsOnly ?? llm.path !== undefined,
    modelFilter: provider.modelFilter,
    models: table(provider.models, (id, { upstream, rename, headers }) => ({
      upstream: upstream ?? rename ?? id,
      headers,
    })),
  };
}

function table<From, To>(entries: Record<string, From>, to: (key: string, value: From) => To): Record<string, To> {
  const copy: Record<string, To> = Object.create(null);
  for (const [key, value] of Object.entries(entries)) copy[key] = to(key, value);
  return copy;
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}
