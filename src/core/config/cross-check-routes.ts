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

/** Conditions that never hold in this release, and routes that have nothing to choose by. */
export function routeWarnings(llm: Llm): CrossIssue[] {
  return Object.values(llm.routes).flatMap((route) => [...idleConditions(route), ...idleLabels(route)]);
}

function idleLabels({ name, strategy, targets, classifier, callerPriority }: ParsedRoute): CrossIssue[] {
  const path = ['llm', 'routes', name, 'targets'];
  const isLabelled = targets.some(({ tier, tasks }) => tier !== undefined || tasks !== undefined);
  if (strategy === 'smart' && classifier === undefined && !isLabelled) {
    return [{ path, message: 'have neither tier nor tasks, so that smart always chooses the default' }];
  }
  if (strategy !== 'smart' && !callerPriority && isLabelled) {
    return [{ path, message: `have a tier or tasks, which mean nothing to ${strategy}` }];
  }
  return [];
}

function idleConditions({ name, branches }: ParsedRoute): CrossIssue[] {
  return branches.flatMap(({ when }, index) =>
    asksFor(when, 'guardrails.tags')
      ? [
          {
            path: ['llm', 'routes', name, 'branches', index, 'when'],
            message: 'asks for guardrails.tags, which no guardrail sets; the field counts as missing',
          },
        ]
      : [],
  );
}

function asksFor(condition: Condition, path: string): boolean {
  if (condition.kind === 'field') return condition.path === path;
  return condition.kind === 'not'
    ? asksFor(condition.condition, path)
    : condition.conditions.some((inner) => asksFor(inner, path));
}

function shapeIssues(path: readonly PropertyKey[], route: ParsedRoute): CrossIssue[] {
  const { strategy, targets, branches, callerPriority } = route;
  if (strategy === 'conditional') {
    if (targets.length > 0)
      return [{ path: [...path, 'targets'], message: 'conditional chooses by branches; remove it' }];
    if (callerPriority) {
      const message = 'conditional chooses by branches; ask for request.priority in one of them';
      return [{ path: [...path, 'callerPriority'], message }];
    }
    return branches.length > 0
      ? []
      : [{ path: [...path, 'branches'], message: 'conditional needs at least one branch' }];
  }
  const issues: CrossIssue[] = [];
  if (branches.length > 0) issues.push({ path: [...path, 'branches'], message: `has no meaning for ${strategy}` });
  if (strategy === 'smart') issues.push(...smartIssues(path, route));
  else {
    const idle = { path: [...path, 'default'], message: `has no meaning for ${strategy}` };
    if (route.default !== undefined) issues.push(idle);
    if (route.classifier !== undefined) issues.push({ ...idle, path: [...path, 'classifier'] });
  }
  if (callerPriority && strategy === 'ab') {
    issues.push({ path: [...path, 'callerPriority'], message: 'would let callers choose the arm of an ab test' });
  }
  if (targets.length === 0) issues.push({ path: [...path, 'targets'], message: 'needs at least one target' });
  else if (targets.every(({ weight }) => weight === 0)) {
    issues.push({ path: [...path, 'targets'], message: 'all weights are 0, so no target could ever be chosen' });
  }
  if (strategy === 'single' && targets.length > 1) {
    issues.push({ path: [...path, 'targets'], message: 'single takes one target; put the others into fallback' });
  }
  return issues;
}

/** What smart needs to choose by. */
function smartIssues(path: readonly PropertyKey[], { name, targets, default: otherwise, sticky }: ParsedRoute) {
  const issues: CrossIssue[] = [];
  const names = targets.map(({ model }) => model);
  if (otherwise === undefined) {
    const message = 'is required for smart: one of the targets, for when nothing tells which';
    issues.push({ path: [...path, 'default'], message });
  } else if (!names.includes(otherwise.model)) {
    const nearest = nearestName(otherwise.model, names);
    const message = `"${otherwise.model}" is not among the targets of "${name}"`;
    issues.push({
      path: [...path, 'default'],
      message: nearest === undefined ? message : `${message} (did you mean "${nearest}"?)`,
    });
  } else if (targets.some(({ model, weight }) => model === otherwise.model && weight === 0)) {
    issues.push({ path: [...path, 'default'], message: `"${otherwise.model}" is drained: its weight is 0` });
  }
  if (sticky !== 'none')
    issues.push({ path: [...path, 'sticky'], message: 'has no meaning for smart: requests decide' });
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
    ...(route.classifier === undefined ? [] : [{ target: route.classifier, place: ['classifier'] }]),
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
