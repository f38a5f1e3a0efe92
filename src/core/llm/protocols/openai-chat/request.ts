import { NexusError } from '../../../errors/nexus-error.ts';
import type {
  CanonicalRequest,
  JsonObject,
  ReasoningRequest,
  ResponseFormat,
  ToolChoice,
  ToolDefinition,
} from '../../canonical/request.ts';
import { customFunction } from '../../canonical/special-tool.ts';
import { isJsonObject } from '../json-object.ts';
import type { Address } from '../protocol.ts';
import { decodeServiceTier } from '../service-tier.ts';
import { decodeConversation } from './conversation.ts';
import { CHAT_FIELDS } from './fields.ts';
import type { ChatFunction, ChatRequest } from './wire.ts';

const EFFORTS: ReadonlySet<string> = new Set<ReasoningRequest['effort'] & string>([
  'none',
  'minimal',
  'low',
  'medium',
  'high',
  'xhigh',
  'max',
]);

/** What a validated request is addressed to. */
export function addressOf(body: JsonObject): Address {
  const request = body as ChatRequest;
  return {
    model: request.model,
    stream: request.stream === true,
    streamUsage: request.stream_options?.include_usage === true,
  };
}

/**
 * A validated chat completion request → its canonical form. Throws `invalid_request` where leaving something out would
 * change what the caller asked for: several answers, content or tools of a kind without a canonical form.
 */
export function decodeRequest(body: JsonObject, address: Address): CanonicalRequest {
  const request = body as ChatRequest;
  if (request.n !== undefined && request.n !== null && request.n > 1) {
    throw new NexusError('invalid_request', "n must be 1: this model's provider gives one answer", { param: 'n' });
  }
  const unsupported = new Set<string>();
  const { system, turns } = decodeConversation(request.messages, unsupported);
  const tools = decodeTools(request);
  const toolChoice = decodeToolChoice(request, unsupported);
  const stop = typeof request.stop === 'string' ? [request.stop] : request.stop;
  const maxTokens = request.max_completion_tokens ?? request.max_tokens;
  const responseFormat = decodeResponseFormat(request, unsupported);
  const reasoning = decodeReasoning(request, unsupported);
  const user = request.user || request.safety_identifier;
  const serviceTier = decodeServiceTier(request['service_tier'], 'service_tier', unsupported);
  const most = request.top_logprobs ?? 0;
  // How many to show says nothing where none are asked for.
  if (most > 0 && request.logprobs !== true) unsupported.add('top_logprobs');
  nameUnsupportedFields(request, unsupported);
  // Members by name and none by spreading: this stands in every translated call, and objects of one shape are made at once.
  return {
    model: address.model,
    system,
    turns,
    tools,
    toolChoice,
    parallelToolCalls: request.parallel_tool_calls ?? undefined,
    maxTokens: maxTokens ?? undefined,
    temperature: request.temperature ?? undefined,
    topP: request.top_p ?? undefined,
    frequencyPenalty: request.frequency_penalty ?? undefined,
    presencePenalty: request.presence_penalty ?? undefined,
    seed: request.seed ?? undefined,
    stop: stop && stop.length > 0 ? stop : undefined,
    logprobs: request.logprobs === true ? true : undefined,
    topLogprobs: request.logprobs === true && most > 0 ? most : undefined,
    responseFormat,
    reasoning,
    user: user || undefined,
    serviceTier,
    stream: address.stream,
    unsupported: [...unsupported],
  };
}

function isPresent<Value>(value: Value | null | undefined): value is Value {
  return value !== null && value !== undefined;
}

function decodeTools(request: ChatRequest): ToolDefinition[] {
  const tools: ToolDefinition[] = [];
  for (const [index, tool] of (request.tools ?? []).entries()) {
    if (tool.type === 'custom' && tool.custom !== undefined) {
      const { name, description, format } = tool.custom;
      const grammar = format?.type === 'grammar' ? format.grammar : undefined;
      tools.push(customFunction({ name, description: description ?? undefined, grammar }));
      continue;
    }
    if (tool.function === undefined || (tool.type ?? 'function') !== 'function') {
      const param = `tools[${index}].type`;
      const message = `${param} must be function or custom: this model's provider takes no other kind of tool`;
      throw new NexusError('invalid_request', message, { param });
    }
    tools.push(decodeFunction(tool.function));
  }
  for (const legacy of request.functions ?? []) tools.push(decodeFunction(legacy));
  return tools;
}

function decodeFunction({ name, description, parameters, strict }: ChatFunction): ToolDefinition {
  return {
    name,
    ...(description && { description }),
    ...(parameters && { parameters }),
    ...(isPresent(strict) && { strict }),
  };
}

/** `any` is what some compatible hosts call `required`. A choice that cannot be said is left to the model, and named. */
function decodeToolChoice(request: ChatRequest, unsupported: Set<string>): ToolChoice | undefined {
  const choice = request.tool_choice ?? request.function_call;
  if (choice === undefined || choice === null) return undefined;
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { type: choice };
  if (choice === 'any') return { type: 'required' };
  if (isJsonObject(choice)) {
    const { type, allowed_tools: allowed } = choice;
    // The older `function_call` names its function without a wrapper.
    const named = type === 'function' ? choice['function'] : type === undefined ? choice : undefined;
    const custom = type === 'custom' ? choice['custom'] : undefined;
    if (isJsonObject(custom) && typeof custom['name'] === 'string') return { type: 'tool', name: custom['name'] };
    if (isJsonObject(named) && typeof named['name'] === 'string') return { type: 'tool', name: named['name'] };
    unsupported.add('tool_choice');
    return isJsonObject(allowed) && allowed['mode'] === 'required' ? { type: 'required' } : undefined;
  }
  unsupported.add(isPresent(request.tool_choice) ? 'tool_choice' : 'function_call');
  return undefined;
}

/** A schema that is not given fits any object. Formats of other kinds (grammars) are left out, and named. */
function decodeResponseFormat(request: ChatRequest, unsupported: Set<string>): ResponseFormat | undefined {
  const format = request.response_format;
  if (!isPresent(format) || format['type'] === 'text') return undefined;
  if (format['type'] === 'json_object') return { type: 'json_object' };
  const wanted = format['json_schema'];
  if (format['type'] !== 'json_schema' || !isJsonObject(wanted)) {
    unsupported.add('response_format');
    return undefined;
  }
  const { name, description, schema, strict } = wanted;
  if (!isJsonObject(schema)) return { type: 'json_object' };
  return {
    type: 'json_schema',
    ...(typeof name === 'string' && name !== '' && { name }),
    ...(typeof description === 'string' && description !== '' && { description }),
    schema,
    ...(typeof strict === 'boolean' && { strict }),
  };
}

function decodeReasoning(request: ChatRequest, unsupported: Set<string>): ReasoningRequest | undefined {
  const effort = request.reasoning_effort;
  if (!isPresent(effort)) return undefined;
  if (isEffort(effort)) return { effort };
  unsupported.add('reasoning_effort');
  return undefined;
}

function isEffort(effort: string): effort is ReasoningRequest['effort'] & string {
  return EFFORTS.has(effort);
}

function nameUnsupportedFields(request: ChatRequest, unsupported: Set<string>): void {
  for (const name in request) {
    const value = request[name];
    if (value === null) continue;
    const fate = CHAT_FIELDS.get(name)?.fate;
    if (fate === undefined || (fate.kind === 'unsupported' && !fate.isNeutral(value))) unsupported.add(name);
  }
}
