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
      readonly openai: {
        readonly enabled: boolean;
        /** Prefixes the protocol is mounted under, the one to advertise first; `''` is the root. */
        readonly paths: readonly string[];
      };
    };
    /** In the order of the file. No prototype: any name is safe to look up. */
    readonly providers: Readonly<Record<string, ParsedProvider>>;
  };
  /** Absent: there is no demo provider. */
  readonly demo: Validated['demo'];
}

export interface ParsedProvider {
  readonly name: string;
  readonly type: ValidatedProvider['type'];
  readonly apiKey: Secret | undefined;
  /** Without a trailing slash; absent means the vendor's own. */
  readonly baseUrl: string | undefined;
  readonly timeout: number;
  readonly firstByteTimeout: number;
  readonly idleTimeout: number;
  readonly modelsOnly: boolean;
  /** Public id → the model; in the order of the file. No prototype: any name is safe to look up. */
  readonly models: Readonly<Record<string, ParsedModel>>;
}

export interface ParsedModel {
  /** The provider's own name for it. */
  readonly upstream: string;
}

const DEFAULT_PATH = '/llm/openai';
const LEGACY_PATH = '/llm';

export function resolveConfig(validated: Validated): ParsedConfig {
  const { server, llm, demo } = validated;
  const { enabled } = llm.protocols.openai;
  const providers = table(llm.providers, (name, provider) => resolveProvider(name, provider, llm));
  return deepFreeze({
    server,
    llm: { enabled: llm.enabled, protocols: { openai: { enabled, paths: openaiPaths(llm) } }, providers },
    demo,
  });
}

function openaiPaths(llm: Validated['llm']): readonly string[] {
  const configured = llm.protocols.openai.path ?? llm.path;
  if (configured !== undefined) return [configured];
  return llm.legacyPaths ? [LEGACY_PATH, DEFAULT_PATH] : [DEFAULT_PATH];
}

function resolveProvider(name: string, provider: ValidatedProvider, llm: Validated['llm']): ParsedProvider {
  return {
    name,
    type: provider.type,
    apiKey: provider.apiKey,
    baseUrl: provider.baseUrl,
    timeout: provider.timeout ?? llm.timeout,
    firstByteTimeout: provider.firstByteTimeout ?? llm.firstByteTimeout,
    idleTimeout: provider.idleTimeout ?? llm.idleTimeout,
    modelsOnly: provider.modelsOnly ?? llm.path !== undefined,
    models: table(provider.models, (id, model) => ({ upstream: model.upstream ?? model.rename ?? id })),
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
