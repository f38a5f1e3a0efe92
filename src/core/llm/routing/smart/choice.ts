import { branchOf } from '../branch.ts';
import type { Option, Route } from '../route.ts';
import type { RoutedRequest } from '../routed-request.ts';
import { byFit } from './fit.ts';

/** What a route's classifier said of a request. */
export interface ModelChoice {
  readonly route: Route;
  /** The target it named; absent: the default is chosen. */
  readonly target: string | undefined;
  readonly why: string;
}

/**
 * The smart route that a request comes to for certain, if there is one: the route itself, or what it leads to by its
 * branches or as its first target. Elsewhere smart routes are judged by their texts, as nobody may come to them.
 */
export function certainSmartRoute(route: Route, request: RoutedRequest): Route | undefined {
  const { strategy } = route.config;
  if (strategy === 'smart') return route;
  const isListed = strategy === 'fallback' || strategy === 'single';
  const next = strategy === 'conditional' ? branchOf(route, request) : isListed ? route.open[0] : undefined;
  return next?.node.kind === 'route' ? certainSmartRoute(next.node, request) : undefined;
}

/** The chosen target, the default, then the others by how well they fit. */
export function smartOrder(
  route: Route,
  options: readonly Option[],
  request: RoutedRequest,
  choice: ModelChoice | undefined,
): readonly Option[] {
  const isOther = (option: Option): boolean => option !== route.default;
  const rest = options.filter(isOther);
  const otherwise = options.filter((option) => !isOther(option));
  if (choice?.route === route) {
    const named = options.find(({ node }) => node.name === choice.target);
    return named === undefined ? [...otherwise, ...rest] : [named, ...without([...otherwise, ...rest], named)];
  }
  const judgement = route.judge && request.judgement(route.judge);
  if (judgement === undefined) return [...otherwise, ...rest];
  const [best, ...others] = byFit(options, judgement);
  return best === undefined ? [] : [best, ...without(otherwise, best), ...others.filter(isOther)];
}

function without(options: readonly Option[], one: Option): Option[] {
  return options.filter((option) => option !== one);
}
