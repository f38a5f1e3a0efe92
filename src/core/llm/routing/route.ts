import type { ParsedRoute } from '../../config/resolve-routes.ts';
import type { Task, Tier } from '../../config/route-words.ts';
import type { Price } from '../metering/prices/price.ts';
import type { AttemptPolicy, Candidate } from '../upstream/attempt-plan.ts';
import type { Breaker } from '../upstream/breaker.ts';
import type { TargetHealth } from '../upstream/target-health.ts';
import type { ModelFacts } from './models/model-facts.ts';
import type { judgeText } from './smart/judge-text.ts';

/** A target of a route: one model at one provider, as this route judges it. */
export interface Leaf extends Candidate {
  readonly kind: 'target';
  /** `provider/model`, as configured. */
  readonly name: string;
  readonly health: TargetHealth;
  readonly breaker: Breaker;
  /** Loaded before the first plan is made. */
  facts: ModelFacts;
  contextWindow: number | undefined;
  price: Price | undefined;
}

/** One of the things a route chooses from. */
export interface Option {
  readonly weight: number;
  readonly node: Leaf | Route;
  readonly tier?: Tier | undefined;
  readonly tasks?: readonly Task[] | undefined;
}

/** A route with everything its configuration names. */
export interface Route {
  readonly kind: 'route';
  readonly name: string;
  readonly config: ParsedRoute;
  readonly policy: AttemptPolicy;
  /** All configured targets, drained ones too. */
  readonly targets: readonly Option[];
  /** Those that can be chosen. */
  readonly open: readonly Option[];
  readonly fallback: readonly Option[];
  readonly branches: readonly Option[];
  /** For smart, one of the targets. */
  readonly default: Option | undefined;
  /** The model that is asked which target to choose. Never among the leaves. */
  readonly classifier: Option | undefined;
  /** Whether it, or a route it may begin with, has a classifier that must be asked. */
  readonly asksModel: boolean;
  /** Judges requests for smart; loaded before the first plan is made. */
  judge: typeof judgeText | undefined;
  /** All targets below it, each once. */
  readonly leaves: readonly Leaf[];
  /** What answers of this route are long, about; learnt. */
  readonly output: ExpectedOutput;
}

const FIRST_GUESS = 256;
const SHARE = 0.1;

/** Tokens of an answer, a moving average. */
export class ExpectedOutput {
  #tokens = FIRST_GUESS;

  get tokens(): number {
    return this.#tokens;
  }

  learn(tokens: number): void {
    this.#tokens += (tokens - this.#tokens) * SHARE;
  }
}

/** The targets of options and of the routes among them, each once. */
export function leavesOf(options: readonly Option[]): readonly Leaf[] {
  return [...new Set(options.flatMap(({ node }) => (node.kind === 'target' ? [node] : node.leaves)))];
}
