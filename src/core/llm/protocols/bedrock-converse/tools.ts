import type { CanonicalRequest, JsonObject, ToolDefinition } from '../../canonical/request.ts';
import { encodeMark } from './content.ts';
import { canForce, type ModelFamily, takesCacheMarks } from './model-family.ts';
import type { ToolChoice, ToolConfig, ToolSpec } from './wire.ts';

const EMPTY: Record<string, never> = {};

/** Said to a model that must not call and yet must be shown its tools. */
export const NO_CALLS = 'Answer without calling any tool.';

export interface Tools {
  readonly toolConfig?: ToolConfig;
  /** The caller wants no calls, and the tools are there all the same: the model has to be told. */
  readonly forbidden: boolean;
}

/**
 * Declarations and choice. The format demands the declarations as soon as the conversation holds a call: then they stay
 * although the caller forbids calls, and are made up from the history where the caller gives none. A choice the model's
 * vendor does not know, and the wish for one call at a time, are named in `dropped`; so is a forced choice of a model
 * that thinks, which decides by itself.
 */
export function encodeTools(request: CanonicalRequest, family: ModelFamily, thinks: boolean, dropped: string[]): Tools {
  const { tools, toolChoice, parallelToolCalls } = request;
  const called = calledTools(request);
  const unwanted = tools.length === 0 || toolChoice?.type === 'none';
  if (unwanted && called.size === 0) return { forbidden: false };
  const declared: readonly ToolDefinition[] = tools.length > 0 ? tools : [...called].map((name) => ({ name }));
  const specs: ToolConfig['tools'] = [];
  for (const tool of declared) {
    specs.push(encodeTool(tool));
    if (tool.cache !== undefined && takesCacheMarks(family, 'tools')) specs.push(encodeMark(tool.cache));
  }
  if (unwanted) return { toolConfig: { tools: specs }, forbidden: true };
  if (parallelToolCalls === false) dropped.push('parallelToolCalls');
  const choice = encodeChoice(toolChoice, family, thinks, dropped);
  return { toolConfig: { tools: specs, ...(choice && { toolChoice: choice }) }, forbidden: false };
}

function calledTools({ turns }: CanonicalRequest): Set<string> {
  const names = new Set<string>();
  for (const { parts } of turns) for (const part of parts) if (part.type === 'tool_call') names.add(part.name);
  return names;
}

function encodeTool({ name, description, parameters, strict }: ToolDefinition): ToolSpec {
  return {
    toolSpec: {
      name,
      ...(description !== undefined && description.trim() !== '' && { description }),
      inputSchema: { json: encodeSchema(parameters) },
      ...(strict === true && { strict }),
    },
  };
}

/** The root of a tool's schema must say that it is an object; the rest is carried as it came. */
function encodeSchema(parameters: JsonObject | undefined): JsonObject {
  if (parameters === undefined) return { type: 'object', properties: {} };
  return parameters['type'] === 'object' ? parameters : { ...parameters, type: 'object' };
}

function encodeChoice(
  choice: CanonicalRequest['toolChoice'],
  family: ModelFamily,
  thinks: boolean,
  dropped: string[],
): ToolChoice | undefined {
  if (choice === undefined || choice.type === 'none') return undefined;
  if (choice.type === 'auto') return { auto: EMPTY };
  if (thinks || !canForce(family, choice.type)) {
    dropped.push('toolChoice');
    return { auto: EMPTY };
  }
  return choice.type === 'tool' ? { tool: { name: choice.name } } : { any: EMPTY };
}
