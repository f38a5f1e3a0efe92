import type { ParsedRoute } from '../../config/resolve-routes.ts';
import type { Capability } from '../../config/route-words.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import type { Plan } from '../upstream/attempt-plan.ts';
import { branchOf } from './branch.ts';
import type { Leaf, Option, Route } from './route.ts';
import type { Priority, RoutedRequest } from './routed-request.ts';
import { type ModelChoice, smartOrder } from './smart/choice.ts';
import { byTier } from './smart/fit.ts';
import { abOrder, betterOfTwo, cheapestFirst, type Random, stickyFirst, weightedOrder } from './strategies/ordering.ts';

/** What an ordering may ask. */
export interface PlanContext {
  readonly request: RoutedRequest;
  /** Monotonic clock, milliseconds. */
  readonly now: number;
  readonly random: Random;
  /** What the classifier of a smart route said, where one was asked. */
  readonly choice?: ModelChoice | undefined;
}

/** Why a target is not among those that are tried. */
export interface Exclusion {
  readonly leaf: Leaf;
  readonly reason: string;
}

/** A request for a route → its targets in the order they are to be tried. Throws when nobody is left. */
export function planOf(route: Route, context: PlanContext): Plan & { readonly candidates: readonly Leaf[] } {
  const excluded = exclusionsOf(route, context.request);
  const order = flattened(route, context, excluded);
  const [first] = order;
  if (first === undefined) throw noTarget(route, excluded);
  const candidates = order.every(({ breaker, health }) => rankOf(breaker, health, context.now) === 0)
    ? order
    : byHealth(order, context.now);
  const { config, policy, name } = route;
  const variant = config.strategy === 'ab' ? `${config.experiment}/${first.name}` : undefined;
  return { candidates, policy, route: name, variant };
}

/** 0: healthy, or half open and due for its trial; 1: resting, open, or on trial right now. */
export function rankOf(breaker: Leaf['breaker'], health: Leaf['health'], now: number): 0 | 1 {
  if (health.rests(now)) return 1;
  const state = breaker.state(now);
  return state === 'open' || state === 'trying' ? 1 : 0;
}

/** Those that should not be called come last; if it is all of them, nothing changes. */
function byHealth(order: readonly Leaf[], now: number): Leaf[] {
  const isWell = ({ breaker, health }: Leaf): boolean => rankOf(breaker, health, now) === 0;
  return [...order.filter(isWell), ...order.filter((leaf) => !isWell(leaf))];
}

/** The order of a route's options, each with what stands behind it; every target once. */
function flattened(route: Route, context: PlanContext, excluded: ReadonlyMap<Leaf, string>): Leaf[] {
  const order: Leaf[] = [];
  const add = (node: Leaf | Route): void => {
    if (node.kind === 'route') {
      for (const leaf of flattened(node, context, excluded)) add(leaf);
    } else if (!excluded.has(node) && !order.some((leaf) => leaf.target === node.target)) order.push(node);
  };
  for (const { node } of ordered(route, context, excluded)) add(node);
  for (const { node } of route.fallback) add(node);
  return order;
}

function ordered(route: Route, context: PlanContext, excluded: ReadonlyMap<Leaf, string>): readonly Option[] {
  const { config } = route;
  if (config.strategy === 'conditional') return [branchOf(route, context.request)];
  const isEligible = ({ node }: Option): boolean =>
    node.kind === 'target' ? !excluded.has(node) : node.leaves.some((leaf) => !excluded.has(leaf));
  const options = excluded.size === 0 ? route.open : route.open.filter(isEligible);
  if (config.strategy === 'ab') return abOrder(options, config.experiment, context.request.unit(config.sticky) ?? '');
  const isWell = ({ node }: Option): boolean => isHealthy(node, context.now);
  if (options.every(isWell)) return chosen(route, options, context);
  const well = options.filter(isWell);
  return [
    ...chosen(route, well, context),
    ...chosen(
      route,
      options.filter((option) => !isWell(option)),
      context,
    ),
  ];
}

function isHealthy(node: Leaf | Route, now: number): boolean {
  if (node.kind === 'target') return rankOf(node.breaker, node.health, now) === 0;
  for (const leaf of node.leaves) if (rankOf(leaf.breaker, leaf.health, now) === 0) return true;
  return false;
}

