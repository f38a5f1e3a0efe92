import type { Target } from '../providers/target.ts';
import { exclusionsOf, orderingOf, type PlanContext, planOf, rankOf } from './plan.ts';
import type { Leaf, Option, Route } from './route.ts';
import type { Priority } from './routed-request.ts';
import { certainSmartRoute } from './smart/choice.ts';
import type { Judgement } from './smart/judge-text.ts';

/** Where a request would go. */
export interface Explanation {
  /** The model as the client names it. */
  readonly model: string;
  /** Absent: the client names the target itself. */
  readonly route: string | undefined;
  readonly strategy: string | undefined;
  /** The arm of an ab test. */
  readonly variant: string | undefined;
  /** What `X-Nexus-Priority` says; whether the route heeds it is in `orderedBy`. */
  readonly priority: Priority | undefined;
  /** What the targets are ordered by: the caller's priority where the route heeds it, else the strategy. */
  readonly orderedBy: string | undefined;
  /** How a smart route judges the request. */
  readonly smart: ExplainedChoice | undefined;
  /** Every target there is, those that would be tried first, in their order. */
  readonly targets: readonly ExplainedTarget[];
}

export interface ExplainedChoice extends Partial<Judgement> {
  /** The smart route; not the one that was named where that leads to it. */
  readonly route: string;
  /** `heuristic`, or who is asked. */
  readonly classifier: string;
  readonly why: string;
}

export interface ExplainedTarget {
  /** `provider/model`, as configured. */
  readonly target: string;
  readonly provider: string;
  /** The vendor's name of the model. */
  readonly model: string;
  /** Place in the order of attempts, from 1; absent: it would not be tried. */
  readonly position: number | undefined;
  /** Why it would not be tried, or why it comes late. */
  readonly reason: string | undefined;
  readonly state: 'healthy' | 'resting' | 'open' | 'half_open' | 'trying';
  /** Calls under way that routes know of. */
  readonly inFlight: number;
  /** How likely it is tried first, where chance or nothing decides; absent where what was learnt does. */
  readonly probability: number | undefined;
}

/** What `planOf` would do, with reasons. Changes nothing and calls nobody. Throws as `planOf` does. */
export function explain(route: Route, model: string, context: PlanContext): Explanation {
  const { candidates, variant } = planOf(route, context);
  const excluded = exclusionsOf(route, context.request);
  const shares = sharesOf(route, context, excluded);
  const [first] = candidates;
  const describe = (leaf: Leaf): ExplainedTarget => {
    const position = candidates.indexOf(leaf) + 1;
    const state = leaf.health.rests(context.now) ? 'resting' : leaf.breaker.state(context.now);
    const isLate = position > 0 && rankOf(leaf.breaker, leaf.health, context.now) > 0;
    const { provider, model: upstream } = leaf.target;
    return {
      target: leaf.name,
      provider: provider.name,
      model: upstream,
      position: position > 0 ? position : undefined,
      reason:
        position > 0
          ? isLate
            ? `comes last: it is ${state}`
            : undefined
          : (excluded.get(leaf) ?? notChosen(leaf, route)),
      state: state === 'closed' ? 'healthy' : state,
      inFlight: leaf.health.inFlight,
      probability:
        shares === undefined ? undefined : (shares.get(leaf) ?? (shares.size === 0 && leaf === first ? 1 : 0)),
    };
  };
  const targets = route.leaves.map(describe);
  const { priority } = context.request;
  const order = ({ position = Number.POSITIVE_INFINITY }: ExplainedTarget): number => position;
  return {
    model,
    route: route.name,
    strategy: route.config.strategy,
    variant,
    priority,
    orderedBy: orderingOf(route, context.request),
    smart: choiceOf(route, context),
    targets: targets.sort((a, b) => (order(a) === order(b) ? 0 : order(a) - order(b))),
  };
}

/** The same for a target that the client names itself. */
export function explainTarget({ alias, provider, model: upstream }: Target, model: string): Explanation {
  const target: ExplainedTarget = {
    target: `${provider.name}/${alias}`,
    provider: provider.name,
    model: upstream,
    position: 1,
    reason: undefined,
    state: 'healthy',
    inFlight: 0,
    probability: 1,
  };
  const none = { route: undefined, strategy: undefined, variant: undefined, priority: undefined, orderedBy: undefined };
  return { model, ...none, smart: undefined, targets: [target] };
}

function choiceOf(named: Route, { request, choice }: PlanContext): ExplainedChoice | undefined {
  const route = certainSmartRoute(named, request);
  if (route === undefined || orderingOf(route, request) !== 'smart') return undefined;
  const { name, classifier } = route;
  if (classifier !== undefined) {
    const why = choice?.why ?? 'would be asked with the request; until it has answered, the default stands first';
    return { route: name, classifier: classifier.node.name, why };
  }
  const judgement = route.judge && request.judgement(route.judge);
  if (judgement === undefined)
    return { route: name, classifier: 'heuristic', why: 'the request has no text: the default' };
  const { task, difficulty } = judgement;
  return {
    route: name,
    classifier: 'heuristic',
    task,
    difficulty,
    why: `by its words, ${task} of ${difficulty} difficulty`,
  };
}

function notChosen(leaf: Leaf, { targets }: Route): string {
  return targets.some(({ node, weight }) => node === leaf && weight === 0)
    ? 'is drained: its weight is 0'
    : 'stands in a branch that is not taken, or twice';
}

/** Shares of a weighted route's targets; empty where the first is certain; `undefined` where it cannot be said. */
function sharesOf(
  route: Route,
  { now, request }: PlanContext,
  excluded: ReadonlyMap<Leaf, string>,
): ReadonlyMap<Leaf, number> | undefined {
  const { sticky } = route.config;
  const strategy = orderingOf(route, request);
  if (strategy === 'latency' || strategy === 'least_busy') return undefined;
  if (strategy !== 'weighted' || sticky !== 'none') return new Map();
  const isOpen = ({ node }: Option): boolean => node.kind === 'target' && !excluded.has(node);
  const open = route.open.filter(isOpen);
  if (open.length !== route.open.filter(({ node }) => node.kind === 'target').length && open.length === 0)
    return new Map();
  if (route.open.some(({ node }) => node.kind === 'route')) return undefined;
  const well = open.filter(({ node }) => node.kind === 'target' && rankOf(node.breaker, node.health, now) === 0);
  const counted = well.length > 0 ? well : open;
  const total = counted.reduce((sum, { weight }) => sum + weight, 0);
  return new Map(
    counted.flatMap(({ node, weight }) => (node.kind === 'target' ? [[node, weight / total] as const] : [])),
  );
}
