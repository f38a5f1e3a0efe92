import type { JsonObject, ToolChoice, ToolDefinition } from '../../canonical/request.ts';
import { type CustomTool, customFunction, inNamespace, namespacedName } from '../../canonical/special-tool.ts';
import { isJsonObject } from '../json-object.ts';
import type { ResponsesRequest, ResponsesTool } from './wire.ts';

export interface Tools {
  readonly tools: readonly ToolDefinition[];
  readonly toolChoice?: ToolChoice;
}

/**
 * What the model may call, and whether it must: functions, and as functions custom tools and the tools of namespaces.
 * Tools of other kinds are left out and named: clients send them along with every request, whether the model needs them
 * or not.
 */
export function decodeTools(request: ResponsesRequest, unsupported: Set<string>): Tools {
  const tools: ToolDefinition[] = [];
  for (const [index, tool] of (request.tools ?? []).entries()) {
    const path = `tools[${index}]`;
    if (tool.type === 'namespace' && tool.name !== undefined) {
      for (const [at, inner] of (tool.tools ?? []).entries()) {
        const decoded = decodeTool(inner, `${path}.tools[${at}]`, unsupported);
        if (decoded !== undefined) tools.push(inNamespace(tool.name, decoded));
      }
      continue;
    }
    const decoded = decodeTool(tool, path, unsupported);
    if (decoded !== undefined) tools.push(decoded);
  }
  return choose(request.tool_choice, tools, unsupported);
}

function decodeTool(tool: ResponsesTool, path: string, unsupported: Set<string>): ToolDefinition | undefined {
  const { description, name, parameters, strict } = tool;
  if (tool.type === 'custom' && name !== undefined) {
    return customFunction({ name, description: description ?? undefined, grammar: grammarOf(tool.format) });
  }
  if (tool.type !== 'function' || name === undefined) {
    unsupported.add(`${path}.type`);
    return undefined;
  }
  return {
    name,
    ...(description && { description }),
    ...(parameters && { parameters }),
    ...(strict !== undefined && strict !== null && { strict }),
  };
}

function grammarOf(format: JsonObject | null | undefined): CustomTool['grammar'] {
  const { type, syntax, definition } = format ?? {};
  if (type !== 'grammar' || typeof syntax !== 'string' || typeof definition !== 'string') return undefined;
  return { syntax, definition };
}

/** A choice that cannot be said is left to the model, and named. */
function choose(choice: unknown, tools: readonly ToolDefinition[], unsupported: Set<string>): Tools {
  if (choice === undefined || choice === null) return { tools };
  if (choice === 'auto' || choice === 'none') return { tools, toolChoice: { type: choice } };
  if (choice === 'required' && tools.length > 0) return { tools, toolChoice: { type: choice } };
  if (isJsonObject(choice)) {
    const named = choice['type'] === 'function' || choice['type'] === 'custom' ? toolName(choice) : undefined;
    if (named !== undefined && tools.some((tool) => tool.name === named)) {
      return { tools, toolChoice: { type: 'tool', name: named } };
    }
    if (choice['type'] === 'allowed_tools' && Array.isArray(choice['tools'])) {
      const names = new Set<unknown>(choice['tools'].map((tool) => isJsonObject(tool) && toolName(tool)));
      const allowed = tools.filter((tool) => names.has(tool.name));
      const type = choice['mode'] === 'required' ? 'required' : 'auto';
      // Tools the model may not call need not be shown to it.
      if (allowed.length > 0) return { tools: allowed, toolChoice: { type } };
    }
  }
  unsupported.add('tool_choice');
  return { tools };
}

/** The function's name of the tool that a choice or an item names. */
function toolName({ name, namespace }: JsonObject): string | undefined {
  if (typeof name !== 'string') return undefined;
  return typeof namespace === 'string' && namespace !== '' ? namespacedName(namespace, name) : name;
}
