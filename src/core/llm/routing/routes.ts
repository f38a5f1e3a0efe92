import type { ParsedConfig } from '../../config/resolve.ts';
import type { ParsedRoute, ParsedRouteTarget } from '../../config/resolve-routes.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import type { FailureClass } from '../../exchange/attempt-record.ts';
import type { RestBoard } from '../../stores/rest-board.ts';
import type { Settlement } from '../metering/settlement.ts';
import type { Deadlines } from '../providers/deadlines.ts';
import type { Provider } from '../providers/provider.ts';
import type { Target } from '../providers/target.ts';
import { TargetHealth } from '../upstream/target-health.ts';
import { factsOf, type ModelList, openModelList, readyModelList } from './models/model-facts.ts';
import { ExpectedOutput, type Leaf, leavesOf, type Option, type Route } from './route.ts';

type Llm = ParsedConfig['llm'];

/** What is known already of a model at a provider. */
export type KnownHealth = (provider: Provider, model: string) => TargetHealth | undefined;

/** All routes of an instance, by name, and what is known of their targets. */
export class Routes {
  readonly #llm: Llm;
  readonly #providers: ReadonlyMap<string, Provider>;
  readonly #settlement: Settlement;
  readonly #routes = new Map<string, Route>();
  /** By provider and model: routes and direct calls share what is known of a target. */
  readonly #healths = new Map<Provider, Map<string, TargetHealth>>();
  readonly #known: KnownHealth;
  readonly #board: RestBoard | undefined;
  #isReady = false;
  #opening: Promise<void> | undefined;

  /** `known` is what an earlier configuration has learnt of its targets; `board`, what other processes are told of them. */
  constructor(
    llm: Llm,
    providers: ReadonlyMap<string, Provider>,
    settlement: Settlement,
    known: KnownHealth = () => undefined,
    board?: RestBoard,
  ) {
    this.#board = board;
    this.#known = known;
    this.#llm = llm;
    this.#providers = providers;
    this.#settlement = settlement;
    for (const route of Object.values(llm.routes)) this.#build(route);
  }

  get size(): number {
    return this.#routes.size;
  }

  get names(): Iterable<string> {
    return this.#routes.keys();
  }

