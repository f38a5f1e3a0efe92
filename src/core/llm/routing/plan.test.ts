import { Buffer } from 'node:buffer';
import { beforeEach, describe, expect, it } from 'vitest';
import { parseConfig } from '../../config/parse.ts';
import type { NexusConfig } from '../../config/types.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import { openRecord } from '../../exchange/record.ts';
import type { JsonObject } from '../canonical/request.ts';
import { Settlement } from '../metering/settlement.ts';
import { Provider } from '../providers/provider.ts';
import { PROVIDERS } from '../providers/registry.ts';
import { explain } from './explain.ts';
import { planOf } from './plan.ts';
import type { Leaf, Route } from './route.ts';
import { RoutedRequest } from './routed-request.ts';
import { Routes } from './routes.ts';

type RouteConfig = NonNullable<NonNullable<NexusConfig['llm']>['routes']>[string];

let now = 0;
let seed = 1;

/** The same numbers in every run. */
function random(): number {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed / 2_147_483_647;
}

beforeEach(() => {
  now = 1000;
  seed = 1;
});

async function routesOf(routes: Record<string, RouteConfig>): Promise<Routes> {
  const provider = { type: 'openai' as const, apiKey: 'k' };
  const { config } = parseConfig({ llm: { providers: { p: provider, q: provider }, routes } });
  const definition = PROVIDERS.get('openai');
  if (definition === undefined) throw new Error('openai is built in');
  const providers = new Map(
    Object.values(config.llm.providers).map((one) => [one.name, new Provider(definition, one)] as const),
  );
  const made = new Routes(config.llm, providers, new Settlement(config.llm, () => undefined));
  await made.open();
  return made;
}

function requestOf(body: JsonObject = {}, headers: Record<string, string> = {}, stream = false): RoutedRequest {
  const exchange = { header: (name: string) => headers[name], host: { mountPath: '' } } as unknown as Exchange;
  const context = {
    record: openRecord('id', 0, 'openai.chat.completions', undefined),
    principal: undefined,
    evidence: undefined,
    booking: undefined,
    seal: () => undefined,
  };
  const bytes = Buffer.from(JSON.stringify(body));
  return new RoutedRequest({ exchange, context, bytes, request: body, model: 'r', stream, time: 0 });
}

async function routeOf(config: RouteConfig): Promise<Route> {
  const route = (await routesOf({ r: config })).find('r');
  if (route === undefined) throw new Error('the route was configured');
  return route;
}

const plan = (route: Route, request = requestOf()): readonly Leaf[] =>
  planOf(route, { request, now, random }).candidates;
const names = (leaves: readonly Leaf[]): string[] => leaves.map(({ name }) => name);

/** One call to whoever comes first, which takes as long as `times` says of it. */
function call(route: Route, times: Record<string, number>): string {
  const [leaf] = plan(route);
  if (leaf === undefined) throw new Error('nobody was left');
  const took = times[leaf.name] ?? 0;
  leaf.health.begin(now);
  now += took;
  leaf.health.learn({ failure: undefined, stream: false, took, retryAfter: undefined, output: 10 }, now, 30_000, false);
  leaf.health.end();
  return leaf.name;
}

function fail(leaf: Leaf | undefined, failure: 'server' | 'rate_limit' | 'cancelled', retryAfter?: number): void {
  leaf?.health.begin(now);
  leaf?.health.learn({ failure, stream: false, took: 5, retryAfter, output: undefined }, now, 30_000, false);
  leaf?.health.end();
}

