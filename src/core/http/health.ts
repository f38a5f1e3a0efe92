import type { Endpoint, ErrorDialect } from './endpoint.ts';
import { json } from './respond.ts';

/**
 * Liveness: answers while the process does. `limits` says how the counters of limits are; while they are away from where
 * they should be, the answer says so, and the process goes on serving.
 */
export function healthEndpoint(
  path: string,
  dialect: ErrorDialect,
  limits: () => 'ready' | 'away' | undefined = () => undefined,
): Endpoint {
  return {
    name: 'health',
    method: 'GET',
    paths: [path],
    dialect,
    anonymous: true,
    handle: () => json(200, limits() === 'away' ? '{"status":"healthy","limits":"away"}' : '{"status":"healthy"}'),
  };
}
