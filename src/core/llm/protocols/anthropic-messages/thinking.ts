import type { CanonicalRequest, ReasoningRequest, Turn } from '../../canonical/request.ts';
import type { Quirks } from '../quirks.ts';
import { encodeThought } from './content.ts';
import type { Effort, ThinkingConfig } from './wire.ts';

/** The format demands a limit; this one holds when the caller named none. */
export const DEFAULT_MAX_TOKENS = 4096;

/** The least the format takes. */
const MIN_BUDGET = 1024;

/**
 * Tokens to think with, for callers who say how hard and not how long. With the default limit on top, the largest still
 * fits into the 32,000 tokens that the smallest of the thinking models may write.
 */
const BUDGETS: ReadonlyMap<NonNullable<ReasoningRequest['effort']>, number> = new Map([
  ['minimal', 1024],
  ['low', 2048],
  ['medium', 4096],
  ['high', 8192],
  ['xhigh', 16_384],
  ['max', 24_576],
]);

/** The largest budgets that mean a low and a medium effort. */
const LOW_BUDGET = 2048;
const MEDIUM_BUDGET = 8192;

export interface Thinking {
  readonly maxTokens: number;
  readonly thinking?: ThinkingConfig;
  readonly effort?: Effort;
}

/**
 * What the caller wants thought → `thinking`, and a `max_tokens` that leaves room for the answer: the budget counts
 * against it, so a limit that does not exceed the budget is raised by it, and named in `dropped`. A caller who gives no
 * measure leaves it to the model (`adaptive`).
 */
export function encodeThinking(request: CanonicalRequest, dropped: string[], quirks?: Quirks): Thinking {
  const asked = request.maxTokens ?? DEFAULT_MAX_TOKENS;
  const { reasoning } = request;
  if (reasoning === undefined || isOff(reasoning)) return { maxTokens: asked };
  const { effort, visible } = reasoning;
  const display = visible === undefined ? {} : { display: visible ? ('summarized' as const) : ('omitted' as const) };
  if (quirks?.adaptiveThinking?.test(request.model) === true) {
    const advised = adviceOf(reasoning);
    // Thoughts count against the limit here too; nobody said how long they will be.
    const room = request.maxTokens === undefined ? (BUDGETS.get(advised ?? 'high') ?? 0) : 0;
    return { maxTokens: asked + room, thinking: { type: 'adaptive', ...display }, ...(advised && { effort: advised }) };
  }
  const advice = isOwnEffort(effort) ? { effort } : {};
  const measure = reasoning.budget ?? (reasoning.adaptive ? undefined : effort && BUDGETS.get(effort));
  if (measure === undefined) return { maxTokens: asked, thinking: { type: 'adaptive', ...display }, ...advice };
  if (isInsideUnprovenCall(request.turns)) {
    dropped.push('reasoning');
    return { maxTokens: asked };
  }
  const budget = Math.max(Math.floor(measure), MIN_BUDGET);
  const fits = asked > budget;
  if (!fits && request.maxTokens !== undefined) dropped.push('maxTokens');
  return {
    maxTokens: fits ? asked : asked + budget,
    thinking: { type: 'enabled', budget_tokens: budget, ...display },
    // Whoever gives both measures means the vendor's own effort beside the budget.
    ...(reasoning.budget !== undefined && advice),
  };
}

function isOff({ effort, budget }: ReasoningRequest): boolean {
  return budget === undefined ? effort === 'none' : budget <= 0;
}

/** For models that take no budget: the effort that was asked for, else the one that fits the budget. */
function adviceOf({ effort, budget }: ReasoningRequest): Effort | undefined {
  if (effort === 'minimal') return 'low';
  if (isOwnEffort(effort)) return effort;
  if (budget === undefined) return undefined;
  if (budget <= LOW_BUDGET) return 'low';
  return budget <= MEDIUM_BUDGET ? 'medium' : 'high';
}

function isOwnEffort(effort: ReasoningRequest['effort']): effort is Effort {
  return effort !== undefined && effort !== 'none' && effort !== 'minimal';
}

/**
 * While results of calls come back, the format wants the turn that made the calls to begin with its signed thought. A
 * conversation that has lost it, or began at another vendor, can only go on without thinking.
 */
function isInsideUnprovenCall(turns: readonly Turn[]): boolean {
  const last = turns.at(-1);
  if (last?.role !== 'user' || last.parts[0]?.type !== 'tool_result') return false;
  const first = turns.at(-2)?.parts.find((part) => part.type !== 'reasoning' || encodeThought(part) !== undefined);
  return first?.type !== 'reasoning';
}
