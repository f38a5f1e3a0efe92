import type { ToolChoice, ToolDefinition } from '../../canonical/request.ts';
import { isJsonObject } from '../json-object.ts';
import type { ResponsesRequest } from './wire.ts';

export interface Tools {
  readonly tools: readonly ToolDefinition[];
  readonly toolChoice?: ToolChoice;
}

/**
 * Functions the model may call, and whether it must. Tools of other kinds are left out and named: clients send them
 * along with every request, whether the model needs them or not.
 */
export function decodeTools(request: ResponsesRequest, unsupported: Set<string>): Tools {
  const tools: ToolDefinition[] = [];
  for (const [index, tool] of (request.tools ?? []).entries()) {
    if (tool.type !== 'function' || tool.name === undefined) {
      unsupported.add(`tools[${index}].type`);
      continue;
    }
    const { description, name, parameters, strict } = tool;
    tools.push({
      name,
      ...(description && { description }),
      ...(parameters && { parameters }),
      ...(strict !== undefined && strict !== null && { strict }),
    });
  }
  return choose(request.tool_choice, tools, unsupported);
}

/** A choice that cannot be said is left to the model, and named. */
function choose(choice: unknown, tools: readonly ToolDefinition[], unsupported: Set<string>): Tools {
  if (choice === undefined || choice === null) return { tools };
  if (choice === 'auto' || choice === 'none') return { tools, toolChoice: { type: choice } };
  if (choice === 'required' && tools.length > 0) return { tools, toolChoice: { type: choice } };
  if (isJsonObject(choice)) {
    const name = choice['type'] === 'function' ? choice['name'] : undefined;
    if (typeof name === 'string' && tools.some((tool) => tool.name === name)) {
      return { tools, toolChoice: { type: 'tool', name } };
    }
    if (choice['type'] === 'allowed_tools' && Array.isArray(choice['tools'])) {
      const names = new Set<unknown>(choice['tools'].map((tool) => isJsonObject(tool) && tool['name']));
      const allowed = tools.filter((tool) => names.has(tool.name));
      const type = choice['mode'] === 'required' ? 'required' : 'auto';
      // Tools the model may not call need not be shown to it.
      if (allowed.length > 0) return { tools: allowed, toolChoice: { type } };
    }
  }
  unsupported.add('tool_choice');
  return { tools };
}
