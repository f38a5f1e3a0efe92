// The `server` table as the house reads it: who calls, what web pages may do, where it listens.
import type * as z from 'zod';
import { type ParsedRateLimits, resolveRateLimits } from './resolve-limits.ts';
import type { OriginChoice } from './schema/browser.ts';
import type { serverSchema } from './schema/server.ts';
import type { ListenAddress } from './schema/values.ts';

type Validated = z.output<typeof serverSchema>;

export interface ParsedServer {
  /** Where `nexus serve` listens. */
  readonly listenAddress: ListenAddress;
  /** With `listen`, `nexus serve` answers it there and nowhere else. */
  readonly health: { readonly enabled: boolean; readonly path: string; readonly listen: ListenAddress | undefined };
  /** Milliseconds that requests have to end when `nexus serve` stops. */
  readonly drain: number;
  /** Whether `nexus serve` takes up changes of its file. */
  readonly watch: boolean;
  /** Paths of PEM files. */
  readonly tls: { readonly certificate: string; readonly key: string } | undefined;
  /** Absent: nothing is said to pages of other origins. */
  readonly cors: ParsedCors | undefined;
  /** The header every request must have, in lower case; absent: none. */
  readonly csrfHeader: string | undefined;
  readonly oauth: ParsedOAuth | undefined;
  /** Absent: nobody is asked. */
  readonly identification: ParsedIdentification | undefined;
  readonly clientIp: { readonly realIp: boolean; readonly trustedHops: number | undefined };
  /** Addresses and networks; absent: every peer's headers are believed. */
  readonly trustedProxies: readonly string[] | undefined;
  readonly maxBody: number;
  readonly rateLimits: ParsedRateLimits;
}

export interface ParsedCors {
  readonly credentials: boolean;
  readonly origins: '*' | OriginChoice | undefined;
  /** In milliseconds. */
  readonly maxAge: number | undefined;
  readonly methods: '*' | readonly string[] | undefined;
  readonly allowedHeaders: '*' | readonly string[] | undefined;
  readonly exposedHeaders: '*' | readonly string[] | undefined;
  readonly privateNetwork: boolean;
}

export interface ParsedOAuth {
  /** Where the key set is. */
  readonly keySetUrl: string;
  /** Milliseconds a key set counts; absent: until it is found wanting. */
  readonly pollInterval: number | undefined;
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
  readonly requiredScopes: readonly string[];
  /** In milliseconds. */
  readonly leeway: number;
  readonly resource: string;
  readonly authorizationServers: readonly string[];
}

export interface ParsedIdentification {
  readonly clientId: IdentitySource;
  readonly groupId: IdentitySource | undefined;
  /** Empty: any. */
  readonly groupValues: readonly string[];
}

/** A claim, by its dotted path; or a header, in lower case. */
export type IdentitySource = { readonly claim: string } | { readonly header: string };

type GivenSource = Validated['clientIdentification']['clientId'];

export function resolveServer(server: Validated): ParsedServer {
  const { health, clientIdentification: identification, clientIp, csrf, cors, oauth } = server;
  return {
    listenAddress: server.listenAddress,
    health: { ...health, listen: health.listen },
    drain: server.drain,
    watch: server.watch,
    tls: server.tls,
    cors: cors && {
      credentials: cors.allowCredentials,
      origins: cors.allowOrigins,
      maxAge: cors.maxAge,
      methods: cors.allowMethods,
      allowedHeaders: cors.allowHeaders,
      exposedHeaders: cors.exposeHeaders,
      privateNetwork: cors.allowPrivateNetwork,
    },
    csrfHeader: csrf.enabled ? csrf.headerName : undefined,
    oauth: oauth && {
      keySetUrl: oauth.url,
      pollInterval: oauth.pollInterval,
      issuer: oauth.expectedIssuer,
      audience: oauth.expectedAudience,
      requiredScopes: oauth.requiredScopes,
      leeway: oauth.leeway,
      resource: oauth.protectedResource.resource,
      authorizationServers: oauth.protectedResource.authorizationServers,
    },
    identification: identification.enabled
      ? {
          clientId: sourceOf(identification.clientId),
          groupId: identification.groupId && sourceOf(identification.groupId),
          groupValues: identification.validation.groupValues,
        }
      : undefined,
    clientIp: { realIp: clientIp.xRealIp, trustedHops: clientIp.xForwardedForTrustedHops },
    trustedProxies: server.trustedProxies,
    maxBody: server.maxBody,
    rateLimits: resolveRateLimits(server.rateLimits),
  };
}

function sourceOf({ jwtClaim, httpHeader }: GivenSource): IdentitySource {
  return httpHeader === undefined ? { claim: jwtClaim ?? 'sub' } : { header: httpHeader };
}