describe('latency', () => {
  const config: RouteConfig = { strategy: 'latency', targets: ['p/a', 'q/b'] };

  it('sends at least nine of ten calls to the faster of two after twenty', async () => {
    const route = await routeOf(config);
    const times = { 'p/a': 500, 'q/b': 50 };
    for (let i = 0; i < 20; i++) call(route, times);
    let fast = 0;
    for (let i = 0; i < 200; i++) if (call(route, times) === 'q/b') fast++;
    expect(fast).toBeGreaterThanOrEqual(180);
  });

  it('moves nine of ten calls within ten when the fast one gets twenty times slower', async () => {
    const route = await routeOf({ ...config, explore: 0 });
    for (let i = 0; i < 50; i++) call(route, { 'p/a': 50, 'q/b': 60 });
    const slow = { 'p/a': 1000, 'q/b': 60 };
    const after = Array.from({ length: 10 }, () => call(route, slow));
    expect(after.filter((name) => name === 'q/b').length).toBeGreaterThanOrEqual(9);
  });

  it('tries one that was punished again after a while', async () => {
    const route = await routeOf(config);
    for (let i = 0; i < 20; i++) call(route, { 'p/a': 50, 'q/b': 60 });
    call(route, { 'p/a': 9000, 'q/b': 9000 });
    now += 30 * 60_000;
    const after = Array.from({ length: 400 }, () => call(route, { 'p/a': 10, 'q/b': 60 }));
    expect(after.slice(-100).filter((name) => name === 'p/a').length).toBeGreaterThan(90);
  });

  it('gives one that nobody has measured a single call, not all of them', async () => {
    const route = await routeOf({ ...config, explore: 0 });
    const [, b] = route.leaves;
    route.leaves[0]?.health.learn(
      { failure: undefined, stream: false, took: 100, retryAfter: undefined, output: 1 },
      now,
      30_000,
      false,
    );
    b?.health.begin(now);
    for (let i = 0; i < 10; i++) expect(names(plan(route))[0]).toBe('p/a');
  });
});

describe('least_busy', () => {
  it('goes where fewest calls are under way, counted by weight', async () => {
    const route = await routeOf({ strategy: 'least_busy', targets: [{ model: 'p/a', weight: 4 }, 'q/b'] });
    const [a, b] = route.leaves;
    for (let i = 0; i < 3; i++) a?.health.begin(now);
    b?.health.begin(now);
    expect(names(plan(route))).toEqual(['p/a', 'q/b']);
    a?.health.begin(now);
    a?.health.begin(now);
    expect(names(plan(route))).toEqual(['q/b', 'p/a']);
  });
});

describe('weighted', () => {
  it('renormalises when one rests, and never chooses a drained one', async () => {
    const targets = [
      { model: 'p/a', weight: 50 },
      { model: 'p/b', weight: 40 },
      { model: 'q/c', weight: 10 },
      { model: 'q/d', weight: 0 },
    ];
    const route = await routeOf({ strategy: 'weighted', targets });
    fail(route.leaves[0], 'rate_limit', 5000);
    let b = 0;
    for (let i = 0; i < 5000; i++) {
      const order = names(plan(route));
      expect(order).toHaveLength(3);
      expect(order[2]).toBe('p/a');
      if (order[0] === 'p/b') b++;
    }
    expect(Math.abs(b / 5000 - 0.8)).toBeLessThan(0.02);
    now += 5000;
    const first = new Set(Array.from({ length: 200 }, () => names(plan(route))[0]));
    expect(first).toEqual(new Set(['p/a', 'p/b', 'q/c']));
  });

  it('keeps a session on its target while that is healthy', async () => {
    const route = await routeOf({ strategy: 'weighted', sticky: 'session', targets: ['p/a', 'q/b'] });
    const request = requestOf({}, { 'x-session-id': 's1' });
    const own = names(plan(route, request))[0];
    for (let i = 0; i < 50; i++) expect(names(plan(route, request))[0]).toBe(own);
    fail(
      route.leaves.find(({ name }) => name === own),
      'rate_limit',
    );
    expect(names(plan(route, request))[0]).not.toBe(own);
  });
});

