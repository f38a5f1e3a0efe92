import { NexusError } from '../../../errors/nexus-error.ts';
import type { CanonicalRequest, JsonObject, ToolDefinition } from '../../canonical/request.ts';
import { encodeContent } from './content.ts';
import type { MessageParam, MessagesRequest, Tool, ToolChoice } from './wire.ts';

/** The format demands a limit; this one holds when the caller named none. */
export const DEFAULT_MAX_TOKENS = 4096;

/**
 * A canonical request → JSON text of a Messages request. A temperature above 1 and blank stop sequences, which the
 * format refuses, are cut down and named in `dropped`. Throws `invalid_request` for what cannot be said at all: no
 * content, tool arguments that are not an object, images of other kinds.
 */
export function encodeMessagesRequest(request: CanonicalRequest, dropped: string[]): string {
  const stop = request.stop?.filter((sequence) => sequence.trim() !== '');
  if (stop?.length !== request.stop?.length) dropped.push('stop');
  const { temperature, topP } = request;
  if (temperature !== undefined && temperature > 1) dropped.push('temperature');
  const body: MessagesRequest = {
    model: request.model,
    max_tokens: request.maxTokens ?? DEFAULT_MAX_TOKENS,
    ...encodeConversation(request),
    ...(temperature !== undefined && { temperature: Math.min(temperature, 1) }),
    ...(topP !== undefined && { top_p: topP }),
    ...(stop && stop.length > 0 && { stop_sequences: stop }),
    ...(request.user !== undefined && { metadata: { user_id: request.user } }),
    ...(request.stream && { stream: true }),
  };
  if (request.tools.length > 0) {
    body.tools = request.tools.map(encodeTool);
    const choice = encodeToolChoice(request);
    if (choice) body.tool_choice = choice;
  }
  return toJson(body);
}

/** A caller may give instructions only; this format wants a user to have spoken, so they become what the user said. */
function encodeConversation(request: CanonicalRequest): Pick<MessagesRequest, 'system' | 'messages'> {
  const system = request.system.join('\n\n');
  const hasSystem = system.trim() !== '';
  const messages: MessageParam[] = [];
  for (const turn of request.turns) {
    const content = encodeContent(turn.parts);
    if (content.length > 0) messages.push({ role: turn.role, content });
  }
  if (messages.length > 0) return { ...(hasSystem && { system }), messages };
  if (hasSystem) return { messages: [{ role: 'user', content: system }] };
  const message = "messages must hold some content: this model's provider does not answer to nothing";
  throw new NexusError('invalid_request', message, { param: 'messages' });
}

function encodeTool(tool: ToolDefinition): Tool {
  return {
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    input_schema: encodeSchema(tool.parameters),
    ...(tool.strict !== undefined && { strict: tool.strict }),
  };
}

/** The root of a tool's schema must say that it is an object; the rest is carried as it came. */
function encodeSchema(parameters: JsonObject | undefined): JsonObject {
  if (parameters === undefined) return { type: 'object', properties: {} };
  return parameters['type'] === 'object' ? parameters : { ...parameters, type: 'object' };
}

function encodeToolChoice({ toolChoice, parallelToolCalls }: CanonicalRequest): ToolChoice | undefined {
  const oneCall = parallelToolCalls === false ? ({ disable_parallel_tool_use: true } as const) : {};
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

/** Writing JSON recurses where reading it does not: a request nested thousands of levels deep ends here. */
function toJson(body: MessagesRequest): string {
  try {
    return JSON.stringify(body);
  } catch (cause) {
    throw new NexusError('invalid_request', 'The request is nested too deeply', { cause });
  }
}
