import type { Endpoint, ErrorDialect } from './endpoint.ts';
import { json } from './respond.ts';

/** Liveness: answers while the process does. */
export function healthEndpoint(path: string, dialect: ErrorDialect): Endpoint {
  return {
    name: 'health',
    method: 'GET',
    paths: [path],
    dialect,
    handle: () => json(200, '{"status":"healthy"}'),
  };
}
