// The `llm.routes` table as the house reads it: targets as tables, defaults of the plane filled in, sticky units named.
import type * as z from 'zod';
import type { FallbackClass, Task, Tier } from './route-words.ts';
import type { Condition } from './schema/condition.ts';
import type { retrySchema, routeSchema } from './schema/routes.ts';

type Validated = z.output<ReturnType<typeof routeSchema>>;

export type { Condition, Plain, Test } from './schema/condition.ts';
export type Strategy = Validated['strategy'];
/** Waits in milliseconds. */
export type ParsedRetry = Readonly<z.output<typeof retrySchema>>;
export type ParsedBreaker = Readonly<Validated['breaker']>;

/** Whose calls stay together. `default`: the user, else the key, else nobody. */
export type Sticky = 'none' | 'default' | 'key' | 'user' | 'session' | { readonly header: string };

export interface ParsedRouteTarget {
  /** `provider/model`, or the name of a route without `route:`. */
  readonly model: string;
  readonly isRoute: boolean;
  readonly weight: number;
  /** Absent: meant for requests of any difficulty. */
  readonly tier?: Tier | undefined;
  /** Absent: meant for any. */
  readonly tasks?: readonly Task[] | undefined;
}

export interface ParsedRoute {
  readonly name: string;
  readonly strategy: Strategy;
  readonly targets: readonly ParsedRouteTarget[];
  /** Behind the targets, in this order. */
  readonly fallback: readonly ParsedRouteTarget[];
  readonly sticky: Sticky;
  /** Absent deadlines are the provider's. */
  readonly timeout: number | undefined;
  readonly firstByteTimeout: number | undefined;
  readonly idleTimeout: number | undefined;
  readonly retry: ParsedRetry;
  readonly breaker: ParsedBreaker;
  readonly maxAttemptsTotal: number;
  /** Empty: no other target is tried. */
  readonly fallbackOn: readonly FallbackClass[];
  readonly experiment: string;
  readonly metric: 'latency' | 'per_token';
  readonly decay: number;
  readonly explore: number;
  readonly maxInputPrice: number | undefined;
  readonly maxOutputPrice: number | undefined;
  readonly branches: readonly { readonly when: Condition; readonly use: ParsedRouteTarget }[];
  readonly default: ParsedRouteTarget | undefined;
  /** Who judges requests for smart; absent: a look at the text. */
  readonly classifier: ParsedRouteTarget | undefined;
  readonly callerPriority: boolean;
}

/** `names`: all routes there are. */
export function resolveRoute(
  name: string,
  route: Validated,
  retry: ParsedRetry,
  names: ReadonlySet<string>,
): ParsedRoute {
  const { targets, fallback, branches, classifier, experiment = name, failover = route.strategy !== 'ab' } = route;
  const one = (model: string, weight = 1): ParsedRouteTarget => targetOf(model, weight, names);
  return {
    name,
    strategy: route.strategy,
    targets: targets.map((target) => {
      if (typeof target === 'string') return one(target);
      const { model, weight, tier, tasks } = target;
      return { ...one(model, weight), tier, tasks };
    }),
    fallback: fallback.map((model) => one(model)),
    sticky: stickyOf(route.sticky, route.strategy),
    timeout: route.timeout,
    firstByteTimeout: route.firstByteTimeout,
    idleTimeout: route.idleTimeout,
    retry: route.retry ?? retry,
    breaker: route.breaker,
    maxAttemptsTotal: route.maxAttemptsTotal,
    fallbackOn: failover ? route.fallbackOn : [],
    experiment,
    metric: route.metric,
    decay: route.decay,
    explore: route.explore,
    maxInputPrice: route.maxInputPrice,
    maxOutputPrice: route.maxOutputPrice,
    branches: branches.map(({ when, use }) => ({ when, use: one(use) })),
    default: route.default === undefined ? undefined : one(route.default),
    classifier: classifier === 'heuristic' ? undefined : one(classifier),
    callerPriority: route.callerPriority,
  };
}

function targetOf(written: string, weight: number, names: ReadonlySet<string>): ParsedRouteTarget {
  const named = written.startsWith('route:');
  const model = named ? written.slice('route:'.length) : written;
  return { model, isRoute: named || names.has(model), weight };
}

function stickyOf(written: string | undefined, strategy: Strategy): Sticky {
  if (written === undefined) return strategy === 'ab' ? 'default' : 'none';
  if (written.startsWith('header:')) return { header: written.slice('header:'.length) };
  return written === 'key' || written === 'user' || written === 'session' ? written : 'none';
}