function chosen(route: Route, options: readonly Option[], context: PlanContext): readonly Option[] {
  if (options.length < 2) return options;
  const { config } = route;
  const order = byStrategy(route, options, context);
  if (orderingOf(route, context.request) !== config.strategy) return order;
  if (config.sticky === 'none' || config.strategy === 'single' || config.strategy === 'fallback') return order;
  const unit = context.request.unit(config.sticky);
  return unit === undefined ? order : stickyFirst(order, unit, ({ node }) => node.name);
}

/** What the targets are ordered by: the caller's word where the route heeds it, else the route's strategy. */
export function orderingOf({ config }: Route, { priority }: RoutedRequest): ParsedRoute['strategy'] | Priority {
  return config.callerPriority && priority !== undefined ? priority : config.strategy;
}

function byStrategy(route: Route, options: readonly Option[], context: PlanContext): readonly Option[] {
  const { config } = route;
  const { now, random, request } = context;
  switch (orderingOf(route, request)) {
    case 'smart':
      return smartOrder(route, options, request, context.choice);
    case 'quality':
      return byTier(options);
    case 'weighted':
      return weightedOrder(options, random);
    case 'latency': {
      const best = bestTime(route, request.stream, now);
      return betterOfTwo(
        options,
        (option) => latencyScore(option, route, request.stream, now, best),
        random,
        config.explore,
      );
    }
    case 'least_busy':
      return betterOfTwo(options, ({ node, weight }) => inFlightOf(node) / weight, random);
    case 'cost': {
      const best = bestTime(route, request.stream, now);
      return cheapestFirst(
        options,
        ({ node }) => expectedCost(node, route, request),
        (option) => latencyScore(option, route, request.stream, now, best),
      );
    }
    default:
      return options;
  }
}

function inFlightOf(node: Leaf | Route): number {
  if (node.kind === 'target') return node.health.inFlight;
  let count = 0;
  for (const { health } of node.leaves) count += health.inFlight;
  return count;
}

function timesOf({ health }: Leaf, { config }: Route, stream: boolean) {
  if (stream) return health.streamed;
  return config.metric === 'per_token' ? health.perToken : health.whole;
}

function bestTime(route: Route, stream: boolean, now: number): number | undefined {
  let best: number | undefined;
  for (const leaf of route.leaves) {
    const times = timesOf(leaf, route, stream);
    if (times.estimate === undefined) continue;
    const time = times.read(now, route.config.decay, undefined);
    if (best === undefined || time < best) best = time;
  }
  return best;
}

/** Of a route, that of its best target. A target nobody has measured gets one call at a time until it has answered. */
function latencyScore(
  { node, weight }: Option,
  route: Route,
  stream: boolean,
  now: number,
  best: number | undefined,
): number {
  let score = Number.POSITIVE_INFINITY;
  for (const leaf of node.kind === 'target' ? [node] : node.leaves) {
    const times = timesOf(leaf, route, stream);
    const isCold = times.estimate === undefined && leaf.health.inFlight > 0 && best !== undefined;
    const time = times.read(now, route.config.decay, best);
    if (!isCold) score = Math.min(score, (time * (leaf.health.inFlight + 1)) / weight);
  }
  return score;
}

/** In nano-dollars; of a route, that of its cheapest target. */
function expectedCost(node: Leaf | Route, route: Route, request: RoutedRequest): number | undefined {
  let least: number | undefined;
  const output = Math.round(Math.min(request.maxTokens ?? Number.POSITIVE_INFINITY, route.output.tokens));
  for (const { price } of node.kind === 'target' ? [node] : node.leaves) {
    const cost = price?.costOf({ input: request.inputTokens, output, cacheRead: 0, cacheWrite: 0, reasoning: 0 });
    // What has no price in the row is not free.
    if (cost === undefined || cost.unpriced.length > 0) continue;
    if (least === undefined || cost.nanoUsd < least) least = cost.nanoUsd;
  }
  return least;
}

