import { NexusError } from '../../../errors/nexus-error.ts';
import type { CanonicalRequest, ToolDefinition } from '../../canonical/request.ts';
import { encodeContents } from './encode-contents.ts';
import { encodeResponseSchema, encodeToolSchema } from './schema.ts';
import { encodeThinking, thinksByLevel } from './thinking.ts';
import type { Content, FunctionCallingConfig, FunctionDeclaration, GenerateRequest, GenerationConfig } from './wire.ts';

/**
 * A canonical request → JSON text of a generateContent request. The model and whether to stream are said by the path.
 * Named in `dropped`: strict tools, calls one at a time, blank stop sequences, the class of service, no thinking where the
 * model cannot but think. Throws `invalid_request` for what cannot be said at all: no content, tool arguments that are not an object,
 * files at another vendor.
 */
export function encodeGenerateRequest(request: CanonicalRequest, dropped: string[]): string {
  try {
    return JSON.stringify(encodeBody(request, dropped));
  } catch (cause) {
    // Rewriting schemas and writing JSON recurse where reading JSON does not.
    if (NexusError.is(cause)) throw cause;
    throw new NexusError('invalid_request', 'The request is nested too deeply', { cause });
  }
}

function encodeBody(request: CanonicalRequest, dropped: string[]): GenerateRequest {
  const body: GenerateRequest = encodeConversation(request);
  if (request.tools.length > 0) {
    body.tools = [{ functionDeclarations: request.tools.map(encodeTool) }];
    if (request.tools.some((tool) => tool.strict === true)) dropped.push('tools.strict');
    const choice = encodeToolChoice(request);
    if (choice !== undefined) body.toolConfig = { functionCallingConfig: choice };
    if (request.parallelToolCalls === false) dropped.push('parallelToolCalls');
  }
  if (request.serviceTier !== undefined) dropped.push('serviceTier');
  const config = encodeGenerationConfig(request, dropped);
  if (Object.keys(config).length > 0) body.generationConfig = config;
  return body;
}

/** A caller may give instructions only; this format wants a user to have spoken, so they become what the user said. */
function encodeConversation(request: CanonicalRequest): GenerateRequest {
  const system = request.system.filter(({ text }) => text !== '').map(({ text }) => ({ text }));
  const contents: Content[] = encodeContents(request.turns, thinksByLevel(request.model));
  if (contents.length > 0) return { ...(system.length > 0 && { systemInstruction: { parts: system } }), contents };
  if (system.length > 0) return { contents: [{ role: 'user', parts: system }] };
  const message = "messages must hold some content: this model's provider does not answer to nothing";
  throw new NexusError('invalid_request', message, { param: 'messages' });
}

function encodeTool({ name, description, parameters }: ToolDefinition): FunctionDeclaration {
  return {
    name,
    ...(description && { description }),
    ...(parameters && { parametersJsonSchema: encodeToolSchema(parameters) }),
  };
}

function encodeToolChoice({ toolChoice }: CanonicalRequest): FunctionCallingConfig | undefined {
  switch (toolChoice?.type) {
    case undefined:
      return undefined;
    case 'auto':
      return { mode: 'AUTO' };
    case 'none':
      return { mode: 'NONE' };
    case 'required':
      return { mode: 'ANY' };
    case 'tool':
      return { mode: 'ANY', allowedFunctionNames: [toolChoice.name] };
  }
}

function encodeGenerationConfig(request: CanonicalRequest, dropped: string[]): GenerationConfig {
  const { maxTokens, temperature, topP, topK, seed, presencePenalty, frequencyPenalty, responseFormat } = request;
  const stop = request.stop?.filter((sequence) => sequence !== '');
  if (stop?.length !== request.stop?.length) dropped.push('stop');
  const thinkingConfig = encodeThinking(request, dropped);
  return {
    ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(topK !== undefined && { topK }),
    ...(stop && stop.length > 0 && { stopSequences: stop }),
    ...(seed !== undefined && { seed }),
    ...(presencePenalty !== undefined && { presencePenalty }),
    ...(frequencyPenalty !== undefined && { frequencyPenalty }),
    ...(request.logprobs && { responseLogprobs: true as const }),
    ...(request.logprobs && request.topLogprobs && { logprobs: request.topLogprobs }),
    ...(responseFormat && { responseMimeType: 'application/json' }),
    ...(responseFormat?.type === 'json_schema' && {
      responseJsonSchema: encodeResponseSchema(responseFormat.schema),
    }),
    ...(thinkingConfig && { thinkingConfig }),
  };
}
