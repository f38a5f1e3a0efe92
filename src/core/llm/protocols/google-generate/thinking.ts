import type { CanonicalRequest, JsonObject, ReasoningRequest } from '../../canonical/request.ts';
import { isJsonObject } from '../json-object.ts';
import { member } from './member.ts';
import type { ThinkingConfig } from './wire.ts';

type Effort = NonNullable<ReasoningRequest['effort']>;

/** Budgets by which Google's own compatible endpoint understands an effort. */
const BUDGETS: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 1024,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 24_576,
  max: 24_576,
};

/** The least that every thinking model takes. */
const LEAST_BUDGET = 512;

const LEVELS: Readonly<Record<Effort, NonNullable<ThinkingConfig['thinkingLevel']>>> = {
  none: 'MINIMAL',
  minimal: 'MINIMAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  xhigh: 'HIGH',
  max: 'HIGH',
};

/** From its third generation on Gemini thinks by levels and cannot be kept from it; before, by budgets. */
export function thinksByLevel(model: string): boolean {
  return /gemini-(?:[3-9]|[1-9]\d)/.test(model);
}

/** An effort of `none` that the model cannot obey is named in `dropped`. */
export function encodeThinking(request: CanonicalRequest, dropped: string[]): ThinkingConfig | undefined {
  const { reasoning, model, maxTokens } = request;
  if (reasoning === undefined) return undefined;
  const { effort, budget, visible } = reasoning;
  const config: ThinkingConfig = { ...(visible !== undefined && { includeThoughts: visible }) };
  if (budget !== undefined) {
    config.thinkingBudget = budget;
  } else if (effort !== undefined && thinksByLevel(model)) {
    if (effort === 'none') dropped.push('reasoning');
    // The larger models know no level below low.
    const level = LEVELS[effort];
    config.thinkingLevel = level === 'MINIMAL' && model.includes('pro') ? 'LOW' : level;
  } else if (effort !== undefined) {
    config.thinkingBudget = withinLimit(BUDGETS[effort], maxTokens);
  }
  return Object.keys(config).length > 0 ? config : undefined;
}

/** Thoughts count against the limit of the answer: half of it is left for what the caller wants to read. */
function withinLimit(budget: number, maxTokens: number | undefined): number {
  return maxTokens === undefined ? budget : Math.min(budget, Math.max(LEAST_BUDGET, Math.floor(maxTokens / 2)));
}

const EFFORTS: ReadonlyMap<unknown, Effort> = new Map<unknown, Effort>([
  ['MINIMAL', 'minimal'],
  ['LOW', 'low'],
  ['MEDIUM', 'medium'],
  ['HIGH', 'high'],
]);

/** A budget of -1 leaves the measure to the model, which is what it does anyway. */
export function decodeThinking(config: unknown): ReasoningRequest | undefined {
  if (!isJsonObject(config)) return undefined;
  const visible = member(config, 'includeThoughts');
  const decoded: ReasoningRequest = {
    ...measure(config),
    ...(typeof visible === 'boolean' && { visible }),
  };
  return Object.keys(decoded).length > 0 ? decoded : undefined;
}

function measure(config: JsonObject): ReasoningRequest {
  const budget = member(config, 'thinkingBudget');
  if (budget === 0) return { effort: 'none' };
  if (typeof budget === 'number' && budget > 0) return { budget };
  const level = member(config, 'thinkingLevel');
  const effort = typeof level === 'string' ? EFFORTS.get(level.toUpperCase()) : undefined;
  return effort === undefined ? {} : { effort };
}
