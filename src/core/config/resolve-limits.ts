// Limits as the house reads them.
import type * as z from 'zod';
import type {
  providerRateLimitsSchema,
  rateLimitsSchema,
  serverRateLimitsSchema,
  tokenLimitsSchema,
} from './schema/limits.ts';
import type { Secret } from './secret.ts';

/** At most `limit` in any `interval` (milliseconds). */
export interface ParsedRate {
  readonly limit: number;
  readonly interval: number;
}

export interface ParsedRateLimits {
  /** Whether requests are limited. Token limits do not ask. */
  readonly enabled: boolean;
  /** Whether answers tell about limits. */
  readonly headers: boolean;
  readonly storage: ParsedLimitStorage;
  readonly global: ParsedRate | undefined;
  readonly perIp: ParsedRate | undefined;
  readonly perClient: ParsedClientRate | undefined;
}

/** One limit for everybody, and others for groups. No prototype: any group's name is safe to look up. */
export interface ParsedClientRate {
  readonly standard: ParsedRate | undefined;
  readonly groups: Readonly<Record<string, ParsedRate>>;
}

/** Input tokens of a client with a model. */
export interface ParsedTokenRate extends ParsedClientRate {
  /** The provider's models have one counter. */
  readonly shared: boolean;
}

export interface ParsedTokenLimit extends ParsedRate {
  readonly name: string;
  readonly by: 'client' | 'group' | 'everyone';
  readonly count: readonly ('input' | 'output')[];
  readonly groups: readonly string[] | undefined;
  readonly models: readonly string[] | undefined;
}

/** Limits of an MCP server; a tool's own stands in the place of the server's. No prototype. */
export interface ParsedServerRates extends ParsedRate {
  readonly tools: Readonly<Record<string, ParsedRate>>;
}

export type ParsedLimitStorage =
  | { readonly type: 'memory' }
  | {
      readonly type: 'redis';
      readonly url: Secret;
      readonly keyPrefix: string;
      readonly responseTimeout: number;
      readonly connectionTimeout: number;
      readonly onError: 'memory' | 'allow' | 'deny';
      /** Absent: as the URL says. */
      readonly tls: ParsedStorageTls | undefined;
    };

export interface ParsedStorageTls {
  readonly insecure: boolean;
  readonly caCertPath: string | undefined;
  readonly clientCertPath: string | undefined;
  readonly clientKeyPath: string | undefined;
}

type GivenLimits = z.output<typeof rateLimitsSchema>;
type GivenPerUser = NonNullable<z.output<ReturnType<typeof providerRateLimitsSchema>>['perUser']>;

export function resolveRateLimits(given: GivenLimits): ParsedRateLimits {
  const { enabled = false, headers, global, perIp, perClient } = given;
  return { enabled, headers, storage: resolveStorage(given), global, perIp, perClient: resolvePerClient(perClient) };
}

function resolveStorage({ storage, onError }: GivenLimits): ParsedLimitStorage {
  const { type, url, keyPrefix, responseTimeout, connectionTimeout, tls } = storage;
  if (type === 'memory' || url === undefined) return { type: 'memory' };
  return {
    type,
    url,
    keyPrefix,
    responseTimeout,
    connectionTimeout,
    onError,
    tls: tls?.enabled === true ? resolveTls(tls) : undefined,
  };
}

function resolveTls(tls: NonNullable<GivenLimits['storage']['tls']>): ParsedStorageTls {
  const { insecure, caCertPath, clientCertPath, clientKeyPath } = tls;
  return { insecure, caCertPath, clientCertPath, clientKeyPath };
}

function resolvePerClient(given: GivenLimits['perClient']): ParsedClientRate | undefined {
  if (given === undefined) return undefined;
  const { limit, interval, groups } = given;
  const standard = limit === undefined || interval === undefined ? undefined : { limit, interval };
  return { standard, groups: plain(groups) };
}

/** A limit of 0 is none. */
export function resolveTokenRate(
  given: Omit<GivenPerUser, 'shared'> | undefined,
  shared = false,
): ParsedTokenRate | undefined {
  if (given === undefined) return undefined;
  const groups: Record<string, ParsedRate> = Object.create(null);
  for (const [group, { inputTokenLimit, interval }] of Object.entries(given.groups)) {
    groups[group] = { limit: inputTokenLimit, interval };
  }
  return { standard: { limit: given.inputTokenLimit, interval: given.interval }, groups, shared };
}

export function resolveTokenLimits(given: z.output<typeof tokenLimitsSchema>): readonly ParsedTokenLimit[] {
  return Object.entries(given).map(([name, { limit, interval, by, count, groups, models }]) => ({
    name,
    limit,
    interval,
    by,
    count,
    groups,
    models,
  }));
}

export function resolveServerRates(
  given: z.output<ReturnType<typeof serverRateLimitsSchema>> | undefined,
): ParsedServerRates | undefined {
  if (given === undefined) return undefined;
  return { limit: given.limit, interval: given.interval, tools: plain(given.tools) };
}

function plain(rates: Readonly<Record<string, ParsedRate>>): Record<string, ParsedRate> {
  return Object.assign(Object.create(null), rates);
}
