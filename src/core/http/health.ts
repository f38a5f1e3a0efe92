import type { Reply } from '../exchange/reply.ts';
import type { Endpoint, ErrorDialect } from './endpoint.ts';
import { json } from './respond.ts';

/**
 * Why no work should be sent here: not everything is loaded yet, or could be; the process is on its way out; or every
 * request would be refused, for want of the counters of limits.
 */
export type Unready = 'starting' | 'draining' | 'limits_away';

export interface HealthFacts {
  /** `undefined`: requests can be served. */
  unready(): Unready | undefined;
  /** Whether the counters of limits are where they should be; absent: there are none. */
  limits(): 'ready' | 'away' | undefined;
}

/** Where readiness is told, below the path of the health endpoint. */
function readinessPath(path: string): string {
  return path === '/' ? '/ready' : `${path}/ready`;
}

/**
 * Two endpoints for those who watch over the process. Liveness is 200 while the process answers, and 503 from the moment
 * it is on its way out, so that a load balancer that knows only this one sends no more. Readiness is 503 also while
 * nothing could be served. Neither asks a provider: that one is down is no reason to send requests nowhere.
 */
export function healthEndpoints(path: string, dialect: ErrorDialect, facts: HealthFacts): Endpoint[] {
  const endpoint = { method: 'GET', dialect, anonymous: true, always: true } as const;
  return [
    {
      ...endpoint,
      name: 'health',
      paths: [path],
      handle: () => {
        if (facts.unready() === 'draining') return unreadyReply('draining');
        return json(200, facts.limits() === 'away' ? '{"status":"healthy","limits":"away"}' : '{"status":"healthy"}');
      },
    },
    {
      ...endpoint,
      name: 'health.ready',
      paths: [readinessPath(path)],
      handle: () => {
        const reason = facts.unready();
        return reason === undefined ? json(200, '{"status":"ready"}') : unreadyReply(reason);
      },
    },
  ];
}

/** Who asks a second time while it drains is to find nobody. */
function unreadyReply(reason: Unready): Reply {
  return json(503, `{"status":"${reason}"}`, reason === 'draining' ? ['connection', 'close'] : []);
}
