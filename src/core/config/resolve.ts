// What the schema accepted → what the rest of the house reads: values that depend on other keys are filled in.
import type * as z from 'zod';
import type { AwsGuardrail, AwsSettings } from './aws-settings.ts';
import { type ParsedTokenLimit, type ParsedTokenRate, resolveTokenLimits, resolveTokenRate } from './resolve-limits.ts';
import { type ParsedMcp, resolveMcp } from './resolve-mcp.ts';
import { type ParsedOpenTelemetry, resolveOpenTelemetry, WITHOUT_EXPORTERS } from './resolve-otlp.ts';
import { type ParsedRetry, type ParsedRoute, resolveRoute } from './resolve-routes.ts';
import { type ParsedServer, resolveServer } from './resolve-server.ts';
import type { Capability } from './route-words.ts';
import type { configSchema } from './schema/root.ts';
import type { Secret } from './secret.ts';

type Validated = z.output<typeof configSchema>;
type ValidatedProvider = Validated['llm']['providers'][string];

/** The configuration as the house reads it: complete, frozen, durations in milliseconds, sizes in bytes. */
export interface ParsedConfig {
  readonly server: ParsedServer;
  readonly llm: {
    readonly enabled: boolean;
    readonly protocols: {
      readonly openai: ParsedProtocol;
      readonly anthropic: ParsedProtocol;
      readonly google: ParsedProtocol;
    };
    readonly discovery: ParsedDiscovery;
    readonly tokenLimits: readonly ParsedTokenLimit[];
    /** A price list that goes before the package's own. */
    readonly prices: { readonly file: string | undefined };
    /** Calling a provider again; routes may have their own. */
    readonly retry: ParsedRetry;
    /** When a client that waits for a stream is sent a sign of life. */
    readonly keepaliveAfter: number;
    /** Clients may ask where their request would go. */
    readonly explain: boolean;
    /** By name. No prototype: any name is safe to look up. */
    readonly routes: Readonly<Record<string, ParsedRoute>>;
    /** In the order of the file. No prototype: any name is safe to look up. */
    readonly providers: Readonly<Record<string, ParsedProvider>>;
  };
  readonly mcp: ParsedMcp;
  /** Absent: nothing is told of requests and of the process. */
  readonly telemetry: Validated['telemetry'];
  /** The part of it that is OpenTelemetry's. */
  readonly openTelemetry: ParsedOpenTelemetry;
  /** Absent: there is no demo provider. */
  readonly demo: Validated['demo'];
}

export interface ParsedProtocol {
  readonly enabled: boolean;
  /** Prefixes the protocol is mounted under, the one to advertise first; `''` is the root. */
  readonly paths: readonly string[];
}

/** How the providers are asked for their models. */
export interface ParsedDiscovery {
  readonly enabled: boolean;
  /** Between two questions to one provider. */
  readonly interval: number;
  /** A provider that does not answer at the start keeps the instance from becoming ready. */
  readonly required: boolean;
  /** For one provider, all pages together. */
  readonly timeout: number;
}

/** What happens to one header, or to those whose names match. Names are in lower case. */
export type HeaderRule = Readonly<ValidatedProvider['headers'][number]>;

export interface ParsedProvider {
  readonly name: string;
  readonly type: string;
  readonly apiKey: Secret | undefined;
  /** All configured keys, which calls take in turn; `apiKey` is the first. */
  readonly apiKeys: readonly Secret[];
  /** A key the client sends goes before the configured one. */
  readonly forwardToken: boolean;
  /** Without a trailing slash; absent means the vendor's own. */
  readonly baseUrl: string | undefined;
  readonly apiVersion: string | undefined;
  readonly aws: AwsSettings;
  /** What every conversation with Bedrock passes. */
  readonly guardrail: AwsGuardrail | undefined;
  readonly headers: readonly HeaderRule[];
  readonly timeout: number;
  readonly firstByteTimeout: number;
  readonly idleTimeout: number;
  readonly modelsOnly: boolean;
  /** Input tokens of a client, for models without a limit of their own. */
  readonly tokenRate: ParsedTokenRate | undefined;
  /** Fields the provider cannot be told are refused, not left out. */
  readonly strictParams: boolean;
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
  /** Input tokens of a client; stands in the place of the provider's. */
  readonly tokenRate: ParsedTokenRate | undefined;
  /** What it can do besides chat; absent: what the package's list of models says. */
  readonly capabilities: readonly Capability[] | undefined;
  /** Most tokens it reads; absent: what the package's list says. */
  readonly contextWindow: number | undefined;
  /** What it costs: kinds of use and US dollars, as decimals. */
  readonly price: Readonly<Record<string, string>> | undefined;
  /** The row of a price list that holds for it. */
  readonly priceAs: string | undefined;
}

