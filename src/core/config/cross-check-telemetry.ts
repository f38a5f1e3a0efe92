// The endpoints for those who watch over the process: no two at one path, and nothing said that has no effect.
import type { CrossFindings, CrossIssue } from './cross-check.ts';
import type { ParsedConfig } from './resolve.ts';

/** An endpoint by the key that says where it is. */
export interface WatchedPath {
  readonly name: 'health' | 'metrics' | 'status';
  readonly place: readonly PropertyKey[];
  readonly path: string;
}

/** Those that are served. */
export function watchedPaths({ server, telemetry }: ParsedConfig): readonly WatchedPath[] {
  const all = [
    { name: 'health', place: ['server', 'health', 'path'], ...server.health },
    { name: 'metrics', place: ['telemetry', 'prometheus', 'path'], ...telemetry?.prometheus },
    { name: 'status', place: ['telemetry', 'status', 'path'], ...telemetry?.status },
  ] as const;
  return all.flatMap(({ name, place, path, enabled }) =>
    enabled === true && path !== undefined ? [{ name, place, path }] : [],
  );
}

export function telemetryFindings(config: ParsedConfig): CrossFindings {
  const issues: CrossIssue[] = [];
  const warnings: CrossIssue[] = [];
  const watched = watchedPaths(config);
  for (const [index, { path, place }] of watched.entries()) {
    const other = watched.slice(0, index).find((earlier) => holds(earlier, path));
    if (other !== undefined) issues.push({ path: place, message: `"${path}" is a path of the ${other.name} endpoint` });
  }
  for (const name of ['prometheus', 'status'] as const) {
    const { enabled = false, token, public: isPublic = false } = config.telemetry?.[name] ?? {};
    const place = ['telemetry', name];
    if (!enabled && token !== undefined) {
      warnings.push({ path: [...place, 'token'], message: 'has no effect, as the endpoint is not enabled' });
    }
    if (isPublic && (token !== undefined || config.server.oauth !== undefined)) {
      const protection = token !== undefined ? 'token' : 'server.oauth';
      warnings.push({ path: [...place, 'public'], message: `has no effect beside ${protection}` });
    }
  }
  return { issues, warnings };
}

/** Readiness is told below the path of health. */
function holds({ name, path }: WatchedPath, other: string): boolean {
  return other === path || (name === 'health' && other === `${path === '/' ? '' : path}/ready`);
}
