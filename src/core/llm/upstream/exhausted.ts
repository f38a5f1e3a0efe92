import { NexusError } from '../../errors/nexus-error.ts';
import type { FailureClass } from '../../exchange/attempt-record.ts';
import type { Plan } from './attempt-plan.ts';

/** An attempt that failed. */
export interface Failed {
  readonly failure: FailureClass;
  readonly error: NexusError;
  /** What the provider asked to be spared for, in milliseconds. */
  readonly retryAfter: number | undefined;
  /** Place of the target in its plan. */
  readonly target: number;
}

/** Failures of a target's, of which its message says nothing about the others. */
const PASSING: ReadonlySet<FailureClass> = new Set<FailureClass>([
  'network',
  'timeout',
  'rate_limit',
  'quota',
  'server',
]);

/**
 * What the client of a route is told when no target has answered: the first failure as it is where it speaks of the
 * request, and where one target alone was tried; 429 when all were limited, with the shortest wait; 504 when all were too
 * slow; else 502. `headers` are added.
 */
export function exhausted(
  last: NexusError,
  failures: readonly Failed[],
  plan: Pick<Plan, 'route'>,
  headers: readonly string[],
): NexusError {
  const [first] = failures;
  const ending = failures.at(-1);
  // The client has left, we are closing, or the request itself was refused after all.
  const isLetGo = last.code === 'client_closed' || last.code === 'shutting_down';
  if (first === undefined || ending === undefined || isLetGo) return withHeaders(last, headers);
  if (ending.failure === 'invalid') return withHeaders(ending.error, headers);
  const targets = new Set(failures.map(({ target }) => target));
  if (targets.size === 1 || !failures.every(({ failure }) => PASSING.has(failure))) {
    return withHeaders(first.error, headers);
  }
  if (failures.every(({ failure }) => failure === 'timeout')) return withHeaders(first.error, headers);
  if (failures.every(({ failure }) => failure === 'rate_limit')) {
    const waits = failures.flatMap(({ retryAfter }) => retryAfter ?? []);
    const kept = (first.error.headers ?? []).filter(
      (_, index, all) => !/^retry-after/.test(all[index - (index % 2)] ?? ''),
    );
    const wait = waits.length === 0 ? [] : ['retry-after', String(Math.ceil(Math.min(...waits) / 1000))];
    return new NexusError(first.error.code, first.error.message, {
      status: 429,
      headers: [...kept, ...wait, ...headers],
    });
  }
  const message = `No target of route '${plan.route}' answered; the first said: ${first.error.message}`;
  return new NexusError('upstream_unavailable', message, { headers, cause: first.error });
}

function withHeaders(error: NexusError, headers: readonly string[]): NexusError {
  const { code, message, status, param, upstreamCode, upstreamBody, details, cause } = error;
  return new NexusError(code, message, {
    status,
    headers: [...(error.headers ?? []), ...headers],
    ...(param === undefined ? {} : { param }),
    ...(upstreamCode === undefined ? {} : { upstreamCode }),
    ...(upstreamBody === undefined ? {} : { upstreamBody }),
    details,
    cause,
  });
}