describe('health', () => {
  it('puts an open target last and back in its place for one trial at a time', async () => {
    const route = await routeOf({ targets: ['p/a', 'q/b'] });
    const [a] = route.leaves;
    for (let i = 0; i < 5; i++) fail(a, 'server');
    expect(names(plan(route))).toEqual(['q/b', 'p/a']);
    now += 30_000;
    expect(names(plan(route))).toEqual(['p/a', 'q/b']);
    a?.health.begin(now);
    expect(names(plan(route))).toEqual(['q/b', 'p/a']);
    a?.health.learn(
      { failure: undefined, stream: true, took: 5, retryAfter: undefined, output: undefined },
      now,
      1,
      false,
    );
    expect(names(plan(route))).toEqual(['p/a', 'q/b']);
  });

  it('changes nothing when nobody is well, or when a client left', async () => {
    const route = await routeOf({ targets: ['p/a', 'q/b'] });
    for (let i = 0; i < 20; i++) fail(route.leaves[0], 'cancelled');
    expect(names(plan(route))).toEqual(['p/a', 'q/b']);
    for (const leaf of route.leaves) fail(leaf, 'rate_limit');
    expect(names(plan(route))).toEqual(['p/a', 'q/b']);
  });

  it('rests a target for what the provider asks, a minute at most, and fifteen seconds where it does not say', async () => {
    const route = await routeOf({ targets: ['p/a', 'q/b'] });
    const [a] = route.leaves;
    fail(a, 'rate_limit', 86_400_000);
    expect([a?.health.rests(now + 59_999), a?.health.rests(now + 60_000)]).toEqual([true, false]);
    now += 60_000;
    fail(a, 'rate_limit');
    expect([a?.health.rests(now + 14_999), a?.health.rests(now + 15_000)]).toEqual([true, false]);
  });

  it('is shared by all routes with the same target', async () => {
    const routes = await routesOf({ r: { targets: ['p/a'] }, s: { targets: ['p/a', 'q/b'] } });
    const [r, s] = [routes.find('r'), routes.find('s')];
    expect(r?.leaves[0]?.health).toBe(s?.leaves[0]?.health);
    expect(r?.leaves[0]?.breaker).toBe(s?.leaves[0]?.breaker);
  });
});

describe('what the package knows of models', () => {
  it('leaves out a listed model that lacks something, and an unknown one only when another is known to have it', async () => {
    const tools = requestOf({ tools: [{ type: 'function' }] });
    const known = await routeOf({ targets: ['p/my-model', 'p/gpt-4o'] });
    expect(names(plan(known, tools))).toEqual(['p/gpt-4o']);
    const unknown = await routeOf({ targets: ['p/my-model', 'q/other'] });
    expect(names(plan(unknown, tools))).toEqual(['p/my-model', 'q/other']);
    const lacking = await routeOf({ targets: ['p/gpt-3.5-turbo-instruct'] });
    expect(() => plan(lacking, tools)).toThrow('p/gpt-3.5-turbo-instruct lacks tools');
  });

  it('passes over a model whose window is too small', async () => {
    const route = await routeOf({ targets: ['p/gpt-3.5-turbo', 'p/gpt-4o'] });
    const long = requestOf({
      messages: [{ role: 'user', content: 'seven words are in this very sentence '.repeat(4000) }],
    });
    expect(names(plan(route, long))).toEqual(['p/gpt-4o']);
    expect(names(plan(route))).toEqual(['p/gpt-3.5-turbo', 'p/gpt-4o']);
  });
});

describe('explain', () => {
  it('says why each target stands where it does', async () => {
    const route = await routeOf({
      targets: ['p/gpt-4o', 'q/gpt-3.5-turbo-instruct', { model: 'q/gpt-4o', weight: 0 }],
    });
    fail(route.leaves[0], 'rate_limit');
    const request = requestOf({ tools: [{ type: 'function' }] });
    const { targets } = explain(route, 'r', { request, now, random });
    expect(targets).toMatchObject([
      { target: 'p/gpt-4o', position: 1, state: 'resting', reason: 'comes last: it is resting' },
      { target: 'q/gpt-3.5-turbo-instruct', position: undefined, reason: 'lacks tools' },
      { target: 'q/gpt-4o', position: undefined, reason: 'is drained: its weight is 0' },
    ]);
  });
});

