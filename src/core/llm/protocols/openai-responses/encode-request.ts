import { NexusError } from '../../../errors/nexus-error.ts';
import type { CanonicalRequest, JsonObject, ReasoningRequest, ResponseFormat } from '../../canonical/request.ts';
import { encodeInput, isOwnThought } from './encode-input.ts';
import { TOKENS_OF_TEXT } from './fields.ts';

/**
 * A canonical request → JSON text of a request that leaves nothing at the vendor. What has no field is named in
 * `dropped`. Throws `invalid_request` for content that cannot be said at all.
 */
export function encodeResponsesRequest(request: CanonicalRequest, dropped: string[]): string {
  const lost = unsayable(request);
  const reasoning = encodeReasoning(request.reasoning);
  const { maxTokens, responseFormat, serviceTier, temperature, topLogprobs, topP, user } = request;
  const include = encodeInclude(request);
  const body: JsonObject = {
    model: request.model,
    ...encodeInput(request, lost),
    ...(maxTokens !== undefined && { max_output_tokens: maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(user !== undefined && { user }),
    ...(serviceTier !== undefined && serviceTier !== 'reserved' && { service_tier: serviceTier }),
    ...encodeTools(request),
    ...(responseFormat && { text: { format: encodeFormat(responseFormat) } }),
    ...(reasoning && { reasoning }),
    ...(topLogprobs !== undefined && { top_logprobs: topLogprobs }),
    ...(include.length > 0 && { include }),
    store: false,
    ...(request.stream && { stream: true }),
  };
  dropped.push(...lost);
  return toJson(body);
}

/** What the format has no field for. A penalty of zero is none. */
function unsayable({ stop, toolChoice, tools, ...request }: CanonicalRequest): Set<string> {
  const lost = new Set<string>();
  if (stop !== undefined && stop.length > 0) lost.add('stop');
  for (const name of ['topK', 'seed'] as const) if (request[name] !== undefined) lost.add(name);
  if (request.serviceTier === 'reserved') lost.add('serviceTier');
  for (const name of ['frequencyPenalty', 'presencePenalty'] as const) if (request[name]) lost.add(name);
  const mustCall = toolChoice?.type === 'required' || toolChoice?.type === 'tool';
  if (mustCall && tools.length === 0) lost.add('toolChoice');
  return lost;
}

function encodeTools({ parallelToolCalls, toolChoice, tools }: CanonicalRequest): JsonObject {
  if (tools.length === 0) return {};
  return {
    tools: tools.map(({ description, name, parameters, strict }) => ({
      type: 'function',
      name,
      ...(description !== undefined && { description }),
      parameters: parameters ?? { type: 'object', properties: {} },
      // Here, and nowhere else, strict is what happens when nothing is said.
      strict: strict ?? false,
    })),
    ...(toolChoice && {
      tool_choice: toolChoice.type === 'tool' ? { type: 'function', name: toolChoice.name } : toolChoice.type,
    }),
    ...(parallelToolCalls !== undefined && { parallel_tool_calls: parallelToolCalls }),
  };
}

function encodeFormat(format: ResponseFormat): JsonObject {
  if (format.type === 'json_object') return { type: 'json_object' };
  const { description, name, schema, strict } = format;
  return {
    type: 'json_schema',
    name: name ?? 'answer',
    schema,
    ...(description !== undefined && { description }),
    ...(strict !== undefined && { strict }),
  };
}

function encodeReasoning(reasoning: ReasoningRequest | undefined): JsonObject | undefined {
  if (reasoning === undefined) return undefined;
  const effort = reasoning.effort ?? effortOf(reasoning.budget);
  const summary = reasoning.visible === true ? { summary: 'auto' } : {};
  return effort === undefined && reasoning.visible !== true ? undefined : { ...(effort && { effort }), ...summary };
}

/** Tokens to think with → a word for them; the steps are those at which budgets are commonly set. */
function effortOf(budget: number | undefined): ReasoningRequest['effort'] {
  if (budget === undefined || budget < 0) return undefined;
  if (budget === 0) return 'none';
  if (budget <= 2048) return 'low';
  return budget <= 8192 ? 'medium' : 'high';
}

/** Models that do not think refuse to be asked for the proof of it. */
function encodeInclude(request: CanonicalRequest): string[] {
  const include: string[] = [];
  if (expectsThoughts(request)) include.push('reasoning.encrypted_content');
  if (request.logprobs === true) include.push(TOKENS_OF_TEXT);
  return include;
}

function expectsThoughts({ reasoning, turns }: CanonicalRequest): boolean {
  if (reasoning !== undefined && reasoning.effort !== 'none') return true;
  return turns.some(({ parts }) => parts.some(isOwnThought));
}

/** Writing JSON recurses where reading it does not: a request nested thousands of levels deep ends here. */
function toJson(body: JsonObject): string {
  try {
    return JSON.stringify(body);
  } catch (cause) {
    throw new NexusError('invalid_request', 'The request is nested too deeply', { cause });
  }
}
