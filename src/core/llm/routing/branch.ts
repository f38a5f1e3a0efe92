import { NexusError } from '../../errors/nexus-error.ts';
import { holds } from './condition.ts';
import type { Option, Route } from './route.ts';
import type { RoutedRequest } from './routed-request.ts';

/** The branch of a conditional route that a request takes. Throws `no_route` where there is none. */
export function branchOf(route: Route, request: RoutedRequest): Option {
  const read = (path: string): unknown => request.field(path);
  const index = route.config.branches.findIndex(({ when }) => holds(when, read));
  const option = index < 0 ? route.default : route.branches[index];
  if (option !== undefined) return option;
  throw new NexusError('no_route', `No branch of route '${route.name}' fits this request, and it has no default`);
}