  /** The route a client means: `route:name`, or the name alone, which goes before a model of that name. */
  find(model: string): Route | undefined {
    if (this.#routes.size === 0) return undefined;
    if (!model.startsWith('route:')) return this.#routes.get(model);
    const name = model.slice('route:'.length);
    const route = this.#routes.get(name);
    if (route !== undefined) return route;
    const shown = name.length > 200 ? `${name.slice(0, 200)}…` : name;
    throw new NexusError('model_not_found', `There is no route '${shown}'`, { param: 'model' });
  }

  /** What is known of a target that some route has. */
  health({ provider, model }: Pick<Target, 'provider' | 'model'>): TargetHealth | undefined {
    return this.#healths.get(provider)?.get(model);
  }

  /** Everything that some route has, and what is known of it. */
  *targets(): Iterable<{ readonly provider: Provider; readonly model: string; readonly health: TargetHealth }> {
    for (const [provider, models] of this.#healths) {
      for (const [model, health] of models) yield { provider, model, health };
    }
  }

  /** Whether `open` has been done, or there is nothing to open. */
  get isReady(): boolean {
    return this.#isReady || this.#routes.size === 0;
  }

  /** Loads what the package knows of models and, where a route asks for them, prices. */
  open(): Promise<void> {
    this.#opening ??= this.#load();
    return this.#opening;
  }

  async #load(): Promise<void> {
    const list: ModelList = readyModelList() ?? (await openModelList());
    for (const route of this.#routes.values()) {
      if (route.config.strategy === 'smart') route.judge = (await import('./smart/judge-text.ts')).judgeText;
      const wantsPrices = readsPrices(route);
      for (const leaf of route.leaves) {
        const { provider, alias, model } = leaf.target;
        leaf.facts = factsOf(leaf.target, this.#llm.providers[provider.name]?.models[alias], list);
        leaf.contextWindow = leaf.facts.contextWindow;
        if (wantsPrices) leaf.price = await this.#settlement.priceOf(provider.name, alias, model);
      }
    }
    this.#board?.start((name, until) => this.#restUntil(name, until));
    this.#isReady = true;
  }

  #build(config: ParsedRoute): Route {
    const known = this.#routes.get(config.name);
    if (known !== undefined) return known;
    const output = new ExpectedOutput();
    const one = (target: ParsedRouteTarget): Option => {
      const { weight, tier, tasks } = target;
      return { weight, node: this.#node(target, config), tier, tasks };
    };
    const targets = config.targets.map(one);
    const fallback = config.fallback.map(one);
    const branches = config.branches.map(({ use }) => one(use));
    const isSmart = config.strategy === 'smart';
    const named = config.default;
    const listed = isSmart ? targets.find(({ node }) => node.name === named?.model) : undefined;
    const otherwise = listed ?? (named === undefined ? undefined : one(named));
    const classifier = config.classifier === undefined ? undefined : one(config.classifier);
    const route: Route = {
      kind: 'route',
      name: config.name,
      config,
      policy: {
        retry: config.retry,
        maxAttempts: config.maxAttemptsTotal,
        timeout: config.timeout,
        fallbackOn: new Set<FailureClass>(config.fallbackOn),
        decay: config.decay,
        learnOutput: (tokens) => output.learn(tokens),
      },
      targets,
      open: targets.filter(({ weight }) => weight > 0),
      fallback,
      branches,
      default: otherwise,
      classifier,
      asksModel:
        classifier !== undefined ||
        [...targets.slice(0, 1), ...branches, ...(otherwise === undefined ? [] : [otherwise])].some(asksModel),
      judge: undefined,
      leaves: leavesOf([...targets, ...fallback, ...branches, ...(otherwise === undefined ? [] : [otherwise])]),
      output,
    };
    this.#routes.set(config.name, route);
    return route;
  }

  /** The configuration has been checked: names exist, and nothing goes round in a circle. */
  #node({ model: name, isRoute }: ParsedRouteTarget, route: ParsedRoute): Leaf | Route {
    if (isRoute) {
      const nested = this.#llm.routes[name];
      if (nested === undefined) throw unknown(name);
      return this.#build(nested);
    }
    const slash = name.indexOf('/');
    const provider = this.#providers.get(name.slice(0, slash));
    const alias = name.slice(slash + 1);
    const model = provider?.resolve(alias);
    if (provider === undefined || model === undefined) throw unknown(name);
    const health = this.#healthOf(provider, model);
    return {
      kind: 'target',
      name,
      // The client named the route: that is the name it goes on seeing.
      target: { provider, alias, model, renamed: true },
      health,
      breaker: health.breaker(route.breaker),
      deadlines: deadlinesOf(route, provider.deadlines),
      facts: { capabilities: undefined, contextWindow: undefined },
      contextWindow: undefined,
      price: undefined,
    };
  }

  #healthOf(provider: Provider, model: string): TargetHealth {
    let models = this.#healths.get(provider);
    if (models === undefined) {
      models = new Map();
      this.#healths.set(provider, models);
    }
    let health = models.get(model);
    if (health === undefined) {
      health = this.#known(provider, model) ?? new TargetHealth();
      const board = this.#board;
      health.announce = board && ((part, time) => board.announce([provider.name, model, part].join('\n'), time));
      models.set(model, health);
    }
    return health;
  }

  /** What another process says of one of its targets, which may not be one of ours. */
  #restUntil(name: string, until: number): void {
    const [account = '', model = '', part = ''] = name.split('\n');
    const provider = this.#providers.get(account);
    if (provider !== undefined) this.#healths.get(provider)?.get(model)?.restUntil(part, until);
  }
}

/** Whether a route chooses by prices, or tells a model of them. */
function readsPrices({ config, classifier }: Route): boolean {
  const { strategy, callerPriority, maxInputPrice, maxOutputPrice } = config;
  if (strategy === 'cost' || callerPriority || classifier !== undefined) return true;
  return maxInputPrice !== undefined || maxOutputPrice !== undefined;
}

function asksModel({ node }: Option): boolean {
  return node.kind === 'route' && node.asksModel;
}

/** A wait for the first byte that the route itself names holds for whole answers too. */
function deadlinesOf({ timeout, firstByteTimeout, idleTimeout }: ParsedRoute, provider: Deadlines): Deadlines {
  return {
    total: timeout ?? provider.total,
    firstByte: firstByteTimeout ?? provider.firstByte,
    firstByteOfWhole: firstByteTimeout,
    idle: idleTimeout ?? provider.idle,
  };
}

function unknown(name: string): NexusError {
  return new NexusError('config_invalid', `A route names '${name}', which does not exist`);
}