const LEGACY_PATH = '/llm';

export function resolveConfig(validated: Validated): ParsedConfig {
  const { server, llm, mcp, telemetry, demo } = validated;
  const providers = table(llm.providers, (name, provider) => resolveProvider(name, provider, llm));
  const routeNames = new Set(Object.keys(llm.routes));
  return deepFreeze({
    server: resolveServer(server),
    llm: {
      enabled: llm.enabled,
      protocols: resolveProtocols(llm),
      discovery: resolveDiscovery(llm, Object.values(providers)),
      tokenLimits: resolveTokenLimits(llm.tokenLimits),
      prices: { file: llm.prices.file },
      retry: llm.retry,
      keepaliveAfter: llm.keepaliveAfter,
      explain: llm.explain,
      routes: table(llm.routes, (name, route) => resolveRoute(name, route, llm.retry, routeNames)),
      providers,
    },
    mcp: resolveMcp(mcp),
    telemetry,
    openTelemetry: telemetry === undefined ? WITHOUT_EXPORTERS : resolveOpenTelemetry(telemetry),
    demo,
  });
}

function resolveDiscovery({ discovery }: Validated['llm'], providers: readonly ParsedProvider[]): ParsedDiscovery {
  return { ...discovery, enabled: discovery.enabled ?? !providers.every(({ modelsOnly }) => modelsOnly) };
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
  const apiKeys = [provider.apiKey, ...(provider.apiKeys ?? [])].filter((key) => key !== undefined);
  return {
    name,
    type: provider.type,
    apiKey: provider.apiKey ?? apiKeys[0],
    apiKeys,
    forwardToken: provider.forwardToken,
    baseUrl: provider.baseUrl,
    apiVersion: provider.apiVersion,
    aws: resolveAws(provider),
    guardrail: provider.guardrail,
    headers: provider.headers,
    timeout: provider.timeout ?? llm.timeout,
    firstByteTimeout: provider.firstByteTimeout ?? llm.firstByteTimeout,
    idleTimeout: provider.idleTimeout ?? llm.idleTimeout,
    tokenRate: resolveTokenRate(provider.rateLimits?.perUser, provider.rateLimits?.perUser?.shared),
    modelsOnly: provider.modelsOnly ?? llm.path !== undefined,
    strictParams: provider.strictParams ?? llm.strictParams,
    modelFilter: provider.modelFilter,
    models: table(provider.models, (id, { upstream, rename, ...model }) => ({
      upstream: upstream ?? rename ?? id,
      headers: model.headers,
      capabilities: model.capabilities,
      contextWindow: model.contextWindow,
      tokenRate: resolveTokenRate(model.rateLimits?.perUser),
      price: model.price === undefined ? undefined : resolvePrice(model.price),
      priceAs: model.priceAs,
    })),
  };
}

type GivenPrice = NonNullable<ValidatedProvider['models'][string]['price']>;

/** A number's shortest text is the decimal it was written as. */
function resolvePrice({ confirmPrice: _, cacheWriteHour, ...prices }: GivenPrice): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ ...prices, cacheWrite1h: cacheWriteHour }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)]],
    ),
  );
}

function resolveAws(provider: ValidatedProvider): AwsSettings {
  const { region, profile, accessKeyId, secretAccessKey, sessionToken } = provider;
  const keys =
    accessKeyId === undefined || secretAccessKey === undefined
      ? undefined
      : { accessKeyId, secretAccessKey, sessionToken };
  return { region, profile, keys };
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
