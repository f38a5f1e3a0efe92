import type { JsonObject, ToolDefinition } from './request.ts';

/*
 * Tools of OpenAI's formats that other vendors do not know, as functions that they do: a custom tool takes free text, so
 * its function has one string, `input`; a tool of a namespace has the namespace in its name. Calls of them go back to the
 * client in the form it declared them.
 */

/** How the client knows a tool that its vendor knows as a function. */
export interface SpecialTool {
  /** Takes free text instead of arguments. */
  readonly isCustom: boolean;
  /** The client's name for it, where the function's differs. */
  readonly name: string;
  readonly namespace?: string;
}

/** By the name of the function. */
export type SpecialTools = ReadonlyMap<string, SpecialTool>;

export interface CustomTool {
  readonly name: string;
  readonly description?: string | undefined;
  /** What the text must look like. */
  readonly grammar?: { readonly syntax: string; readonly definition: string } | undefined;
}

/** A custom tool as a function. A grammar cannot be enforced there: it becomes advice. */
export function customFunction({ name, description, grammar }: CustomTool): ToolDefinition {
  const form = grammar && `The input must follow this ${grammar.syntax} grammar:\n${grammar.definition}`;
  return {
    name,
    ...(description && { description }),
    parameters: {
      type: 'object',
      properties: { input: { type: 'string', description: form ?? 'The text the tool is given.' } },
      required: ['input'],
      additionalProperties: false,
    },
    special: { isCustom: true, name },
  };
}

/** The function's name of a tool in a namespace. */
export function namespacedName(namespace: string, name: string): string {
  return `${namespace}__${name}`;
}

/** The same tool inside a namespace. */
export function inNamespace(namespace: string, tool: ToolDefinition): ToolDefinition {
  const special: SpecialTool = { isCustom: tool.special?.isCustom === true, name: tool.name, namespace };
  return { ...tool, name: namespacedName(namespace, tool.name), special };
}

/** Those among the tools that the client knows as something else; `undefined` when there are none. */
export function specialTools(tools: readonly ToolDefinition[]): SpecialTools | undefined {
  let special: Map<string, SpecialTool> | undefined;
  for (const tool of tools) {
    if (tool.special === undefined) continue;
    special ??= new Map();
    special.set(tool.name, tool.special);
  }
  return special;
}

/** Free text as the arguments of the function. */
export function customArguments(input: string): string {
  return JSON.stringify({ input });
}

/** The arguments of the function as free text: its `input`, or all of them where the model wrote something else. */
export function customInput(json: string): string {
  try {
    const { input } = JSON.parse(json) as JsonObject;
    return typeof input === 'string' ? input : json;
  } catch {
    return json;
  }
}
