// What no single value of a route shows: targets that do not exist, circles, and routes that could never choose.
import type { CrossIssue } from './cross-check.ts';
import { nearestName } from './issues.ts';
import type { ParsedConfig } from './resolve.ts';
import type { Condition, ParsedRoute, ParsedRouteTarget } from './resolve-routes.ts';

type Llm = ParsedConfig['llm'];
const DEEPEST = 10;

export function routeIssues(llm: Llm): CrossIssue[] {
  const issues: CrossIssue[] = [];
  for (const route of Object.values(llm.routes)) {
    const path = ['llm', 'routes', route.name];
    issues.push(...shapeIssues(path, route));
    for (const { target, place } of placedTargets(route)) {
      const message = unknownTarget(target, llm);
      if (message !== undefined) issues.push({ path: [...path, ...place], message });
    }
  }
  return [...issues, ...circles(llm)];
}

/** Conditions that never hold in this release. */
export function routeWarnings(llm: Llm): CrossIssue[] {
  return Object.values(llm.routes).flatMap(({ name, branches }) =>
    branches.flatMap(({ when }, index) =>
      asksFor(when, 'guardrails.tags')
        ? [
            {
              path: ['llm', 'routes', name, 'branches', index, 'when'],
              message: 'asks for guardrails.tags, which no guardrail sets; the field counts as missing',
            },
          ]
        : [],
    ),
  );
}

function asksFor(condition: Condition, path: string): boolean {
  if (condition.kind === 'field') return condition.path === path;
  return condition.kind === 'not'
    ? asksFor(condition.condition, path)
    : condition.conditions.some((inner) => asksFor(inner, path));
}

function shapeIssues(path: readonly PropertyKey[], route: ParsedRoute): CrossIssue[] {
  const { strategy, targets, branches } = route;
  if (strategy === 'conditional') {
    if (targets.length > 0)
      return [{ path: [...path, 'targets'], message: 'conditional chooses by branches; remove it' }];
    return branches.length > 0
      ? []
      : [{ path: [...path, 'branches'], message: 'conditional needs at least one branch' }];
  }
  const issues: CrossIssue[] = [];
  if (branches.length > 0) issues.push({ path: [...path, 'branches'], message: `has no meaning for ${strategy}` });
  if (route.default !== undefined)
    issues.push({ path: [...path, 'default'], message: `has no meaning for ${strategy}` });
  if (targets.length === 0) issues.push({ path: [...path, 'targets'], message: 'needs at least one target' });
  else if (targets.every(({ weight }) => weight === 0)) {
    issues.push({ path: [...path, 'targets'], message: 'all weights are 0, so no target could ever be chosen' });
  }
  if (strategy === 'single' && targets.length > 1) {
    issues.push({ path: [...path, 'targets'], message: 'single takes one target; put the others into fallback' });
  }
  return issues;
}

interface Placed {
  readonly target: ParsedRouteTarget;
  readonly place: readonly PropertyKey[];
}

function placedTargets(route: ParsedRoute): Placed[] {
  return [
    ...route.targets.map((target, index) => ({ target, place: ['targets', index] })),
    ...route.fallback.map((target, index) => ({ target, place: ['fallback', index] })),
    ...route.branches.map(({ use }, index) => ({ target: use, place: ['branches', index, 'use'] })),
    ...(route.default === undefined ? [] : [{ target: route.default, place: ['default'] }]),
  ];
}

function unknownTarget({ model, isRoute }: ParsedRouteTarget, { providers, routes }: Llm): string | undefined {
  if (isRoute) return Object.hasOwn(routes, model) ? undefined : `there is no route "${model}"${hint(model, routes)}`;
  const slash = model.indexOf('/');
  if (slash <= 0 || slash === model.length - 1) {
    return `"${model}" is neither provider/model nor a route${hint(model, routes)}`;
  }
  const name = model.slice(0, slash);
  const id = model.slice(slash + 1);
  const provider = Object.hasOwn(providers, name) ? providers[name] : undefined;
  if (provider === undefined) return `there is no provider "${name}"${hint(name, providers)}`;
  const { modelsOnly, modelFilter, models } = provider;
  const isOpen = modelFilter === undefined ? !modelsOnly : modelFilter.test(id);
  if (isOpen || Object.hasOwn(models, id)) return undefined;
  return `provider "${name}" has no model "${id}"${hint(id, models)}`;
}

function hint(name: string, known: object): string {
  const nearest = nearestName(name, Object.keys(known));
  return nearest === undefined ? '' : ` (did you mean "${nearest}"?)`;
}

/** Every circle once, at the route it is found from first; and chains that are too long to be meant. */
function circles({ routes }: Llm): CrossIssue[] {
  const issues: CrossIssue[] = [];
  const done = new Map<string, number>();
  /** How many routes deep it goes below this one. */
  const visit = (name: string, above: readonly string[]): number => {
    const known = done.get(name);
    if (known !== undefined) return known;
    const at = above.indexOf(name);
    if (at >= 0) {
      const circle = [...above.slice(at), name].join(' -> ');
      issues.push({ path: ['llm', 'routes', name], message: `goes round in a circle: ${circle}` });
      return 0;
    }
    const route = Object.hasOwn(routes, name) ? routes[name] : undefined;
    let depth = 1;
    for (const { target } of route === undefined ? [] : placedTargets(route)) {
      if (target.isRoute) depth = Math.max(depth, 1 + visit(target.model, [...above, name]));
    }
    done.set(name, depth);
    if (depth === DEEPEST + 1) {
      issues.push({ path: ['llm', 'routes', name], message: `nests more than ${DEEPEST} routes` });
    }
    return depth;
  };
  for (const name of Object.keys(routes)) visit(name, []);
  return issues;
}
