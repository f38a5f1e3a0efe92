// Refusals as answers: of a request that failed, and of one that nothing here is for.
import { NexusError } from '../errors/nexus-error.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Reply } from '../exchange/reply.ts';
import type { ErrorDialect } from './endpoint.ts';
import { empty, json } from './respond.ts';
import type { Match } from './router.ts';

/** An error as an answer, in a dialect. */
export function refuse(error: NexusError, dialect: ErrorDialect, id: string): Reply {
  const headers = [...(error.headers ?? []), 'x-nexus-error', error.code];
  // The rest of an oversized body is not worth reading, and who is shutting down takes no further request.
  if (error.code === 'payload_too_large' || error.code === 'shutting_down') headers.push('connection', 'close');
  return json(error.status, error.upstreamBody ?? error.body ?? dialect.encodeError(error, id), headers);
}

/**
 * The answer to a path or method that is not served; `standard` is the dialect of paths that are nobody's, `like` a path
 * that may have been meant.
 */
export function refuseMatch(
  match: Exclude<Match, { kind: 'endpoint' }>,
  exchange: Exchange,
  id: string,
  standard: ErrorDialect,
  like?: string,
): Reply {
  // Browsers ask before they know whether there is anything.
  if (match.kind === 'unknown' && exchange.method === 'OPTIONS') return empty(200);
  if (match.kind !== 'wrong_method') {
    const dialect = match.kind === 'unknown' ? match.dialect : standard;
    const hint = like === undefined ? '' : `; did you mean ${like}?`;
    return refuse(new NexusError('no_route', `There is nothing at this path${hint}`), dialect, id);
  }
  const { allow, dialect } = match;
  if (exchange.method === 'OPTIONS') return empty(200, ['allow', allow]);
  return refuse(
    new NexusError('method_not_allowed', `This path takes ${allow}`, { headers: ['allow', allow] }),
    dialect,
    id,
  );
}

/** Whether web pages of any origin may read what is at a path. */
export function isOpenToPages(match: Match): boolean {
  switch (match.kind) {
    case 'endpoint':
      return match.endpoint.openToPages === true;
    case 'wrong_method':
      return match.openToPages;
    default:
      return false;
  }
}
