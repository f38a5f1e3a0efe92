import { NexusError } from '../../../errors/nexus-error.ts';
import type { CanonicalRequest, JsonObject, ToolDefinition } from '../../canonical/request.ts';
import type { Quirks } from '../quirks.ts';
import { encodeCacheMark } from './cache-mark.ts';
import { encodeContent, encodeText } from './content.ts';
import { encodeThinking, type Thinking } from './thinking.ts';
import type { MessageParam, MessagesRequest, OutputConfig, TextBlock, Tool, ToolChoice } from './wire.ts';

/**
 * A canonical request → JSON text of a Messages request. What the format cannot say is cut down or left out, and named
 * in `dropped`: temperatures above 1, blank stop sequences, penalties, seed, class of service, free JSON; while the model
 * thinks also sampling and a forced choice of tools. Throws `invalid_request` for what cannot be left out: no content,
 * tool arguments that are not an object, media of other kinds.
 */
export function encodeMessagesRequest(request: CanonicalRequest, dropped: string[], quirks?: Quirks): string {
  const thinking = encodeThinking(request, dropped, quirks);
  const stop = request.stop?.filter((sequence) => sequence.trim() !== '');
  if (stop?.length !== request.stop?.length) dropped.push('stop');
  for (const name of ['frequencyPenalty', 'presencePenalty'] as const) if (request[name]) dropped.push(name);
  for (const name of ['seed', 'logprobs', 'topLogprobs', 'serviceTier'] as const) {
    if (request[name] !== undefined) dropped.push(name);
  }
  const prompt = encodePrompt(request, thinking, dropped);
  const sampling = encodeSampling(request, thinking, dropped);
  // Members by name and none by spreading, as in decodeRequest of chat completions; JSON leaves out what is undefined.
  const body: MessagesRequest = {
    model: request.model,
    max_tokens: thinking.maxTokens,
    system: prompt.system,
    messages: prompt.messages,
    tools: prompt.tools,
    tool_choice: prompt.tool_choice,
    thinking: prompt.thinking,
    output_config: prompt.output_config,
    temperature: sampling.temperature,
    top_p: sampling.top_p,
    top_k: sampling.top_k,
    stop_sequences: stop && stop.length > 0 ? stop : undefined,
    metadata: request.user === undefined ? undefined : { user_id: request.user },
    stream: request.stream ? true : undefined,
  };
  return toJson(body);
}

/** What the model reads and counts: everything but limits, sampling and delivery. */
export function encodePrompt(
  request: CanonicalRequest,
  thinking: Thinking,
  dropped: string[],
): Pick<MessagesRequest, 'system' | 'messages' | 'tools' | 'tool_choice' | 'thinking' | 'output_config'> {
  const outputConfig = encodeOutputConfig(request, thinking, dropped);
  const choice = request.tools.length > 0 ? encodeToolChoice(request, thinking, dropped) : undefined;
  const { system, messages } = encodeConversation(request);
  return {
    system,
    messages,
    tools: request.tools.length > 0 ? request.tools.map(encodeTool) : undefined,
    tool_choice: choice,
    thinking: thinking.thinking,
    output_config: outputConfig,
  };
}

/** A model that thinks takes no temperature but 1, no `top_k`, and no `top_p` below 0.95. */
function encodeSampling(
  { temperature, topP, topK }: CanonicalRequest,
  { thinking }: Thinking,
  dropped: string[],
): Pick<MessagesRequest, 'temperature' | 'top_p' | 'top_k'> {
  const sampling: Pick<MessagesRequest, 'temperature' | 'top_p' | 'top_k'> = {
    temperature: undefined,
    top_p: undefined,
    top_k: undefined,
  };
  if (temperature !== undefined) {
    if (temperature > 1 || (thinking && temperature !== 1)) dropped.push('temperature');
    if (!thinking || temperature === 1) sampling.temperature = Math.min(temperature, 1);
  }
  if (topP !== undefined) {
    if (thinking && topP < 0.95) dropped.push('topP');
    else sampling.top_p = topP;
  }
  if (topK !== undefined) {
    if (thinking) dropped.push('topK');
    else sampling.top_k = topK;
  }
  return sampling;
}

/** A caller may give instructions only; this format wants a user to have spoken, so they become what the user said. */
function encodeConversation(request: CanonicalRequest): Pick<MessagesRequest, 'system' | 'messages'> {
  const system = encodeSystem(request);
  const messages: MessageParam[] = [];
  for (const turn of request.turns) {
    const content = encodeContent(turn.parts);
    if (content.length > 0) messages.push({ role: turn.role, content });
  }
  if (messages.length > 0) return { system: system.length > 0 ? system : undefined, messages };
  if (system.length > 0) return { system: undefined, messages: [{ role: 'user', content: system }] };
  const message = "messages must hold some content: this model's provider does not answer to nothing";
  throw new NexusError('invalid_request', message, { param: 'messages' });
}

/** One text, unless a cache mark stands between the parts. */
function encodeSystem({ system }: CanonicalRequest): string | TextBlock[] {
  if (system.some((part) => part.cache !== undefined)) {
    return system.map(encodeText).filter((block) => block !== undefined);
  }
  const text = system.map((part) => part.text).join('\n\n');
  return text.trim() === '' ? '' : text;
}

function encodeTool(tool: ToolDefinition): Tool {
  return {
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    input_schema: encodeSchema(tool.parameters),
    ...(tool.strict !== undefined && { strict: tool.strict }),
    ...encodeCacheMark(tool.cache),
  };
}

/** The root of a tool's schema must say that it is an object; the rest is carried as it came. */
function encodeSchema(parameters: JsonObject | undefined): JsonObject {
  if (parameters === undefined) return { type: 'object', properties: {} };
  return parameters['type'] === 'object' ? parameters : { ...parameters, type: 'object' };
}

/** A model that thinks decides by itself whether to call: to force it is refused. */
function encodeToolChoice(
  { toolChoice, parallelToolCalls }: CanonicalRequest,
  { thinking }: Thinking,
  dropped: string[],
): ToolChoice | undefined {
  const oneCall = parallelToolCalls === false ? ({ disable_parallel_tool_use: true } as const) : {};
  if (thinking && (toolChoice?.type === 'required' || toolChoice?.type === 'tool')) {
    dropped.push('toolChoice');
    return { type: 'auto', ...oneCall };
  }
  switch (toolChoice?.type) {
    case undefined:
      return parallelToolCalls === false ? { type: 'auto', ...oneCall } : undefined;
    case 'none':
      return { type: 'none' };
    case 'auto':
      return { type: 'auto', ...oneCall };
    case 'required':
      return { type: 'any', ...oneCall };
    case 'tool':
      return { type: 'tool', name: toolChoice.name, ...oneCall };
  }
}

/** An answer that is any JSON object has no counterpart here; one with a schema has. */
function encodeOutputConfig(
  { responseFormat }: CanonicalRequest,
  { effort }: Thinking,
  dropped: string[],
): OutputConfig | undefined {
  if (responseFormat?.type === 'json_object') dropped.push('responseFormat');
  const schema = responseFormat?.type === 'json_schema' ? responseFormat.schema : undefined;
  if (schema === undefined && effort === undefined) return undefined;
  return { ...(effort && { effort }), ...(schema && { format: { type: 'json_schema', schema } }) };
}

/** Writing JSON recurses where reading it does not: a request nested thousands of levels deep ends here. */
export function toJson(body: object): string {
  try {
    return JSON.stringify(body);
  } catch (cause) {
    throw new NexusError('invalid_request', 'The request is nested too deeply', { cause });
  }
}
