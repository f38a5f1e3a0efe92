import type {
  CanonicalRequest,
  JsonObject,
  ReasoningRequest,
  ResponseFormat,
  ToolChoice,
  ToolDefinition,
} from '../../canonical/request.ts';
import { isAbsent } from '../field-check.ts';
import type { Address } from '../protocol.ts';
import { decodeCacheMark } from './cache-mark.ts';
import { decodeConversation } from './conversation.ts';
import { untranslatable } from './decode-content.ts';
import { MESSAGES_FIELDS } from './fields.ts';
import { threadRefused } from './thread.ts';
import type { ClientRequest } from './wire.ts';

const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const;

/** Members of a tool with a canonical form, or (`eager_input_streaming`) about delivery alone. */
const TOOL_MEMBERS = new Set([
  'type',
  'name',
  'description',
  'input_schema',
  'strict',
  'cache_control',
  'eager_input_streaming',
]);

/** What a validated body is addressed to; this format always has usage in its streams. */
export function addressOf(body: JsonObject): Address {
  const request = body as ClientRequest;
  return { model: request.model, stream: request.stream === true, streamUsage: true };
}

/**
 * A validated Messages request → its canonical form. Throws `invalid_request` where leaving something out would change
 * what the caller asked for: tools that Anthropic defines or runs, what they left in the conversation, and threads.
 */
export function decodeMessagesRequest(body: JsonObject, address: Address): CanonicalRequest {
  const request = body as ClientRequest;
  if (!isAbsent(request['thread'])) throw threadRefused();
  const unsupported = new Set<string>();
  const { system, turns } = decodeConversation(request, unsupported);
  const tools = decodeTools(request, unsupported);
  const choice = request.tool_choice;
  const toolChoice = decodeToolChoice(request, unsupported);
  const parallel = choice?.disable_parallel_tool_use;
  const responseFormat = decodeResponseFormat(request, unsupported);
  const reasoning = decodeReasoning(request, unsupported);
  const user = request.metadata?.user_id;
  nameUnsupportedFields(request, unsupported);
  return {
    model: address.model,
    system,
    turns,
    tools,
    ...(toolChoice && { toolChoice }),
    ...(!isAbsent(parallel) && { parallelToolCalls: !parallel }),
    ...(!isAbsent(request.max_tokens) && { maxTokens: request.max_tokens }),
    ...(!isAbsent(request.temperature) && { temperature: request.temperature }),
    ...(!isAbsent(request.top_p) && { topP: request.top_p }),
    ...(!isAbsent(request.top_k) && { topK: request.top_k }),
    ...(request.stop_sequences && request.stop_sequences.length > 0 && { stop: request.stop_sequences }),
    ...(responseFormat && { responseFormat }),
    ...(reasoning && { reasoning }),
    ...(user && { user }),
    stream: address.stream,
    unsupported: [...unsupported],
  };
}

function decodeTools({ tools }: ClientRequest, unsupported: Set<string>): ToolDefinition[] {
  return (tools ?? []).map((tool, index) => {
    if (!isAbsent(tool.type) && tool.type !== 'custom') {
      throw untranslatable(`tools[${index}].type`, 'tools that Anthropic defines');
    }
    for (const member in tool) {
      if (!TOOL_MEMBERS.has(member) && !isAbsent(tool[member])) unsupported.add(`tools.${member}`);
    }
    return {
      name: tool.name,
      ...(tool.description && { description: tool.description }),
      ...(tool.input_schema && { parameters: tool.input_schema }),
      ...(!isAbsent(tool.strict) && { strict: tool.strict }),
      ...decodeCacheMark(tool.cache_control),
    };
  });
}

function decodeToolChoice({ tool_choice: choice }: ClientRequest, unsupported: Set<string>): ToolChoice | undefined {
  switch (choice?.type) {
    case undefined:
      return undefined;
    case 'auto':
    case 'none':
      return { type: choice.type };
    case 'any':
      return { type: 'required' };
    case 'tool':
      return { type: 'tool', name: choice.name ?? '' };
    default:
      unsupported.add('tool_choice');
      return undefined;
  }
}

/** `output_format` is the older name of `output_config.format`. */
function decodeResponseFormat(request: ClientRequest, unsupported: Set<string>): ResponseFormat | undefined {
  const isOlder = isAbsent(request.output_config?.format);
  const format = isOlder ? request.output_format : request.output_config?.format;
  if (isAbsent(format)) return undefined;
  if (format.type === 'json_schema' && format.schema !== undefined)
    return { type: 'json_schema', schema: format.schema };
  unsupported.add(isOlder ? 'output_format' : 'output_config.format');
  return undefined;
}

/** `output_config.effort` counts without `thinking` as well. */
function decodeReasoning(request: ClientRequest, unsupported: Set<string>): ReasoningRequest | undefined {
  const { thinking, output_config: config } = request;
  for (const member in config) {
    const isKnown = member === 'effort' || member === 'format';
    if (!isKnown && !isAbsent(config[member])) unsupported.add(`output_config.${member}`);
  }
  const effort = EFFORTS.find((known) => known === config?.effort);
  if (effort === undefined && !isAbsent(config?.effort)) unsupported.add('output_config.effort');
  const measure = effort && { effort };
  switch (thinking?.type) {
    case undefined:
      return measure;
    case 'enabled':
    case 'adaptive': {
      const budget = thinking.type === 'enabled' ? thinking.budget_tokens : undefined;
      const how = budget === undefined ? { adaptive: true } : { budget };
      return { ...measure, ...how, visible: thinking.display !== 'omitted' };
    }
    case 'disabled':
      if (effort !== undefined) unsupported.add('output_config.effort');
      return { effort: 'none' };
    default:
      unsupported.add('thinking');
      return measure;
  }
}

function nameUnsupportedFields(request: ClientRequest, unsupported: Set<string>): void {
  for (const name in request) {
    const value = request[name];
    if (value === null) continue;
    const fate = MESSAGES_FIELDS.get(name)?.fate;
    if (fate === undefined || (fate.kind === 'unsupported' && !fate.isNeutral(value))) unsupported.add(name);
  }
}