/** Everything below a route that cannot or must not take this request, with the reason. */
export function exclusionsOf(route: Route, request: RoutedRequest): ReadonlyMap<Leaf, string> {
  const { leaves } = route;
  const excluded = new Map<Leaf, string>();
  excludeByPrice(route, leaves, excluded);
  excludeIncapable(leaves, request, excluded);
  excludeNarrow(leaves, request, excluded);
  return excluded;
}

const NOTHING_ELSE = { cacheRead: 0, cacheWrite: 0, reasoning: 0 };

/** US dollars per million tokens; `undefined`: it has no price. */
export function pricesOf({ price }: Leaf): { readonly input: number; readonly output: number } | undefined {
  if (price === undefined) return undefined;
  // Per thousand, so that prices of long requests do not come in.
  const perMillion = (input: number, output: number): number =>
    price.costOf({ ...NOTHING_ELSE, input, output }).nanoUsd / 1e6;
  return { input: perMillion(1000, 0), output: perMillion(0, 1000) };
}

function excludeByPrice({ config }: Route, leaves: readonly Leaf[], excluded: Map<Leaf, string>): void {
  const { maxInputPrice, maxOutputPrice } = config;
  if (maxInputPrice === undefined && maxOutputPrice === undefined) return;
  for (const leaf of leaves) {
    const price = pricesOf(leaf);
    if (price === undefined) excluded.set(leaf, 'has no price, and the route has a highest one');
    else if (maxInputPrice !== undefined && price.input > maxInputPrice)
      excluded.set(leaf, `costs ${price.input} per million read`);
    else if (maxOutputPrice !== undefined && price.output > maxOutputPrice) {
      excluded.set(leaf, `costs ${price.output} per million written`);
    }
  }
}

/**
 * Leaves out what is known to lack something, and what may lack it as long as another target is known to have it. Where
 * nobody knows anything, the vendor judges.
 */
function excludeIncapable(leaves: readonly Leaf[], request: RoutedRequest, excluded: Map<Leaf, string>): void {
  if (leaves.every(({ facts }) => facts.capabilities === undefined)) return;
  const { needs } = request;
  if (needs.size === 0) return;
  const missing = (leaf: Leaf): Capability | undefined => {
    for (const need of needs) if (leaf.facts.capabilities?.has(need) === false) return need;
    return undefined;
  };
  const left = leaves.filter((leaf) => !excluded.has(leaf));
  const isSomeoneKnown = left.some((leaf) => leaf.facts.capabilities !== undefined && missing(leaf) === undefined);
  for (const leaf of left) {
    const lack = missing(leaf);
    if (lack !== undefined) excluded.set(leaf, `lacks ${lack}`);
    else if (isSomeoneKnown && leaf.facts.capabilities === undefined) {
      excluded.set(leaf, `is not known to have ${[...needs].join(', ')}`);
    }
  }
}

/** An estimate may be too high by this much. */
const OVERESTIMATE = 1.6;

function excludeNarrow(leaves: readonly Leaf[], request: RoutedRequest, excluded: Map<Leaf, string>): void {
  const left = leaves.filter((leaf) => !excluded.has(leaf));
  const windowOf = ({ facts }: Leaf): number => facts.contextWindow ?? Number.POSITIVE_INFINITY;
  // Every token has at least a byte.
  if (left.every((leaf) => request.size <= windowOf(leaf))) return;
  const tokens = request.inputTokens;
  const narrow = left.filter((leaf) => tokens > windowOf(leaf));
  const widest = Math.max(...left.map(windowOf));
  for (const leaf of narrow) {
    // If nobody seems wide enough, the estimate may be wrong about the widest.
    if (narrow.length === left.length && windowOf(leaf) === widest && tokens <= widest * OVERESTIMATE) continue;
    excluded.set(leaf, `reads ${windowOf(leaf)} tokens at most, and the request has about ${tokens}`);
  }
}

function noTarget(route: Route, excluded: ReadonlyMap<Leaf, string>): NexusError {
  const reasons = [...excluded].map(([{ name }, reason]) => `${name} ${reason}`);
  const why = reasons.length === 0 ? '' : `: ${reasons.join('; ')}`;
  return new NexusError('no_capable_target', `No target of route '${route.name}' can take this request${why}`, {
    param: 'model',
  });
}
