import type { CanonicalRequest, JsonObject, ReasoningRequest } from '../../canonical/request.ts';
import { encodeThinking } from '../anthropic-messages/thinking.ts';
import type { ThinkingConfig } from '../anthropic-messages/wire.ts';
import type { Quirks } from '../quirks.ts';
import { isThinkingNova, type ModelFamily } from './model-family.ts';

type Effort = NonNullable<ReasoningRequest['effort']>;
type Level = 'low' | 'medium' | 'high';

/** What the model's own vendor has names for: `additionalModelRequestFields`, and what follows from them. */
export interface ModelFields {
  readonly fields: JsonObject;
  /** The model is asked to think, in a way that rules out a forced choice of tools and most sampling. */
  readonly thinks: boolean;
  /** Absent: the caller named none, and the vendor's own limit holds. */
  readonly maxTokens?: number;
}

/**
 * `top_k`, thinking and effort, in the words of the model's vendor. What it has no word for is named in `dropped`.
 * Sources: Anthropic's Messages, OpenAI's chat completions, and Amazon's request schema for Nova.
 */
export function encodeModelFields(
  request: CanonicalRequest,
  family: ModelFamily,
  dropped: string[],
  quirks?: Quirks,
): ModelFields {
  switch (family) {
    case 'anthropic':
      return anthropicFields(request, dropped, quirks);
    case 'nova':
      return novaFields(request, dropped);
    case 'openai':
      return openaiFields(request, dropped);
    default: {
      dropThought(request, dropped);
      const name = TOP_K.get(family);
      const { topK } = request;
      if (topK !== undefined && name === undefined) dropped.push('topK');
      const fields = topK === undefined || name === undefined ? {} : { [name]: topK };
      return { fields, thinks: false, ...limit(request) };
    }
  }
}

const TOP_K: ReadonlyMap<ModelFamily, string> = new Map<ModelFamily, string>([
  ['mistral', 'top_k'],
  ['cohere', 'k'],
]);

function anthropicFields(request: CanonicalRequest, dropped: string[], quirks: Quirks | undefined): ModelFields {
  const { maxTokens, thinking, effort } = encodeThinking(request, dropped, quirks);
  const { topK } = request;
  if (topK !== undefined && thinking !== undefined) dropped.push('topK');
  return {
    fields: {
      ...(thinking !== undefined && { thinking: withoutDefault(thinking) }),
      ...(effort !== undefined && { output_config: { effort } }),
      ...(topK !== undefined && thinking === undefined && { top_k: topK }),
    },
    thinks: thinking !== undefined,
    ...(request.maxTokens !== undefined && { maxTokens }),
  };
}

/** Thoughts are shown unasked by the models that think to a budget, and the older of them do not know `display`. */
function withoutDefault(thinking: ThinkingConfig): ThinkingConfig {
  if (thinking.type !== 'enabled' || thinking.display !== 'summarized') return thinking;
  return { type: 'enabled', budget_tokens: thinking.budget_tokens };
}

/** At its highest effort Nova takes neither sampling nor a limit; a caller who gives one gets the effort below. */
function novaFields(request: CanonicalRequest, dropped: string[]): ModelFields {
  const { topK, temperature, topP, maxTokens } = request;
  const config = topK === undefined ? {} : { inferenceConfig: { topK } };
  const wanted = levelOf(request.reasoning);
  if (wanted === undefined || !isThinkingNova(request.model)) {
    dropThought(request, dropped);
    return { fields: config, thinks: false, ...limit(request) };
  }
  const bounded = [topK, temperature, topP, maxTokens].some((value) => value !== undefined);
  if (wanted === 'high' && bounded) dropped.push('reasoning');
  const maxReasoningEffort = wanted === 'high' && bounded ? 'medium' : wanted;
  const reasoningConfig = { type: 'enabled', maxReasoningEffort };
  return { fields: { ...config, reasoningConfig }, thinks: false, ...limit(request) };
}

function openaiFields(request: CanonicalRequest, dropped: string[]): ModelFields {
  if (request.topK !== undefined) dropped.push('topK');
  const level = levelOf(request.reasoning);
  if (level === undefined) dropThought(request, dropped, true);
  return { fields: level === undefined ? {} : { reasoning_effort: level }, thinks: false, ...limit(request) };
}

function limit({ maxTokens }: CanonicalRequest): Pick<ModelFields, 'maxTokens'> {
  return maxTokens === undefined ? {} : { maxTokens };
}

/** A wish not to think is granted by models that never do; those that always think cannot grant it. */
function dropThought({ reasoning }: CanonicalRequest, dropped: string[], alwaysThinks = false): void {
  if (reasoning === undefined) return;
  const isOff = reasoning.budget === undefined ? reasoning.effort === 'none' : reasoning.budget <= 0;
  const hasMeasure = reasoning.effort !== undefined || reasoning.budget !== undefined || reasoning.adaptive === true;
  if (isOff ? alwaysThinks : hasMeasure) dropped.push('reasoning');
}

const LEVELS: ReadonlyMap<Effort, Level> = new Map<Effort, Level>([
  ['minimal', 'low'],
  ['low', 'low'],
  ['medium', 'medium'],
  ['high', 'high'],
  ['xhigh', 'high'],
  ['max', 'high'],
]);

/** An effort, or the one that a budget comes to; `undefined` when no measure is given or the model is not to think. */
function levelOf(reasoning: ReasoningRequest | undefined): Level | undefined {
  if (reasoning?.budget === undefined) return reasoning?.effort && LEVELS.get(reasoning.effort);
  if (reasoning.budget <= 0) return undefined;
  return reasoning.budget <= 2048 ? 'low' : reasoning.budget <= 8192 ? 'medium' : 'high';
}
