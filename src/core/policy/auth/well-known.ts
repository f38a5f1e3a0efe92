import type { ParsedOAuth } from '../../config/resolve-server.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { Reply } from '../../exchange/reply.ts';
import type { OwnedPrefix } from '../../http/endpoint.ts';
import { empty, json } from '../../http/respond.ts';
import { toResponse, WebExchange } from '../../http/web.ts';
import { BrowserRules } from '../browser/browser-rules.ts';
import { isRootMetadata, metadataText } from './protected-resource.ts';

/**
 * What a host serves at its own root when it mounts Nexus under a prefix: clients look there for the protected resource
 * metadata (RFC 9728), whatever the prefix. A mount of its own, without a prefix; it owns nothing else.
 */
export interface WellKnown {
  /** Whether a path of the host is one of these documents. */
  owns(path: string): boolean;
  /** Never rejects. */
  handle(exchange: Exchange): Promise<Reply>;
  fetch(request: Request): Promise<Response>;
}

const PAGES = new BrowserRules({ cors: undefined, csrfHeader: undefined });

/** Without `oauth` there are no such documents. */
export function wellKnown(oauth: ParsedOAuth | undefined, prefixes: readonly OwnedPrefix[]): WellKnown {
  const text = oauth === undefined ? '' : metadataText(oauth);
  const owns = (path: string): boolean => oauth !== undefined && isRootMetadata(path, oauth, prefixes);
  const handle = async (exchange: Exchange): Promise<Reply> => {
    const reply = answer(exchange.method, owns(exchange.path), text);
    if (reply.status !== 404) PAGES.stamp(exchange, reply.headers, true);
    return reply;
  };
  return {
    owns,
    handle,
    fetch: async (request) => toResponse(await handle(new WebExchange(request)), request.signal),
  };
}

function answer(method: string, isServed: boolean, text: string): Reply {
  if (!isServed) return empty(404);
  if (method === 'GET') return json(200, text);
  return empty(method === 'OPTIONS' ? 200 : 405, ['allow', 'GET, OPTIONS']);
}
