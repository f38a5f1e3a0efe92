import { NexusError } from '../../../errors/nexus-error.ts';
import type {
  CanonicalRequest,
  JsonObject,
  Origin,
  ReasoningRequest,
  ResponseFormat,
  ToolChoice,
  ToolDefinition,
} from '../../canonical/request.ts';
import type { Quirks } from '../quirks.ts';
import { type Echo, encodeMessages } from './encode-messages.ts';

const MOST_STOPS = 4;

/**
 * A canonical request → JSON text of a chat completion request. Streams always ask for usage. Left out and named in
 * `dropped`: `topK`, a class of service the host does not know, stop sequences beyond the fourth, a choice of tools without
 * tools, the error mark of results. Throws `invalid_request` for media this format has no place for.
 */
export function encodeRequest(request: CanonicalRequest, dropped: string[], quirks: Quirks = {}): string {
  const lost = new Set<string>();
  const { maxTokens, temperature, topP, frequencyPenalty, presencePenalty, seed, user } = request;
  const effort = effortOf(request.reasoning);
  const tier = tierOf(request, quirks);
  const body: JsonObject = {
    model: request.model,
    messages: encodeMessages(request, echoOf(request, quirks), lost),
    ...(maxTokens !== undefined && { [quirks.maxTokensField ?? 'max_completion_tokens']: maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(frequencyPenalty !== undefined && { frequency_penalty: frequencyPenalty }),
    ...(presencePenalty !== undefined && { presence_penalty: presencePenalty }),
    ...(seed !== undefined && { seed }),
    ...encodeStop(request.stop, lost),
    ...(request.logprobs && { logprobs: true }),
    ...(request.logprobs && request.topLogprobs !== undefined && { top_logprobs: request.topLogprobs }),
    ...encodeTools(request, lost),
    ...(request.responseFormat && { response_format: encodeResponseFormat(request.responseFormat) }),
    ...(effort !== undefined && { reasoning_effort: effort }),
    ...(user !== undefined && { user }),
    ...(tier !== undefined && { service_tier: tier }),
    ...(request.stream && { stream: true, stream_options: { include_usage: true } }),
  };
  if (request.topK !== undefined) lost.add('topK');
  if (request.serviceTier !== tier) lost.add('serviceTier');
  for (const name of lost) if (!dropped.includes(name)) dropped.push(name);
  return toJson(body);
}

/** Hosts that speak an older form of the format refuse the member; capacity that is reserved is Amazon's word. */
function tierOf({ serviceTier }: CanonicalRequest, { maxTokensField }: Quirks): CanonicalRequest['serviceTier'] {
  return maxTokensField === undefined && serviceTier !== 'reserved' ? serviceTier : undefined;
}

function echoOf({ model }: CanonicalRequest, quirks: Quirks): Echo {
  return {
    signatures: quirks.callSignatures?.test(model) === true,
    thoughts: quirks.echoedReasoning === true,
    proofs: quirks.reasoningDetails === true ? originOf(model) : undefined,
  };
}

/** The vendor that hosts of many put in front of their names for models. */
function originOf(model: string): Origin | undefined {
  switch (/^~?([a-z]+)\//.exec(model)?.[1]) {
    case 'anthropic':
      return 'anthropic';
    case 'google':
      return 'google';
    case 'openai':
      return 'openai';
    default:
      return undefined;
  }
}

function encodeStop(stop: readonly string[] | undefined, lost: Set<string>): JsonObject {
  if (stop === undefined || stop.length === 0) return {};
  if (stop.length > MOST_STOPS) lost.add('stop');
  return { stop: stop.slice(0, MOST_STOPS) };
}

/** Both choices are refused where there are no tools; `auto` and `none` then say what happens anyway. */
function encodeTools({ tools, toolChoice, parallelToolCalls }: CanonicalRequest, lost: Set<string>): JsonObject {
  if (tools.length === 0) {
    if (toolChoice?.type === 'required' || toolChoice?.type === 'tool') lost.add('toolChoice');
    return {};
  }
  return {
    tools: tools.map(encodeTool),
    ...(toolChoice && { tool_choice: encodeToolChoice(toolChoice) }),
    ...(parallelToolCalls !== undefined && { parallel_tool_calls: parallelToolCalls }),
  };
}

function encodeTool({ name, description, parameters, strict }: ToolDefinition): JsonObject {
  return {
    type: 'function',
    function: {
      name,
      ...(description !== undefined && { description }),
      ...(parameters !== undefined && { parameters }),
      ...(strict !== undefined && { strict }),
    },
  };
}

function encodeToolChoice(choice: ToolChoice): unknown {
  return choice.type === 'tool' ? { type: 'function', function: { name: choice.name } } : choice.type;
}

/** The format wants a name for every schema; formats without one lend it this. */
function encodeResponseFormat(format: ResponseFormat): JsonObject {
  if (format.type === 'json_object') return { type: 'json_object' };
  const { name = 'response', description, schema, strict } = format;
  return {
    type: 'json_schema',
    json_schema: {
      name,
      ...(description !== undefined && { description }),
      schema,
      ...(strict !== undefined && { strict }),
    },
  };
}

/** This format measures in efforts; a budget of tokens becomes the nearest. */
function effortOf(reasoning: ReasoningRequest | undefined): ReasoningRequest['effort'] {
  const budget = reasoning?.budget;
  if (reasoning?.effort !== undefined || budget === undefined) return reasoning?.effort;
  if (budget === 0) return 'none';
  // A negative budget is Google's way to leave it to the model.
  if (budget < 0) return undefined;
  if (budget < 2_000) return 'low';
  return budget < 8_000 ? 'medium' : 'high';
}

/** Writing JSON recurses where reading it does not: a request nested thousands of levels deep ends here. */
function toJson(body: JsonObject): string {
  try {
    return JSON.stringify(body);
  } catch (cause) {
    throw new NexusError('invalid_request', 'The request is nested too deeply', { cause });
  }
}
