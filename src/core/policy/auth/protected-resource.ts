// Where clients learn who gives them tokens (RFC 9728).
import type { ParsedOAuth } from '../../config/resolve-server.ts';
import type { Endpoint, ErrorDialect, OwnedPrefix } from '../../http/endpoint.ts';
import { json } from '../../http/respond.ts';
import { METADATA_PATH } from './challenge.ts';

/** The document: the same one wherever it is served. */
export function metadataText({ resource, authorizationServers, requiredScopes }: ParsedOAuth): string {
  return JSON.stringify({
    resource,
    authorization_servers: authorizationServers,
    ...(requiredScopes.length === 0 ? {} : { scopes_supported: requiredScopes }),
  });
}

/** Serves it below the mount: at the root's address, and at those of everything that is below `prefixes`. */
export function metadataEndpoint(
  oauth: ParsedOAuth,
  prefixes: readonly OwnedPrefix[],
  dialect: ErrorDialect,
): Endpoint {
  const text = metadataText(oauth);
  const suffixes = new Set(prefixes.flatMap(({ prefix }) => [prefix, `${prefix}/`]));
  const own = resourcePath(oauth);
  return {
    name: 'oauth.metadata',
    method: 'GET',
    paths: [...new Set(['', ...(own === '' ? [] : [own]), ...suffixes])].map((suffix) => `${METADATA_PATH}${suffix}`),
    dialect,
    anonymous: true,
    openToPages: true,
    handle: () => json(200, text),
  };
}

/**
 * Whether a path at the root of the host, outside of any mount, is the address of our document: clients put the
 * resource's whole path behind it, with the mount's prefix in front of ours.
 */
export function isRootMetadata(path: string, oauth: ParsedOAuth, prefixes: readonly OwnedPrefix[]): boolean {
  if (!path.startsWith(METADATA_PATH)) return false;
  const suffix = path.slice(METADATA_PATH.length);
  if (suffix === '' || suffix === '/' || suffix === resourcePath(oauth)) return true;
  return (
    suffix.startsWith('/') &&
    prefixes.some(({ prefix }) => prefix !== '' && (suffix.endsWith(prefix) || suffix.includes(`${prefix}/`)))
  );
}

function resourcePath({ resource }: ParsedOAuth): string {
  return new URL(resource).pathname.replace(/\/$/, '');
}