describe('smart', () => {
  const config: RouteConfig = {
    strategy: 'smart',
    default: 'p/small',
    targets: [
      { model: 'q/large', tier: 'large' },
      { model: 'p/small', tier: 'small' },
      { model: 'p/code', tier: 'medium', tasks: ['code'] },
    ],
  };
  const asking = (content: string) => requestOf({ messages: [{ role: 'user', content }] });
  const hard = 'Prove rigorously that the sequence converges, and justify every interchange of limits.';

  it('puts what fits before the default, and the others behind it', async () => {
    const route = await routeOf(config);
    expect(names(plan(route, asking('hi')))).toEqual(['p/small', 'q/large', 'p/code']);
    expect(names(plan(route, asking(hard)))).toEqual(['q/large', 'p/small', 'p/code']);
    const code =
      'Write a TypeScript function that debounces a promise, then review the error handling of this class and explain why.';
    expect(names(plan(route, asking(code)))).toEqual(['p/code', 'p/small', 'q/large']);
  });

  it('takes the default for a request that says nothing', async () => {
    expect(names(plan(await routeOf(config)))).toEqual(['p/small', 'q/large', 'p/code']);
  });

  it('passes over what rests, and what lacks what the request needs', async () => {
    const route = await routeOf(config);
    fail(plan(route, asking(hard))[0], 'rate_limit', 10_000);
    expect(names(plan(route, asking(hard)))).toEqual(['p/small', 'p/code', 'q/large']);
    const capable = await routesOf({
      r: {
        ...config,
        targets: [
          { model: 'p/gpt-4o', tier: 'small' },
          { model: 'q/gpt-3.5-turbo', tier: 'large' },
        ],
        default: 'p/gpt-4o',
      },
    });
    const image = { type: 'image_url', image_url: { url: 'data:' } };
    const request = requestOf({ messages: [{ role: 'user', content: [{ type: 'text', text: hard }, image] }] });
    expect(names(plan(capable.find('r') as Route, request))).toEqual(['p/gpt-4o']);
  });

  it('says in an explanation what it takes the request for', async () => {
    const explained = explain(await routeOf(config), 'r', { request: asking(hard), now, random });
    expect(explained.smart).toMatchObject({ route: 'r', classifier: 'heuristic', task: 'maths', difficulty: 'high' });
    expect(explained.targets.map(({ target, probability }) => [target, probability])).toEqual([
      ['q/large', 1],
      ['p/small', 0],
      ['p/code', 0],
    ]);
    const silent = explain(await routeOf(config), 'r', { request: requestOf(), now, random });
    expect(silent.smart?.why).toBe('the request has no text: the default');
  });
});

describe("the caller's priority", () => {
  const config: RouteConfig = {
    strategy: 'weighted',
    callerPriority: true,
    sticky: 'user',
    targets: [
      { model: 'p/gpt-4o', tier: 'medium' },
      { model: 'p/gpt-4o-mini', tier: 'small' },
      { model: 'q/gpt-4.1', tier: 'large' },
    ],
  };
  const stating = (priority: string) => requestOf({ user: 'u' }, { 'x-nexus-priority': priority });

  it('orders the targets by price, by size or by time', async () => {
    const route = await routeOf({ ...config, explore: 0 });
    expect(names(plan(route, stating('cost')))).toEqual(['p/gpt-4o-mini', 'q/gpt-4.1', 'p/gpt-4o']);
    expect(names(plan(route, stating('quality')))).toEqual(['q/gpt-4.1', 'p/gpt-4o', 'p/gpt-4o-mini']);
    for (const leaf of route.leaves) {
      const took = leaf.name === 'p/gpt-4o' ? 10 : 5000;
      leaf.health.learn(
        { failure: undefined, stream: false, took, retryAfter: undefined, output: 1 },
        now,
        30_000,
        false,
      );
    }
    const first = Array.from({ length: 60 }, () => plan(route, stating(' Latency '))[0]?.name);
    // The better of two at random: the fastest is among two of three.
    expect(first.filter((name) => name === 'p/gpt-4o').length).toBeGreaterThan(25);
  });

  it('is not heeded where the route does not say so, and told in an explanation', async () => {
    const request = stating('cost');
    const deaf = await routeOf({ ...config, strategy: 'fallback', callerPriority: false });
    expect(names(plan(deaf, request))).toEqual(['p/gpt-4o', 'p/gpt-4o-mini', 'q/gpt-4.1']);
    expect(explain(deaf, 'r', { request, now, random })).toMatchObject({ priority: 'cost', orderedBy: 'fallback' });
    expect(explain(await routeOf(config), 'r', { request, now, random })).toMatchObject({ orderedBy: 'cost' });
  });

  it('can be asked for in a condition', async () => {
    const route = await routeOf({
      strategy: 'conditional',
      default: 'p/a',
      branches: [{ when: { 'request.priority': 'quality' }, use: 'q/b' }],
    });
    expect(names(plan(route, stating('quality')))).toEqual(['q/b']);
    expect(names(plan(route, stating('cost')))).toEqual(['p/a']);
    expect(names(plan(route))).toEqual(['p/a']);
  });

  it.each(['', 'fast', 'cost,latency', '__proto__'])('is refused when it is %j', (priority) => {
    expect(() => stating(priority)).toThrow('X-Nexus-Priority must be latency, cost or quality');
  });
});
